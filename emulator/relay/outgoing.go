package relay

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/gobwas/ws"
)

const (
	// queueLimit is how many bytes may wait for a local proxy before its peer is not read any more. What one frame adds
	// above it does not count.
	queueLimit = 256 << 10
	// keepBuffer is how much an idle queue keeps for the next burst.
	keepBuffer = 16 << 10
)

// outgoing is the queue of a link: complete WebSocket frames, one after another. While one buffer is being written the
// other fills, so that a burst of small frames becomes one write.
type outgoing struct {
	mu         sync.Mutex
	buf, spare []byte
	last       bool          // nothing may be added any more
	room       chan struct{} // closed when a full queue was taken, nil while nobody waits
	ready      chan struct{} // there is something to do
}

func newOutgoing() *outgoing { return &outgoing{ready: make(chan struct{}, 1)} }

// add queues a frame. It never blocks: who adds on behalf of a local proxy waits for room before.
func (o *outgoing) add(op ws.OpCode, payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.append(op, payload)
}

func (o *outgoing) append(op ws.OpCode, payload []byte) {
	if o.last {
		return
	}
	o.buf = append(o.buf, 0x80|byte(op)) // the whole message in one frame
	switch n := len(payload); {
	case n < 126:
		o.buf = append(o.buf, byte(n))
	case n <= 1<<16-1:
		o.buf = binary.BigEndian.AppendUint16(append(o.buf, 126), uint16(n))
	default:
		o.buf = binary.BigEndian.AppendUint64(append(o.buf, 127), uint64(n))
	}
	o.buf = append(o.buf, payload...)
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
	if len(o.buf) < queueLimit || o.last {
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
		if len(batch) > 0 {
			_, err := w.Write(batch)
			o.giveBack(batch)
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

func (o *outgoing) take() (batch []byte, over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch, o.buf, o.spare = o.buf, o.spare, nil
	o.makeRoom()
	return batch, o.last
}

func (o *outgoing) giveBack(batch []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.buf) > 0 || cap(batch) <= keepBuffer {
		o.spare = batch[:0]
	}
}
