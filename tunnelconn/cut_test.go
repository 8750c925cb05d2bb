package tunnelconn

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
)

// breakable puts a network that can be broken between each side and the relay, over real sockets.
func (r *relay) breakable() [2]*faultproxy.Proxy {
	r.t.Helper()
	var nets [2]*faultproxy.Proxy
	for role := range nets {
		front, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			r.t.Fatal(err)
		}
		nets[role] = faultproxy.New(1, func(ctx context.Context) (net.Conn, error) {
			return dialService(ctx, "tcp", r.listener.Addr().String())
		})
		nets[role].Serve(front)
		r.t.Cleanup(nets[role].Close)
		r.dial[role] = dialerTo(front.Addr().String())
	}
	return nets
}

func TestT01CutAtAnyByteLeavesAPrefixAndAReset(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { cutAnywhere(t, seed) })
	}
}

func TestLongT01ThousandCuts(t *testing.T) {
	long(t)
	for seed := range uint64(1000) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { cutAnywhere(t, 1000+seed) })
	}
}

// cutAnywhere runs a transfer in both directions and breaks one of the two links at a random byte. What each end got has
// to be a prefix of what the other sent, and its end a reset; nothing may be left.
func cutAnywhere(t *testing.T, seed uint64) {
	nothingLeft(t)
	random := rand.New(rand.NewPCG(seed, 0))
	const endless = 1 << 40
	r := newRelay(t, "SSH")
	nets := r.breakable()
	d := r.destination(Auto, map[string]string{"SSH": application(t, func(conn net.Conn) {
		mustBeCut(t, conn, noise(seed+1, endless), noise(seed, endless))
	})})
	s := r.source("SSH")
	stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	r.side(RoleSource)
	cut, way, after := random.IntN(2), faultproxy.Way(random.IntN(2)), random.Int64N(mebibyte)
	nets[cut].CutAfter(way, after, faultproxy.Reset)
	conn := dial(t, s, "SSH")
	var group sync.WaitGroup
	group.Go(func() { mustBeCut(t, conn, noise(seed, endless), noise(seed+1, endless)) })
	eventually(t, "the link is lost", func() bool { return s.Status().Reconnects+d.Status().Reconnects > 0 })
	// Whoever was not told by the loss of its own link learns it from the end of the proxies.
	closeProxy(t, s)
	closeProxy(t, d)
	group.Wait()
}

func TestT02NewConnectionWorksAQuarterSecondAfterACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
		for _, way := range []faultproxy.Way{faultproxy.Up, faultproxy.Down} {
			m.net[RoleSource].Set(way, faultproxy.Faults{Latency: 20 * time.Millisecond})
		}
		s := m.sourceOf(Auto, standardTiming())
		var took []time.Duration
		for i := range 40 {
			// What lasted is worth coming back to at once; what did not is approached with more care.
			time.Sleep(time.Minute)
			m.net[RoleSource].CutNow(faultproxy.Reset)
			cut := time.Now()
			stateIs(t, s, "lost", func(s Status) bool { return s.State == Reconnecting })
			conn := attach(s, "SSH")
			roundTrip(t, conn, uint64(i), 10)
			took = append(took, time.Since(cut))
			_ = conn.finish()
		}
		slices.Sort(took)
		if p50, slowest := took[len(took)/2], took[len(took)-1]; p50 > 250*time.Millisecond || slowest > time.Second {
			t.Errorf("the first echo after a cut, at a round trip of 40 ms: p50 %v, the slowest %v; want 250 ms and 1 s", p50, slowest)
		}
		if n := s.Status().Reconnects; n != len(took) {
			t.Errorf("%d reconnects, %+v", n, s.Status())
		}
	})
}

func TestT26ForcedReconnectsLeaveNothing(t *testing.T)   { reconnects(t, 20) }
func TestLongT26TwoHundredForcedReconnects(t *testing.T) { long(t); reconnects(t, 200) }

// reconnects cuts the link so many times in a row, as soon as it is up, while connections come and go.
func reconnects(t *testing.T, times int) {
	nothingLeft(t)
	r := newRelay(t, "SSH")
	nets := r.breakable()
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	quick := standardTiming()
	quick.healthy = 0
	s := r.sourceOf(Auto, quick, "SSH")
	var before uint64
	for i := range times {
		roundTrip(t, dial(t, s, "SSH"), uint64(i), 10000)
		if i == times/2 {
			before = memoryInUse()
		}
		nets[RoleSource].CutNow(faultproxy.Reset)
		stateIs(t, s, "back", func(s Status) bool { return s.State == Connected && s.Reconnects == i+1 })
	}
	roundTrip(t, dial(t, s, "SSH"), 1, mebibyte)
	if after := memoryInUse(); before > 0 && after > before+before/4+4*mebibyte {
		t.Errorf("memory grew from %d to %d in the second half", before, after)
	}
}

func TestT26MinutesWithACutEach(t *testing.T) { day(t, 4*time.Minute) }

func TestLongT26ADayWithACutEachMinute(t *testing.T) {
	long(t)
	day(t, 24*time.Hour)
}

// day is so much of one, by the clock of a bubble, with a cut each minute while twenty connections come and go.
func day(t *testing.T, length time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
		s := m.sourceOf(V3, standardTiming())
		random := rand.New(rand.NewPCG(26, 0))
		over := time.Now().Add(length)
		var group sync.WaitGroup
		for i := range uint64(20) {
			pace := time.Duration(random.IntN(20)+10) * time.Second
			group.Go(func() {
				for round := i; time.Now().Before(over); round += 20 {
					conn := attach(s, "SSH")
					// A cut may come at any byte of it, and must leave a prefix.
					mustEcho(t, conn, round, 20000)
					_ = conn.finish()
					time.Sleep(pace)
				}
			})
		}
		var half uint64
		for minute := 0; time.Now().Before(over); minute++ {
			time.Sleep(time.Minute)
			m.net[RoleSource].CutNow(faultproxy.Reset)
			m.mu.Lock()
			m.ever, m.seen, m.requests = nil, nil, nil // The relay's memory is not what is measured.
			m.mu.Unlock()
			if time.Until(over) < length/2 && half == 0 {
				half = memoryInUse()
			}
		}
		group.Wait()
		if now := memoryInUse(); now > half+half/4+8*mebibyte {
			t.Errorf("memory grew from %d to %d in the second half", half, now)
		}
		if status := s.Status(); status.Services[0].Live != 0 || status.Reconnects < int(length/time.Minute)-1 {
			t.Errorf("status %+v", status)
		}
	})
}

// mustEcho sends bytes to an echo, and checks that a prefix of them comes back: all of them, or an end that is a reset.
func mustEcho(t *testing.T, conn net.Conn, seed uint64, size int64) {
	var group sync.WaitGroup
	group.Go(func() { _, _ = io.Copy(conn, noise(seed, size)) })
	err := comparePrefix(conn, noise(seed, size), size)
	if err != nil && !isResetError(err) {
		t.Errorf("an echo ended with %v", err)
	}
	group.Wait()
}
