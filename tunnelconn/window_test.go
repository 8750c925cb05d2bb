package tunnelconn

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
)

// model is a link behind a window, with a clock of its own.
type model struct {
	window
	now     time.Duration
	rate    float64       // bytes a second
	trip    time.Duration // the bare round trip
	answers []answer
	free    time.Duration // when the link has passed on all that it has
	waits   []time.Duration
}

type answer struct {
	id int64
	at time.Duration
}

// drive sends for so long, with a source that always has more. It gives the bytes that arrived, and how long a new byte
// had to wait at most behind what was before it.
func (m *model) drive(length time.Duration) (arrived uint64, longest time.Duration) {
	before := m.acked
	for end := m.now + length; m.now < end; {
		for len(m.answers) > 0 && m.answers[0].at <= m.now {
			m.ponged(m.answers[0].id, m.now)
			m.answers = m.answers[1:]
		}
		switch {
		case m.open(m.now):
			m.wrote(m.message())
			m.free = max(m.free, m.now) + time.Duration(float64(m.message())/m.rate*float64(time.Second))
			longest = max(longest, m.free-m.now)
			m.waits = append(m.waits, m.free-m.now)
			if m.wants() {
				m.answers = append(m.answers, answer{m.ping(m.now), m.free + m.trip})
			}
		case m.asks(m.now):
			m.answers = append(m.answers, answer{m.ping(m.now), max(m.free, m.now) + m.trip})
		default:
			m.now += 100 * time.Microsecond
		}
	}
	return m.acked - before, longest
}

func TestWindowFillsTheLinkAndLittleMore(t *testing.T) {
	for _, rate := range []float64{100e3, 800e3, 8e6} {
		for _, trip := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 150 * time.Millisecond} {
			t.Run(fmt.Sprintf("%.0f bytes a second, %v", rate, trip), func(t *testing.T) {
				m := model{window: newWindow(), now: time.Second, rate: rate, trip: trip}
				m.drive(10 * time.Second)
				const length = 25 * time.Second // It measures the bare round trip anew meanwhile.
				arrived, longest := m.drive(length)
				if goodput := float64(arrived) / (rate * length.Seconds()); goodput < 0.9 && m.size < maxWindow {
					t.Errorf("%.0f %% of the link is used, with a window of %d", goodput*100, m.size)
				}
				// After the link was let run dry a whole window goes out at once.
				t.Logf("%.1f %% of the link is used, with a window of %d; a new byte waits up to %v", float64(arrived)/(rate*length.Seconds())*100, m.size, longest)
				if longest > 100*time.Millisecond+trip*3/2 {
					t.Errorf("a new byte waits up to %v", longest)
				}
			})
		}
	}
}

func TestWindowLetsNoQueueStandInFrontOfTheLink(t *testing.T) {
	for _, trip := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond} {
		m := model{window: newWindow(), now: time.Second, rate: 800e3, trip: trip}
		m.drive(20 * time.Second)
		m.waits = nil
		m.drive(20 * time.Second)
		slices.Sort(m.waits)
		// A message takes 3 ms, and so does what there is between two pings.
		if median := m.waits[len(m.waits)/2]; median > 10*time.Millisecond+trip/64 {
			t.Errorf("at %v a new byte waits %v", trip, median)
		}
	}
}

func TestWindowFollowsALinkThatBecomesSlowerAndFarther(t *testing.T) {
	m := model{window: newWindow(), now: time.Second, rate: 10e6, trip: 5 * time.Millisecond}
	m.drive(5 * time.Second)
	wide := m.size
	m.rate = 100e3
	m.drive(20 * time.Second)
	if m.size*4 > wide || m.size > 12<<10 {
		t.Errorf("the window of %d became %d", wide, m.size)
	}
	m.rate, m.trip = 1e6, 200*time.Millisecond
	m.drive(40 * time.Second)
	if arrived, _ := m.drive(20 * time.Second); arrived < 15e6 {
		t.Errorf("after the way became longer %d bytes arrive in 20 s, of 20 MB, with a window of %d", arrived, m.size)
	}
}

func TestPongsThatAnswerNothingChangeNothing(t *testing.T) {
	w := newWindow()
	if _, ok := w.ponged(0, time.Second); ok {
		t.Error("an answer to nothing")
	}
	w.wrote(100)
	first := w.ping(time.Second)
	second := w.ping(time.Second)
	for _, odd := range []int64{first - 1, second + 1, -1} {
		if _, ok := w.ponged(odd, 2*time.Second); ok || w.pending() != 100 {
			t.Errorf("the answer to %d counts", odd)
		}
	}
	if trip, ok := w.ponged(second, 2*time.Second); !ok || trip != time.Second || w.pending() != 0 {
		t.Errorf("trip %v, %v, %d bytes pending", trip, ok, w.pending())
	}
	if _, ok := w.ponged(first, 2*time.Second); ok {
		t.Error("the answer to a later ping stands for the earlier, which counts once more")
	}
}

func TestKeystrokePassesATransferWhoseWindowIsShut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		w := newWriter(near, newBuffers(), time.Hour, func() {})
		bulk, keys := w.outlet(), w.outlet()
		for range 20 {
			bulk.send(controlBuffer(make([]byte, 2<<10)))
		}
		finished := make(chan error, 1)
		go func() { finished <- w.run() }()
		frames := make(chan string, 100)
		go func() {
			for {
				h, err := ws.ReadHeader(far)
				if err != nil {
					return
				}
				payload := make([]byte, h.Length)
				if _, err := far.Read(payload); err != nil {
					return
				}
				ws.Cipher(payload, h.Mask, 0)
				if h.OpCode == ws.OpBinary {
					frames <- string(payload)
				}
			}
		}()
		synctest.Wait()
		if n := len(frames) * 2 << 10; n != firstWindow {
			t.Errorf("%d bytes of the transfer went out, want a window of %d", n, firstWindow)
		}
		for len(frames) > 0 {
			<-frames
		}
		keys.send(controlBuffer([]byte("key")))
		synctest.Wait()
		if len(frames) != 1 || <-frames != "key" {
			t.Error("the keystroke waits for the window")
		}
		// No ping is ever answered, so that the kernel's own bound has to do.
		time.Sleep(2 * unanswered)
		synctest.Wait()
		if len(frames) != 12 {
			t.Errorf("%d messages followed, want the remaining 12", len(frames))
		}
		bulk.drop()
		w.stop()
		near.Close()
		far.Close()
		<-finished
	})
}

func TestTransfersTakeTurnsByBytesAndNotByMessages(t *testing.T) {
	w := newWriter(&discard{}, newBuffers(), time.Minute, func() {})
	w.greedy = true
	sizes := []int{100, 2 << 10, 60 << 10}
	sent := make(map[*outlet]int)
	var outlets []*outlet
	for _, size := range sizes {
		o := w.outlet()
		outlets = append(outlets, o)
		for o.pending() < outletLimit {
			o.send(controlBuffer(make([]byte, size)))
		}
	}
	w.mu.Lock()
	for w.keen.len() > 0 { // The first few small ones still look like a person.
		_, _, _, _ = w.nextData()
	}
	for total := 0; total < 2*outletLimit; {
		b, o := w.nextBulk()
		sent[o] += b.to - b.from
		total += b.to - b.from
	}
	w.mu.Unlock()
	for i, o := range outlets {
		if share := float64(sent[o]) / (2 * outletLimit / 3); share < 0.7 || share > 1.3 {
			t.Errorf("messages of %d bytes got %.2f of their share", sizes[i], share)
		}
	}
}
