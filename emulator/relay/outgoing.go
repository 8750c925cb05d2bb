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

// final marks the last frame of a WebSocket message, masked one from a client: bits of its first and second byte.
const final, masked = 0x80, 0x80

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
// fills, so that a burst of small frames becomes one write. Who posts a frame while nobody writes writes it by itself, as
// far as the system takes it without waiting; drain does whatever else there is to write.
type outgoing struct {
	buffers *buffers
	bent    bent

	mu    sync.Mutex
	queue *buffer       // nil when empty
	last  bool          // nothing may be added any more
	room  chan struct{} // closed when a full queue was taken, nil while nobody waits
	ready chan struct{} // there is something to do
	// straight is nil when only drain may write. writing: somebody does. left: it kept something back, which drain sends.
	// failed is why nothing can be written any more.
	straight *straight
	writing  bool
	left     bool
	failed   error
}

func newOutgoing(b *buffers) *outgoing {
	return &outgoing{buffers: b, ready: make(chan struct{}, 1)}
}

// add queues a frame. It never blocks: who adds on behalf of a local proxy waits for room before.
func (o *outgoing) add(op ws.OpCode, payload []byte) {
	o.post(op, payload)
	o.wake()
}

// post queues a frame as add does. It has to be followed by hurry, with no lock held.
func (o *outgoing) post(op ws.OpCode, payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if op == ws.OpBinary && o.bend(payload) {
		return
	}
	o.append(final|byte(op), payload)
}

// hurry writes what is queued, or has it written. It does not wait for the local proxy.
func (o *outgoing) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.writing:
		return // Who writes goes on with what is queued.
	case o.straight == nil || o.left || o.failed != nil:
		o.wake()
		return
	case o.queue == nil:
		return
	}
	batch := o.next()
	o.mu.Unlock()
	left, err := o.straight.try(batch.bytes)
	o.buffers.put(batch)
	o.mu.Lock()
	o.writing, o.left, o.failed = false, left, err
	if left || err != nil || o.queue != nil || o.last {
		o.wake()
	}
}

// open lets others than drain write.
func (o *outgoing) open(s *straight) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.straight = s
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
	o.wake()
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

// drain writes what is queued and nobody else writes, until the last frame or stop.
func (o *outgoing) drain(w io.Writer) error {
	for {
		if o.bent.kind == faults.Coalesce {
			time.Sleep(coalesceWithin)
		}
		batch, over := o.take()
		if batch != nil {
			_, err := w.Write(batch.bytes)
			o.buffers.put(batch)
			if o.wrote(err); err != nil {
				return err
			}
			continue
		}
		if over {
			return o.failed // Nobody writes any more.
		}
		<-o.ready
	}
}

// take empties the queue, for who calls wrote then; over tells that nothing comes after the batch. The batch is empty when
// only something that was left is to be written, and nil when there is nothing.
func (o *outgoing) take() (batch *buffer, over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.failed != nil:
		return nil, true
	case o.writing:
		return nil, false
	}
	o.flushPending()
	if o.queue == nil && !o.left {
		o.makeRoom()
		return nil, o.last
	}
	return o.next(), o.last
}

// next takes the queue to write it. The caller holds the lock.
func (o *outgoing) next() *buffer {
	batch := o.queue
	if batch == nil {
		batch = o.buffers.get()
	}
	o.queue, o.writing, o.left = nil, true, false
	o.makeRoom()
	return batch
}

// wrote ends what take has begun.
func (o *outgoing) wrote(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing, o.failed = false, err
}
