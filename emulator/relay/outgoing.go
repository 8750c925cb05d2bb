package relay

import (
	"encoding/binary"
	"io"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"adit/emulator/faults"
)

// queueLimit is how many bytes may wait for a local proxy before its peer is not read any more. What one frame adds above
// it does not count.
const queueLimit = 256 << 10

// final marks the last frame of a WebSocket message.
const final = 0x80

// buffers are shared by all queues of a server: an idle WebSocket holds none, a busy one allocates nothing.
type buffers struct{ pool sync.Pool }

type buffer struct{ bytes []byte }

func (b *buffers) get() *buffer {
	if have, ok := b.pool.Get().(*buffer); ok {
		return have
	}
	return new(buffer)
}

func (b *buffers) put(done *buffer) {
	done.bytes = done.bytes[:0]
	b.pool.Put(done)
}

// outgoing is the queue of a link: complete WebSocket frames, one after another. While one buffer is being written another
// fills, so that a burst of small frames becomes one write.
type outgoing struct {
	buffers *buffers
	bent    bent

	mu    sync.Mutex
	queue *buffer       // nil when empty
	last  bool          // nothing may be added any more
	room  chan struct{} // closed when a full queue was taken, nil while nobody waits
	ready chan struct{} // there is something to do
}

func newOutgoing(b *buffers) *outgoing {
	return &outgoing{buffers: b, ready: make(chan struct{}, 1)}
}

// add queues a frame. It never blocks: who adds on behalf of a local proxy waits for room before.
func (o *outgoing) add(op ws.OpCode, payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if op == ws.OpBinary && o.bend(payload) {
		return
	}
	o.append(final|byte(op), payload)
}

// append queues a WebSocket frame that begins with a byte. The caller holds the lock.
func (o *outgoing) append(first byte, payload []byte) {
	if o.last {
		return
	}
	if o.queue == nil {
		o.queue = o.buffers.get()
	}
	b := append(o.queue.bytes, first)
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n <= 1<<16-1:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	o.queue.bytes = append(b, payload...)
	o.wake()
}

// finish queues a close frame, the last one.
func (o *outgoing) finish(code ws.StatusCode, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var body []byte
	if !code.Empty() {
		body = ws.NewCloseFrameBody(code, reason)
	}
	o.flushPending()
	o.append(final|byte(ws.OpClose), body)
	o.last = true
}

// stop lets drain return once the queue is empty, and nobody wait for it.
func (o *outgoing) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = true
	o.makeRoom()
	o.wake()
}

func (o *outgoing) wake() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// wait is nil when there is room, else it is closed when there is some again.
func (o *outgoing) wait() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	waiting := len(o.bent.pending)
	if o.queue != nil {
		waiting += len(o.queue.bytes)
	}
	if waiting < queueLimit || o.last {
		return nil
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	return o.room
}

func (o *outgoing) makeRoom() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

// drain writes what is queued until the last frame or stop.
func (o *outgoing) drain(w io.Writer) error {
	for {
		if o.bent.kind == faults.Coalesce {
			time.Sleep(coalesceWithin)
		}
		batch, over := o.take()
		if batch != nil {
			_, err := w.Write(batch.bytes)
			o.buffers.put(batch)
			if err != nil {
				return err
			}
			continue
		}
		if over {
			return nil
		}
		<-o.ready
	}
}

// take empties the queue; over tells that nothing comes after the batch.
func (o *outgoing) take() (batch *buffer, over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushPending()
	batch, o.queue = o.queue, nil
	o.makeRoom()
	return batch, o.last
}
