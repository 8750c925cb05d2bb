package tunnelconn

import (
	"math"
	"testing"
	"testing/synctest"

	"adit/tunnelconn/wire"
)

func TestT16StreamIDsGoOnFromOneBehindTheLargest(t *testing.T) {
	s := new(Source)
	s.state.stream = math.MaxInt32 - 1
	for _, want := range []int32{math.MaxInt32, 1, 2} {
		if got := s.nextStream(); got != want {
			t.Errorf("stream %d, want %d", got, want)
		}
	}
}

func TestT16ConnectionIDsGoOnBehindTheLargestAndKeepClearOfThoseInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
		s := m.sourceOf(V3, standardTiming())
		first := attach(s, "SSH")
		roundTrip(t, first, 1, 100)
		s.state.current.lastID["SSH"] = math.MaxUint32 - 1
		second, third := attach(s, "SSH"), attachAfter(t, s, "SSH")
		roundTrip(t, second, 2, 100)
		roundTrip(t, third, 3, 100)
		roundTrip(t, first, 4, 100)
		var ids []uint32
		for _, message := range m.messages() {
			if message.Type == wire.StreamStart || message.Type == wire.ConnectionStart {
				ids = append(ids, message.ConnectionID)
			}
		}
		// 0 is none, and 1 is in use.
		if len(ids) != 3 || ids[0] != 1 || ids[1] != math.MaxUint32 || ids[2] != 2 {
			t.Errorf("connections %v", ids)
		}
		for _, conn := range []attached{first, second, third} {
			_ = conn.finish()
		}
	})
}

// attachAfter attaches when everything before has settled.
func attachAfter(t *testing.T, s *Source, service string) attached {
	t.Helper()
	synctest.Wait()
	return attach(s, service)
}
