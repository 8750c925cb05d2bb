package tunnelconn

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/wire"
)

func TestHandshakesOfAProcessKeepTheirPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, quota = 200, 10
		shared := NewShared()
		begun := time.Now()
		turns := make(chan time.Time, clients)
		for range clients {
			go func() {
				if err := shared.handshakes.wait(t.Context()); err != nil {
					t.Error(err)
				}
				turns <- time.Now()
			}()
		}
		var came []time.Time
		for range clients {
			came = append(came, <-turns)
		}
		for i := range came {
			if i >= quota && came[i].Sub(came[i-quota]) < time.Second {
				t.Errorf("number %d begins %v after the tenth before it", i, came[i].Sub(came[i-quota]))
			}
		}
		if first, last := came[handshakesPerSecond-1].Sub(begun), came[clients-1].Sub(begun); first > 0 || last > 25*time.Second {
			t.Errorf("the first few have waited %v, the last %v", first, last)
		}
		time.Sleep(time.Minute)
		if turn := shared.handshakes.reserve(time.Now()); turn.After(time.Now()) {
			t.Errorf("after a minute of rest a single one waits %v", time.Until(turn))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := shared.handshakes.wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("wait = %v at the end of its context", err)
		}
	})
}

func TestManagersLocalProxiesShareThePace(t *testing.T) {
	m := NewManager()
	defer m.Close()
	var used *Shared
	for _, key := range []string{"one", "two"} {
		r := newRelay(t, "SSH")
		s, err := m.StartSource(key, SourceConfig{Link: r.link(RoleSource)})
		if err != nil {
			t.Fatal(err)
		}
		if used != nil && s.uplink.link.Shared != used {
			t.Error("two local proxies of a manager have a pace each")
		}
		used = s.uplink.link.Shared
	}
}

func TestBudgetOfATunnelLeavesEachQueueItsFloor(t *testing.T) {
	for name, fill := range map[string]func(*budget){
		"of the tunnel":  func(b *budget) { b.add(tunnelBudget) },
		"of the process": func(b *budget) { b.process.queued.Add(processBudget) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &budget{process: NewShared()}
				fill(b)
				in := newInbox(newBuffers(), b)
				push := func() bool { return in.push(make([]byte, wire.MaxPayload), time.Second, func() bool { return true }) }
				if push() {
					t.Error("one message is too many")
				}
				overflowed := make(chan bool, 1)
				go func() { overflowed <- push() }()
				time.Sleep(900 * time.Millisecond)
				synctest.Wait()
				if len(overflowed) > 0 {
					t.Error("a second message did not wait")
				}
				if chunk, _ := in.next(); chunk != nil {
					in.done(chunk) // What moves is waited for, and then there is room.
				}
				if <-overflowed {
					t.Error("one that takes its data is reset")
				}
				if !push() {
					t.Error("one that takes nothing is waited for")
				}
				before := b.queued.Load()
				in.abort()
				if freed := before - b.queued.Load(); freed != wire.MaxPayload || in.pending() != 0 {
					t.Errorf("%d bytes are given back, and %d stay", freed, in.pending())
				}
			})
		})
	}
}

func TestManyStalledReadersStayWithinTheBudget(t *testing.T) {
	const readers = 12 // 48 MiB, if each might have its limit.
	r := newRelay(t, "BULK", "KEYS")
	r.destination(Auto, map[string]string{
		"BULK": application(t, func(conn net.Conn) { pour(conn) }), "KEYS": application(t, echo),
	})
	quick := standardTiming()
	quick.grace = time.Minute // Nobody is reset before all is full.
	s := r.sourceOf(Auto, quick, "BULK", "KEYS")
	for range readers {
		dial(t, s, "BULK")
	}
	eventually(t, "the budget is spent", func() bool { return s.uplink.budget.queued.Load() > tunnelBudget-wire.MaxPayload })
	if queued := s.uplink.budget.queued.Load(); queued > tunnelBudget+readers*inboxFloor {
		t.Errorf("%d bytes wait", queued)
	}
}
