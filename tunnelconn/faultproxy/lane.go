package faultproxy

import (
	"net"
	"sync"
	"time"
)

// socketBuffer is how many bytes a connection in memory, and a lane, hold in each direction.
const socketBuffer = 64 << 10

// lane carries the bytes of one direction of a link. What is read waits in a queue until it is due, so that latency costs
// no throughput.
type lane struct {
	link     *link
	way      Way
	from, to net.Conn

	mu      sync.Mutex
	changed sync.Cond
	queue   []piece
	size    int
	broken  bool // nobody takes any more
	// free is when the last byte has passed the rate's bound, last when it arrives.
	free, last time.Time
}

// piece is bytes that arrive together, or the lane's end: what is done then.
type piece struct {
	bytes []byte
	lost  bool
	end   func()
	due   time.Time
}

func newLane(l *link, way Way, from, to net.Conn) *lane {
	a := &lane{link: l, way: way, from: from, to: to}
	a.changed.L = &a.mu
	return a
}

// read takes what the sender gives.
func (a *lane) read() {
	for buf := make([]byte, 32<<10); ; {
		size := len(buf)
		if f, _ := a.link.proxy.state(a.way); f.Rate > 0 {
			size = int(min(int64(size), max(f.Rate/1000, 128))) // A step of a millisecond, lest the steps show.
		}
		n, err := a.from.Read(buf[:size])
		f, ok := a.flowing()
		if !ok {
			a.add(piece{end: func() {}}, Faults{})
			return
		}
		n, how, cut := a.link.proxy.spend(a.way, n)
		if n > 0 && !a.add(piece{bytes: append([]byte(nil), buf[:n]...), lost: f.Flow == Swallow}, f) {
			return
		}
		switch {
		case cut:
			a.add(piece{end: func() { a.link.end(how) }}, f)
			return
		case err != nil:
			if f.HalfOpen || f.Flow == Swallow {
				<-a.link.over
			}
			f.Latency += f.SlowClose
			a.add(piece{end: func() { pass(err, a.to) }}, f)
			return
		}
	}
}

// flowing waits while the direction is held; false means that the link is over.
func (a *lane) flowing() (Faults, bool) {
	for {
		f, turned := a.link.proxy.state(a.way)
		if f.Flow != Hold {
			return f, true
		}
		select {
		case <-turned:
		case <-a.link.over:
			return f, false
		}
	}
}

// add queues a piece when there is room for it; false means that nobody takes it.
func (a *lane) add(p piece, f Faults) bool {
	limit := f.Buffer
	if limit == 0 {
		limit = socketBuffer
	}
	delay := f.Latency + a.link.proxy.jitter(f.Jitter)
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.size >= limit && p.end == nil && !a.broken {
		a.changed.Wait()
	}
	now := time.Now()
	if a.free.Before(now) {
		a.free = now
	}
	if f.Rate > 0 {
		a.free = a.free.Add(time.Duration(int64(len(p.bytes)) * int64(time.Second) / f.Rate))
	}
	if p.due = a.free.Add(delay); p.due.Before(a.last) {
		p.due = a.last
	}
	a.last = p.due
	a.size += len(p.bytes)
	a.queue = append(a.queue, p)
	a.changed.Broadcast()
	return !a.broken
}

// write hands on what is due.
func (a *lane) write() {
	for {
		a.mu.Lock()
		for len(a.queue) == 0 {
			a.changed.Wait()
		}
		p := a.queue[0]
		a.queue = a.queue[1:]
		a.mu.Unlock()
		if !a.wait(p.due) {
			a.leave()
			return
		}
		if p.end != nil {
			p.end()
			return
		}
		if err := a.send(p); err != nil {
			// The receiver is gone; the sender learns it as from any network, unless no word comes back through this one.
			if back, _ := a.link.proxy.state(1 - a.way); back.Flow != Swallow && !back.HalfOpen {
				reset(a.from)
			}
			a.leave()
			return
		}
		a.mu.Lock()
		a.size -= len(p.bytes)
		a.changed.Broadcast()
		a.mu.Unlock()
	}
}

// wait waits for a moment; false means that the link is over before.
func (a *lane) wait(due time.Time) bool {
	left := time.Until(due)
	if left <= 0 {
		// No timer: under the race detector, timers of a bubble that are over when they are looked at crash the process now
		// and then (https://github.com/golang/go/issues/78156).
		select {
		case <-a.link.over:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-a.link.over:
		return false
	}
}

// send writes a piece, cut up as the faults say, or loses it.
func (a *lane) send(p piece) error {
	if p.lost {
		return nil
	}
	for b := p.bytes; len(b) > 0; {
		n := len(b)
		if f, _ := a.link.proxy.state(a.way); f.Split > 0 {
			n = min(n, f.Split)
		}
		if _, err := a.to.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// leave lets the reader go when nobody takes any more.
func (a *lane) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken = true
	a.changed.Broadcast()
}
