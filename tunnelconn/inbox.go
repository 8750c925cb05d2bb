package tunnelconn

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"adit/tunnelconn/cork"
)

// inboxLimit bounds what waits for one local side, in bytes, while there is enough of it for all.
const inboxLimit = 4 << 20

// inbox queues what came out of the tunnel for one connection, in chunks that keystrokes share. Beyond its limit push
// blocks, and with it the reading of the WebSocket: the protocol has no window, so this is the one way to lose nothing.
type inbox struct {
	pool   *buffers
	budget *budget

	mu      sync.Mutex
	changed sync.Cond
	chunks  queue[*buffer]
	size    atomic.Int64 // queued, or taken and not yet returned; read without the lock
	ended   bool
	aborted bool
	// local is where the bytes go; nil before it is known, or when it has to be waited for.
	local *cork.Socket
	// pump takes what is queued, in a goroutine that lives as long as there is something; nil before the local side is known.
	// pumping: it runs. pumps waits for it.
	pump    func()
	pumping bool
	pumps   sync.WaitGroup
}

func newInbox(pool *buffers, budget *budget) *inbox {
	in := &inbox{pool: pool, budget: budget}
	in.changed.L = &in.mu
	return in
}

// attach makes the local side known, and what takes the bytes that it is behind with. It gives how many bytes of those that
// were queued it has taken at once, and tells whether that was everything, to the end.
func (in *inbox) attach(local net.Conn, pump func()) (n int, over bool) {
	socket := cork.Of(local)
	in.mu.Lock()
	defer in.mu.Unlock()
	in.local, in.pump = socket, pump
	defer in.changed.Broadcast()
	for in.chunks.len() > 0 {
		b := in.chunks.oldest()
		taken, _ := socket.TryWrite(b.bytes())
		in.count(-taken)
		n += taken
		if b.from += taken; b.from < b.to {
			in.startPump()
			return n, false
		}
		in.pool.put(in.chunks.pop())
	}
	return n, in.ended
}

// startPump has what is queued taken. It is called with the lock.
func (in *inbox) startPump() {
	if in.pump != nil && !in.pumping {
		in.pumping = true
		in.pumps.Go(in.pump)
	}
}

// pass gives the local side what it takes at once, unless it is behind already, and tells how much that was. It spares the
// bytes a copy and another goroutine; an error shows when the rest is written in the usual way.
func (in *inbox) pass(p []byte) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended || in.aborted || in.pending() > 0 {
		return 0
	}
	n, _ := in.local.TryWrite(p)
	return n
}

// push copies p into the queue. While that is full it waits, unless nobody has taken anything for grace, and then waiting
// says that others wait for this: overflowed.
func (in *inbox) push(p []byte, grace time.Duration, othersWait func() bool) (overflowed bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	full := func() bool {
		limit := inboxLimit
		if in.budget.spent(len(p)) {
			limit = max(inboxFloor, len(p))
		}
		return in.pending()+len(p) > limit && !in.ended && !in.aborted
	}
	if full() {
		expired := false
		timer := time.AfterFunc(grace, func() {
			in.mu.Lock()
			defer in.mu.Unlock()
			expired = true
			in.changed.Broadcast()
		})
		defer timer.Stop()
		for before := in.pending(); full(); before = in.pending() {
			in.changed.Wait()
			switch {
			case in.pending() < before:
				timer.Reset(grace)
			case expired && othersWait():
				return true
			case expired:
				timer.Reset(grace)
			}
			expired = false
		}
	}
	if in.ended || in.aborted {
		return false
	}
	in.count(len(p))
	for len(p) > 0 {
		if in.chunks.len() == 0 || len(in.chunks.newest().room()) == 0 {
			in.chunks.push(in.pool.get(len(p)))
		}
		tail := in.chunks.newest()
		n := copy(tail.room(), p)
		tail.to += n
		p = p[n:]
	}
	in.startPump()
	return false
}

// next takes the oldest chunk, to be returned by done. It is nil when there is none, which ends the pump; over tells that
// everything was taken, to the end.
func (in *inbox) next() (b *buffer, over bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.chunks.len() == 0 {
		in.pumping = false
		return nil, in.ended && !in.aborted
	}
	return in.chunks.pop(), false
}

// done returns a chunk of which everything was used.
func (in *inbox) done(b *buffer) {
	in.mu.Lock()
	in.count(b.from - b.to)
	in.changed.Broadcast()
	in.mu.Unlock()
	in.pool.put(b)
}

// count adds to what is queued.
func (in *inbox) count(n int) {
	in.size.Add(int64(n))
	in.budget.add(n)
}

// pending is how many bytes are queued, or taken and not yet returned.
func (in *inbox) pending() int { return int(in.size.Load()) }

// end says that nothing more will come; what is queued can still be taken. It tells whether that was everything.
func (in *inbox) end() (over bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
	in.changed.Broadcast()
	return in.pump != nil && !in.pumping && !in.aborted
}

// abort drops what is queued.
func (in *inbox) abort() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.aborted {
		return
	}
	in.aborted = true
	for in.chunks.len() > 0 {
		b := in.chunks.pop()
		in.count(b.from - b.to)
		in.pool.put(b)
	}
	in.changed.Broadcast()
}
