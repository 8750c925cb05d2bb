package fleet

import (
	"fmt"
	"math/rand/v2"
)

// Generated is a fleet of n things: those of Demo first, then as many more as it takes. The same seed makes the same
// names and the same tempers: of the further things about one in sixteen each is offline, slow or old.
func Generated(n int, seed uint64) []Thing {
	things := make([]Thing, 0, max(n, 0))
	for _, thing := range Demo() {
		if len(things) >= n {
			return things
		}
		things = append(things, thing)
	}
	kinds := []string{"pump", "gate", "cam", "valve", "meter", "tank", "edge-router", "boiler"}
	dice := rand.New(rand.NewPCG(seed, 0))
	for len(things) < n {
		// Numbers start above those of Demo, so that no name comes twice.
		thing := Thing{Name: fmt.Sprintf("%s-%d", kinds[dice.IntN(len(kinds))], 100+len(things))}
		switch dice.IntN(16) {
		case 0:
			thing.Offline = true
		case 1:
			thing.Slow = true
		case 2:
			thing.OldProtocol = true
		}
		things = append(things, thing)
	}
	return things
}
