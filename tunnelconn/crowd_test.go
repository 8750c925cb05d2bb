package tunnelconn

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/token"
)

// Two hundred local proxies of a process lose the service for half a minute. When it is back, they are back within 25 s, and
// at no time has it had to bear more than the ten handshakes a second of an account's quota.
func TestT03TwoHundredClientsAreBackWithinTheQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, quota, away = 200, 10, 30 * time.Second
		m := newMemoryRelay(t, "SSH")
		m.crowd = true
		var (
			mu    sync.Mutex
			begun []time.Time
			gone  bool
		)
		m.refuse = func(int) (int, http.Header, string) {
			mu.Lock()
			defer mu.Unlock()
			begun = append(begun, time.Now())
			if gone {
				return http.StatusServiceUnavailable, nil, "away"
			}
			return 0, nil, ""
		}
		shared := NewShared()
		sources := make([]*Source, clients)
		for i := range sources {
			link := m.link(RoleSource)
			link.AccessToken, link.Shared = token.New(fmt.Sprintf("secret-access-token-number-%d", i)), shared
			s, err := StartSource(SourceConfig{Link: link})
			if err != nil {
				t.Fatal(err)
			}
			defer closeProxy(t, s)
			sources[i] = s
		}
		connected := func() {
			for _, s := range sources {
				stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
			}
		}
		connected()
		mu.Lock()
		gone = true
		mu.Unlock()
		m.net[RoleSource].CutNow(faultproxy.Reset)
		time.Sleep(away)
		mu.Lock()
		gone = false
		mu.Unlock()
		back := time.Now()
		connected()
		took := time.Since(back)
		t.Logf("the last is back after %v", took)
		if took > 25*time.Second {
			t.Error("that is too long")
		}
		mu.Lock()
		defer mu.Unlock()
		for i := quota; i < len(begun); i++ {
			if span := begun[i].Sub(begun[i-quota]); span < time.Second {
				t.Errorf("%d handshakes within %v", quota+1, span)
			}
		}
	})
}
