package tunnelconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/cork"
)

func TestLinkIsSilentOnlyAfterSilenceThatMeansSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 40 * time.Second
		l := &liveness{begun: time.Now()}
		life := l.listen(bytes.NewReader(make([]byte, 100)))
		time.Sleep(time.Second)
		l.pinged()
		time.Sleep(time.Hour)
		if l.silent(limit) {
			t.Error("silent, though no ping was ever answered")
		}
		l.ponged.Store(true)
		if !l.silent(limit) {
			t.Error("not silent after an hour of silence")
		}
		if _, err := life.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if l.silent(limit) {
			t.Error("silent right after a byte")
		}
		time.Sleep(time.Hour)
		if l.silent(limit) {
			t.Error("silent, though nothing was asked")
		}
		l.pinged()
		time.Sleep(limit - 1)
		if l.silent(limit) {
			t.Error("silent before its time")
		}
		time.Sleep(1)
		l.busy.Store(true)
		if l.silent(limit) {
			t.Error("silent while we do not read")
		}
		l.busy.Store(false)
		if l.silent(limit) {
			t.Error("silent right after we did not read")
		}
	})
}

// watched is a session over a pipe, whose far end answers pings as long as it is told to and takes everything.
type watched struct {
	*session
	mute  atomic.Bool
	trips []time.Duration // read only when it is over
	dead  chan error
	end   func()
}

// watch begins to keep a session alive. The end of the test's bubble needs end.
func watch(t *testing.T, change func(*session)) *watched {
	t.Helper()
	near, far := net.Pipe()
	network := cork.New(near)
	w := &watched{dead: make(chan error, 1)}
	w.session = newSession(&handshaken{raw: near, conn: network, network: network, source: near}, newBuffers(), standardTiming(),
		slog.New(slog.DiscardHandler), func(trip time.Duration) { w.trips = append(w.trips, trip) })
	change(w.session)
	over, stop := context.WithCancel(context.Background())
	kept, written, answered := make(chan struct{}), make(chan error), make(chan struct{})
	go func() {
		w.dead <- w.keepAlive(over)
		close(kept)
	}()
	go func() { written <- w.out.run() }()
	go func() {
		defer close(answered)
		for {
			h, err := ws.ReadHeader(far)
			if err != nil {
				return
			}
			payload := make([]byte, h.Length)
			if _, err := io.ReadFull(far, payload); err != nil {
				return
			}
			if ws.Cipher(payload, h.Mask, 0); h.OpCode == ws.OpPing && !w.mute.Load() {
				w.liveness.asked.Store(0)
				w.liveness.heard.Add(1)
				w.pong(payload)
			}
		}
	}()
	w.end = func() {
		stop()
		<-kept
		w.out.stop()
		near.Close()
		far.Close()
		<-written
		<-answered
	}
	return w
}

// kernels are what the kernel may say of a link from a moment on.
var (
	// The other machine is gone: what is sent again has no answer.
	unacknowledging = func(since time.Duration) delivery {
		return delivery{acked: 1000, owed: true, sentAgo: since % (2 * time.Second), ackedAgo: since}
	}
	// Bytes come down, which acknowledge nothing new: what is sent is lost.
	repeating = func(since time.Duration) delivery {
		return delivery{acked: 1000, owed: true, sentAgo: since % (4 * time.Second), ackedAgo: since % (3 * time.Second), trip: 40 * time.Millisecond}
	}
	// A machine without room, which answers each try.
	full = func(since time.Duration) delivery {
		again := since % (2 * time.Second)
		return delivery{acked: 1000, owed: true, sentAgo: again, ackedAgo: max(0, again-40*time.Millisecond), trip: 40 * time.Millisecond}
	}
	// The other machine was full, and is gone.
	probing = func(since time.Duration) delivery {
		return delivery{acked: 1000, probes: int(since / (2 * time.Second)), sentAgo: since + time.Minute, ackedAgo: since}
	}
	// It is full and answers the probes, which come once in a while.
	stuffed = func(since time.Duration) delivery {
		return delivery{acked: 1000, probes: int(since / time.Second % 100 / 99), sentAgo: since + time.Minute, ackedAgo: since % (100 * time.Second)}
	}
	// All gets there.
	delivering = func(since time.Duration) delivery {
		return delivery{acked: 1000 + uint64(since), owed: true, sentAgo: since % time.Second}
	}
)

