package tunnelconn

import (
	"sync"
	"sync/atomic"
	"time"
)

// outletLimit bounds what waits to be sent for one connection, in bytes. A connection that has reached it is not read
// from any more, so that its application feels how fast the tunnel is.
const outletLimit = 256 << 10

// A connection is interactive while it sends less than interactiveBytes in interactiveSpan: its next message goes ahead of
// all bulk data. Ports tell nothing about it, since one service carries a shell and a file transfer alike.
const (
	interactiveBytes = 4 << 10
	interactiveSpan  = 200 * time.Millisecond
)

// outlet is one connection's queue into a writer. Its state is guarded by the writer's lock.
type outlet struct {
	writer *writer
	room   sync.Cond
	queue  queue[*buffer]
	size   atomic.Int64 // queued, or being written; read without the lock
	// listed: it stands among the writer's keen outlets or in its round, or has the turn.
	listed bool
	// credit is how many bytes it may still send in its turn.
	credit int
	// recent is how many bytes were queued lately: it drains by interactiveBytes in interactiveSpan. recentAt is when it
	// was last looked at, since the writer began.
	recent   int
	recentAt time.Duration
	// closed: it takes nothing more.
	closed bool
	// drained is closed once it is closed and nothing of it is left.
	drained chan struct{}
}

// send queues a frame, waiting for room. False means that the outlet is closed and the frame still the caller's.
func (o *outlet) send(b *buffer) bool {
	w := o.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	for o.size.Load() >= outletLimit && !o.closed {
		o.room.Wait()
	}
	if o.closed {
		return false
	}
	o.enqueue(b)
	w.advance()
	return true
}

// hurry writes what was posted and whose turn it is.
func (o *outlet) hurry() {
	w := o.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance()
}

// finish queues the last frame behind all others, and closes the outlet. It does not wait, and has to be followed by send or
// hurry.
func (o *outlet) finish(last *buffer) {
	w := o.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.closed {
		return
	}
	o.enqueue(last)
	o.close()
}

// message is how many bytes of payload the next message should have at most.
func (o *outlet) message() int {
	w := o.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.message()
}

// drop closes the outlet and forgets what is queued.
func (o *outlet) drop() {
	w := o.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	for o.queue.len() > 0 {
		b := o.queue.pop()
		o.size.Add(int64(b.from - b.to))
		w.pool.put(b)
	}
	o.close()
}

// pending is how many bytes are queued or being written.
func (o *outlet) pending() int { return int(o.size.Load()) }

// enqueue has to be followed by the writer's advance.
func (o *outlet) enqueue(b *buffer) {
	size := b.to - b.from
	interactive := o.interactive(size)
	o.queue.push(b)
	o.size.Add(int64(size))
	if !o.listed {
		o.listed = true
		if interactive {
			o.writer.keen.push(o)
		} else {
			o.writer.round.push(o)
		}
	}
}

// interactive counts a message that is being queued, and tells whether the connection sends few.
func (o *outlet) interactive(size int) bool {
	now := o.writer.now()
	// Beyond the span all has drained; a longer one would overflow.
	passed := min(now-o.recentAt, interactiveSpan)
	o.recent = max(0, o.recent-int(interactiveBytes*passed/interactiveSpan))
	o.recent = min(o.recent+size, 2*interactiveBytes)
	o.recentAt = now
	return o.recent < interactiveBytes
}

func (o *outlet) close() {
	o.closed = true
	o.room.Broadcast()
	o.settle()
}

// settle closes drained when it is time.
func (o *outlet) settle() {
	if !o.closed || o.size.Load() > 0 {
		return
	}
	select {
	case <-o.drained:
	default:
		close(o.drained)
	}
}
