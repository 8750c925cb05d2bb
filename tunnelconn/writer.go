package tunnelconn

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// writer is the one goroutine that writes to a WebSocket, and the order in which it does so: control messages first, then
// one message of each connection that sends little, then the others in turn, as many bytes each (deficit round robin),
// then what was left for the end. It decides as late as it can, by keeping what it has written within a window, because
// nothing overtakes what the kernel has. One message is one unfragmented frame and one Write, because there are peers that
// cannot put a message together again.
type writer struct {
	conn net.Conn
	pool *buffers
	// timeout bounds one Write.
	timeout time.Duration
	// pinged is called after a ping has been written.
	pinged func()
	// greedy: there is no window.
	greedy bool
	// kernel counts the bytes that the kernel has of ours, where it can tell.
	kernel func() (int, bool)
	begun  time.Time

	mu      sync.Mutex
	work    sync.Cond
	control queue[*buffer]
	ping    bool
	pong    *buffer
	window  window
	// alarm wakes a writer whose window does not open.
	alarm *time.Timer
	// keen are the outlets with one interactive message, round the others that have any but the one whose turn it is.
	keen    queue[*outlet]
	round   queue[*outlet]
	turn    *outlet
	last    []*buffer
	goodbye *buffer
	stopped bool
	// done is closed when run has returned.
	done chan struct{}
}

// controlLimit is how many control messages may wait before the reader, whose input causes them, has to wait too.
const controlLimit = 4096

func newWriter(conn net.Conn, pool *buffers, timeout time.Duration, pinged func()) *writer {
	w := &writer{
		conn: conn, pool: pool, timeout: timeout, pinged: pinged, done: make(chan struct{}),
		kernel: func() (int, bool) { return 0, false }, begun: time.Now(), window: newWindow(),
	}
	w.work.L = &w.mu
	w.alarm = time.AfterFunc(time.Hour, w.wake)
	w.alarm.Stop()
	return w
}

// now is the time since the writer began, which no change of the clock disturbs.
func (w *writer) now() time.Duration { return time.Since(w.begun) }

func (w *writer) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.work.Signal()
}

// outlet gives a connection its queue.
func (w *writer) outlet() *outlet {
	o := &outlet{writer: w, drained: make(chan struct{})}
	o.room.L = &w.mu
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		o.close()
	}
	return o
}

// sendControl queues a message ahead of all data.
func (w *writer) sendControl(b *buffer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.control.push(b)
	w.work.Signal()
}

// crowded tells whether the peer has caused more control messages than it reads.
func (w *writer) crowded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.control.len() >= controlLimit
}

// sendPing queues a ping, unless one is still queued.
func (w *writer) sendPing() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ping = true
	w.work.Signal()
}

// ponged takes the payload of a pong, and gives the round trip if it answers a ping.
func (w *writer) ponged(payload []byte) (time.Duration, bool) {
	id, err := strconv.ParseInt(string(payload), 10, 64)
	if err != nil {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.work.Signal()
	return w.window.ponged(id, w.now())
}

// backedUp tells whether data is on its way in front of whatever is asked.
func (w *writer) backedUp() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.window.pending() > clean
}

// flight is the window, how many bytes of it are on their way, and the rate that was measured, in bytes a second. Without
// a bound the window is zero.
func (w *writer) flight() (window, pending int, rate float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.greedy {
		window = int(w.window.size)
	}
	return window, int(w.window.pending()), w.window.rate
}

// sendPong queues the answer to the latest ping, which stands for all before (RFC 6455, section 5.5.3).
func (w *writer) sendPong(payload []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pong = controlBuffer(payload)
	w.work.Signal()
}

// leave queues what goes out when everything else has, then a close frame; after that run returns.
func (w *writer) leave(last []*buffer, code int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.goodbye != nil {
		return
	}
	w.last = last
	w.goodbye = controlBuffer(binary.BigEndian.AppendUint16(nil, uint16(code)))
	w.work.Signal()
}

// hangUp drops all that is queued and leaves a close frame.
func (w *writer) hangUp(code int) {
	w.mu.Lock()
	outlets := w.round
	for w.keen.len() > 0 {
		outlets.push(w.keen.pop())
	}
	if w.turn != nil {
		outlets.push(w.turn)
	}
	w.round, w.keen, w.turn = queue[*outlet]{}, queue[*outlet]{}, nil
	w.control, w.ping = queue[*buffer]{}, false
	w.mu.Unlock()
	for outlets.len() > 0 {
		outlets.pop().drop()
	}
	w.leave(nil, code)
}

// stop makes run return without writing more.
func (w *writer) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	w.work.Signal()
}

// run writes until the close frame has gone out, stop, or an error.
func (w *writer) run() error {
	defer close(w.done)
	defer w.alarm.Stop()
	for {
		op, b, from := w.next()
		if b == nil {
			return nil
		}
		size := b.to - b.from
		err := w.write(op, b)
		w.pool.put(b)
		w.wrote(from, size)
		switch {
		case err != nil:
			w.stop()
			return fmt.Errorf("write to the tunneling service: %w", err)
		case op == ws.OpClose:
			return nil
		case op == ws.OpPing:
			w.pinged()
		}
	}
}

// next waits for the frame whose turn it is.
func (w *writer) next() (op ws.OpCode, b *buffer, from *outlet) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		switch {
		case w.stopped:
			return 0, nil, nil
		case w.pong != nil:
			b, w.pong = w.pong, nil
			return ws.OpPong, b, nil
		case w.ping:
			w.ping = false
			return ws.OpPing, w.nextPing(), nil
		case w.control.len() > 0:
			return ws.OpBinary, w.control.pop(), nil
		case w.keen.len() > 0 || w.round.len() > 0 || w.turn != nil:
			if op, b, from, held := w.nextData(); b != nil {
				return op, b, from
			} else if !held {
				continue
			}
		case len(w.last) > 0:
			b, w.last = w.last[0], w.last[1:]
			return ws.OpBinary, b, nil
		case w.goodbye != nil:
			return ws.OpClose, w.goodbye, nil
		default:
			w.window.dry(w.now())
		}
		w.work.Wait()
	}
}

// wrote gives the connection its room back.
func (w *writer) wrote(from *outlet, size int) {
	if from == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	from.size.Add(int64(-size))
	from.room.Signal()
	from.settle()
}

// write masks the bytes in place, puts the header in front of them, and sends both at once.
func (w *writer) write(op ws.OpCode, b *buffer) error {
	const finalFrame, masked = 0x80, 0x80
	payload := b.bytes()
	var mask [4]byte
	binary.LittleEndian.PutUint32(mask[:], rand.Uint32())
	ws.Cipher(payload, mask, 0)

	var header [webSocketHeader]byte
	header[0] = finalFrame | byte(op)
	n := 2
	switch size := len(payload); {
	case size < 126:
		header[1] = masked | byte(size)
	case size <= 0xffff:
		header[1] = masked | 126
		binary.BigEndian.PutUint16(header[2:], uint16(size))
		n = 4
	default:
		header[1] = masked | 127
		binary.BigEndian.PutUint64(header[2:], uint64(size))
		n = 10
	}
	n += copy(header[n:], mask[:])
	b.from -= copy(b.data[b.from-n:], header[:n])
	if err := w.conn.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
		return err
	}
	_, err := w.conn.Write(b.bytes())
	return err
}
