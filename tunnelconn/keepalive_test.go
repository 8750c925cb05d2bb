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

func TestBlackHoleIsFoundWithinFifteenSecondsAndASlowServiceIsGivenTime(t *testing.T) {
	shut := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	open := func(context.Context) error { return nil }
	for name, c := range map[string]struct {
		data    int
		reach   func(context.Context) error
		owed    bool // the kernel waits for acknowledgements
		longest time.Duration
	}{
		"idle": {0, open, false, 15 * time.Second},
		"in the middle of an upload, and no second connection comes up":                     {8 << 10, shut, false, 15 * time.Second},
		"in the middle of an upload, and no acknowledgement comes":                          {8 << 10, open, true, 15 * time.Second},
		"in the middle of an upload, but the other machine answers and the way is not shut": {8 << 10, open, false, 6 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			var since atomic.Pointer[time.Time]
			w := watch(t, func(s *session) {
				s.reach = c.reach
				s.unacknowledged = func() (time.Duration, bool) {
					if from := since.Load(); from != nil && c.owed {
						return time.Since(*from), true
					}
					return 0, c.owed
				}
			})
			time.Sleep(12 * time.Second) // In the middle between two pings.
			begun := time.Now()
			since.Store(&begun)
			w.mute.Store(true)
			if c.data > 0 {
				w.out.outlet().send(controlBuffer(make([]byte, c.data)))
			}
			if err := <-w.dead; !errors.Is(err, errSilent) {
				t.Errorf("%s: %v", name, err)
			}
			took := time.Since(begun)
			if took > c.longest || c.longest > time.Minute && took < 5*time.Minute {
				t.Errorf("%s: found after %v, want %v at most", name, took, c.longest)
			}
			w.end()
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
				s.wall = func() time.Time { return time.Now().Round(0).Add(time.Duration(ahead.Load())) }
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
