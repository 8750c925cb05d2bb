package tunnelconn

import "sync"

// outletLimit bounds what waits to be sent for one connection, in bytes. A connection that has reached it is not read
// from any more, so that its application feels how fast the tunnel is.
const outletLimit = 256 << 10

// outlet is one connection's queue into a writer. Its state is guarded by the writer's lock.
type outlet struct {
	writer *writer
	room   sync.Cond
	queue  queue[*buffer]
	size   int // queued, or being written
	// listed: it stands in the writer's round.
	listed bool
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
	for o.size >= outletLimit && !o.closed {
		o.room.Wait()
	}
	if o.closed {
		return false
	}
	o.enqueue(b)
	return true
}

// finish queues the last frame behind all others, and closes the outlet. It does not wait.
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

// drop closes the outlet and forgets what is queued.
func (o *outlet) drop() {
	w := o.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	for o.queue.len() > 0 {
		b := o.queue.pop()
		o.size -= b.to - b.from
		w.pool.put(b)
	}
	o.close()
}

// pending is how many bytes are queued or being written.
func (o *outlet) pending() int {
	o.writer.mu.Lock()
	defer o.writer.mu.Unlock()
	return o.size
}

func (o *outlet) enqueue(b *buffer) {
	o.queue.push(b)
	o.size += b.to - b.from
	if !o.listed {
		o.listed = true
		o.writer.round.push(o)
	}
	o.writer.work.Signal()
}

func (o *outlet) close() {
	o.closed = true
	o.room.Broadcast()
	o.settle()
}

// settle closes drained when it is time.
func (o *outlet) settle() {
	if !o.closed || o.size > 0 {
		return
	}
	select {
	case <-o.drained:
	default:
		close(o.drained)
	}
}
