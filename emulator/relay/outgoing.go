package relay

import (
	"encoding/binary"
	"io"
	"slices"
	"sync"

	"github.com/gobwas/ws"
)

// queueLimit is how many bytes may wait for a local proxy before its peer is not read any more. What one frame adds above
// it does not count.
const queueLimit = 256 << 10

// splitSize is the length of a piece in bytes: odd, so that it cuts lengths and headers too.
const splitSize = 3

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
	split   bool // tunnel frames into messages of splitSize, on demand

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
	if o.split && op == ws.OpBinary {
		for piece := range slices.Chunk(payload, splitSize) {
			o.append(op, piece)
		}
		return
	}
	o.append(op, payload)
}

func (o *outgoing) append(op ws.OpCode, payload []byte) {
	if o.last {
		return
	}
	if o.queue == nil {
		o.queue = o.buffers.get()
	}
	b := append(o.queue.bytes, 0x80|byte(op)) // the whole message in one frame
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
	o.append(ws.OpClose, body)
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
	if o.queue == nil || len(o.queue.bytes) < queueLimit || o.last {
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
	batch, o.queue = o.queue, nil
	o.makeRoom()
	return batch, o.last
}
