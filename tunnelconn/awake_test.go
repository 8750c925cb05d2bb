package tunnelconn

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
)

// sleeper is a clock on the wall that jumps, as it seems to when the machine sleeps.
type sleeper struct{ slept atomic.Int64 }

func (s *sleeper) sleep(d time.Duration) { s.slept.Add(int64(d)) }

func (s *sleeper) timing() timing {
	t := standardTiming()
	t.wall = func() time.Time { return time.Now().Round(0).Add(time.Duration(s.slept.Load())) }
	return t
}

func TestT05WakeInTheMiddleOfAWaitTriesAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		retryAfter, slept time.Duration
		// The next attempt comes between soonest and latest after the jump.
		soonest, latest time.Duration
	}{
		"of a back-off":                           {slept: 10 * time.Minute, latest: 2 * time.Second},
		"of a wait that the service asked for":    {retryAfter: time.Minute, slept: 10 * time.Minute, latest: 2 * time.Second},
		"of a wait that is longer than the sleep": {retryAfter: time.Minute, slept: 20 * time.Second, soonest: 36 * time.Second, latest: 38 * time.Second},
		"set back, which is no sleep":             {retryAfter: time.Minute, slept: -time.Hour, soonest: 56 * time.Second, latest: 58 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryRelay(t, "SSH")
				asked := make(chan time.Time, 1000)
				m.refuse = func(int) (int, http.Header, string) {
					asked <- time.Now()
					return http.StatusServiceUnavailable, http.Header{"Retry-After": {strconv.Itoa(int(c.retryAfter.Seconds()))}}, "later"
				}
				var machine sleeper
				m.sourceOf(Auto, machine.timing())
				for range 5 { // A back-off may be short by chance.
					for last := <-asked; time.Since(last) < 3*time.Second; {
						select {
						case last = <-asked:
						case <-time.After(3 * time.Second):
						}
					}
					jumped := time.Now()
					machine.sleep(c.slept)
					if took := (<-asked).Sub(jumped); took < c.soonest || took > c.latest {
						t.Errorf("tried %v after the jump", took)
					}
				}
			})
		})
	}
}

func TestT05WakeEndsAHandshakeThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.net[RoleSource].Set(faultproxy.Up, faultproxy.Faults{Flow: faultproxy.Swallow})
		var machine sleeper
		s := m.sourceOf(Auto, machine.timing())
		time.Sleep(3 * time.Second)
		m.net[RoleSource].Set(faultproxy.Up, faultproxy.Faults{}) // The network that the machine wakes up in.
		machine.sleep(8 * time.Hour)
		jumped := time.Now()
		stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
		if took := time.Since(jumped); took > 2*time.Second {
			t.Errorf("connected %v after the jump", took)
		}
	})
}