func TestBlackHoleIsFoundWithinFifteenSecondsAndASlowServiceIsGivenTime(t *testing.T) {
	shut := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	refused := func(context.Context) error { return errors.New("refused") }
	open := func(context.Context) error { return nil }
	const found, given, never = 15 * time.Second, 5 * time.Minute, time.Hour
	for name, c := range map[string]struct {
		data   int // up, on its way
		down   int // bytes a second
		reach  func(context.Context) error
		kernel func(time.Duration) delivery
		// shy: the service has answered no ping in the middle of a transfer.
		shy bool
		// It is found between soonest and longest.
		soonest, longest time.Duration
	}{
		"idle": {reach: open, longest: found},
		"in the middle of an upload, and no second connection comes up":                     {data: 8 << 10, reach: shut, longest: found},
		"in the middle of an upload, and no acknowledgement comes":                          {data: 8 << 10, reach: open, kernel: unacknowledging, longest: found},
		"in the middle of an upload, but the other machine answers and the way is not shut": {data: 8 << 10, reach: open, kernel: full, soonest: given, longest: given + time.Minute},
		"in the middle of an upload that had filled the other machine":                      {data: 8 << 10, reach: open, kernel: probing, longest: found},
		"in the middle of an upload that fills the other machine, which answers":            {data: 8 << 10, reach: open, kernel: stuffed, soonest: given, longest: given + time.Minute},
		"of what is sent during a download, and no second connection comes up":              {down: 100e3, reach: shut, longest: found},
		"of what is sent during a download, and a second connection is refused":             {down: 100e3, reach: refused, longest: found},
		"of what is sent during a download, and the kernel sees it":                         {down: 100e3, reach: open, kernel: repeating, longest: found},
		"of what is sent during an upload and a download, and the kernel sees it":           {data: 8 << 10, down: 100e3, reach: open, kernel: repeating, longest: found},
		"of one connection during a fast download, behind something that acknowledges":      {down: 4 << 20, reach: open, kernel: delivering, longest: found},
		"of one connection during a slow download, behind something that acknowledges":      {down: 100e3, reach: open, kernel: delivering, soonest: time.Minute, longest: 3 * time.Minute},
		"none: a service whose other side takes nothing, and gives much":                    {data: 8 << 10, down: 4 << 20, reach: open, kernel: delivering, soonest: never},
		"none: a service that answers no ping while it gives much":                          {down: 4 << 20, reach: open, kernel: delivering, shy: true, soonest: never},
		"none: a service without room that gives much":                                      {data: 8 << 10, down: 4 << 20, reach: open, kernel: full, soonest: never},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var since atomic.Pointer[time.Time]
				w := watch(t, func(s *session) {
					s.reach = c.reach
					s.delivery = func() (delivery, bool) {
						if from := since.Load(); from != nil && c.kernel != nil {
							return c.kernel(time.Since(*from)), true
						}
						return delivery{}, c.kernel != nil
					}
				})
				if c.down > 0 && !c.shy {
					w.liveness.heard.Add(busyBytes)
				}
				time.Sleep(12 * time.Second) // In the middle between two pings.
				begun := time.Now()
				since.Store(&begun)
				w.mute.Store(true)
				if c.data > 0 {
					w.out.outlet().send(controlBuffer(make([]byte, c.data)))
				}
				done, rained := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(rained)
					for tick := time.NewTicker(100 * time.Millisecond); c.down > 0; {
						select {
						case <-tick.C:
							w.liveness.asked.Store(0)
							w.liveness.heard.Add(int64(c.down / 10))
						case <-done:
							tick.Stop()
							return
						}
					}
				}()
				var err error
				select {
				case err = <-w.dead:
				case <-time.After(never):
				}
				close(done)
				<-rained
				took := time.Since(begun)
				if took < c.soonest || c.longest > 0 && (took > c.longest || !errors.Is(err, errSilent)) || c.longest == 0 && err != nil {
					t.Errorf("found after %v by %v", took, err)
				}
				w.end()
			})
		})
	}
}

func TestJumpsOfTheWallClockAreSleepOnlyForward(t *testing.T) {
	for name, c := range map[string]struct {
		jump   time.Duration
		mute   bool
		want   error
		within time.Duration
	}{
		"a moment, and the link is as it was":    {30 * time.Second, false, nil, 0},
		"a moment, and nothing answers":          {30 * time.Second, true, errSilent, 4 * time.Second},
		"ten minutes":                            {10 * time.Minute, false, errSlept, 2 * time.Second},
		"an hour back":                           {-time.Hour, false, nil, 0},
		"less than any timer may be late anyway": {2 * time.Second, false, nil, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var ahead atomic.Int64
			w := watch(t, func(s *session) {
				s.timing.wall = func() time.Time { return time.Now().Round(0).Add(time.Duration(ahead.Load())) }
			})
			time.Sleep(12500 * time.Millisecond)
			ahead.Store(int64(c.jump))
			w.mute.Store(c.mute)
			if c.want == nil {
				time.Sleep(time.Hour)
			} else {
				time.Sleep(c.within)
			}
			synctest.Wait()
			if found := len(w.dead) > 0; found != (c.want != nil) {
				t.Errorf("%s: given up: %v", name, found)
			}
			w.end()
			if err := <-w.dead; !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			for _, trip := range w.trips {
				if trip <= 0 {
					t.Errorf("%s: a round trip of %v", name, trip)
				}
			}
		})
	}
}
