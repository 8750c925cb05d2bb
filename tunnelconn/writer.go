package tunnelconn

import (
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/cork"
)

// writer is the one goroutine that writes to a WebSocket, and the order in which it does so: control messages first, then
// one message of each connection that sends little, then the others in turn, as many bytes each (deficit round robin),
// then what was left for the end. It decides as late as it can, by keeping what it has written within a window, because
// nothing overtakes what the kernel has. One message is one unfragmented frame and one Write, because there are peers that
// cannot put a message together again; several short messages that are due share a Write.
//
// Who queues a message while nobody writes writes it by itself, as far as the system takes it without waiting: that spares
// waking another goroutine, which takes longer than the writing. The order is the same, since it is decided under the lock.
type writer struct {
	conn net.Conn
	// network is what conn writes to in the end.
	network *cork.Conn
	pool    *buffers
	// timeout bounds one Write.
	timeout time.Duration
	// pinged is called when a ping is about to be written.
	pinged func()
	// greedy: there is no window.
	greedy bool
	// kernel counts the bytes that the kernel has of ours, where it can tell.
	kernel func() (int, bool)
	// limitUnsent lets the kernel have only so many unsent bytes, where it can; unsent is the present limit.
	limitUnsent func(bytes int)
	unsent      int
	begun       time.Time

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
	// writing: somebody is writing batch, or run has not begun. left: the system has not taken all of batch, and the writer's own
	// goroutine has to go on with it. failed is why nothing can be written any more.
	writing bool
	batch   []frame
	left    bool
	failed  error
	// joined is where short frames of a batch become one piece.
	joined []byte
	// done is closed when run has returned.
	done chan struct{}
}

// frame is a WebSocket frame to be written: its kind, its payload, and the connection that it is of, if any.
type frame struct {
	op   ws.OpCode
	b    *buffer
	from *outlet
	// size is what it counts for in its outlet, in bytes.
	size int
}

// controlLimit is how many control messages may wait before the reader, whose input causes them, has to wait too.
const controlLimit = 4096

func newWriter(conn net.Conn, pool *buffers, timeout time.Duration, pinged func()) *writer {
	network := cork.New(conn)
	w := &writer{
		conn: network, network: network, pool: pool, timeout: timeout, pinged: pinged, done: make(chan struct{}),
		kernel: func() (int, bool) { return 0, false }, limitUnsent: func(int) {}, begun: time.Now(), window: newWindow(), writing: true,
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
	w.advance()
}

// postControl queues a message ahead of all data, to be sent along with what follows. It has to be followed by an outlet's
// send or hurry.
func (w *writer) postControl(b *buffer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.control.push(b)
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

// asked is when the oldest ping without an answer was sent, by the writer's clock; false when none waits for one.
func (w *writer) asked() (time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.window.asked, w.window.pings.len() > 0
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

// run writes whatever nobody else does, until the close frame has gone out, stop, or an error.
func (w *writer) run() error {
	defer close(w.done)
	defer w.alarm.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = false
	for {
		switch {
		case w.failed != nil:
			return fmt.Errorf("write to the tunneling service: %w", w.failed)
		case w.stopped:
			w.forgo()
			return nil
		case w.writing:
			w.work.Wait()
		case w.left:
			w.flush()
		default:
			if f, ok := w.next(); ok {
				w.put(f)
			} else {
				w.work.Wait()
			}
		}
	}
}

// advance writes the frame whose turn it is, unless somebody writes already. It is called with the lock.
func (w *writer) advance() {
	if w.writing || w.stopped || w.left || w.failed != nil {
		return // Who writes goes on with what is queued.
	}
	f, ok := w.next()
	if !ok {
		return
	}
	w.put(f)
	switch {
	case w.left || w.failed != nil || w.due():
		w.work.Signal()
	default:
		w.window.dry(w.now())
	}
}

// batchSize is how many bytes may be waiting for further frames to share their Write.
const batchSize = 512

// put writes a frame, and what is due behind it if it is short, as far as the system takes it at once. It is called with the
// lock, and without it meanwhile.
func (w *writer) put(f frame) {
	w.batch = append(w.batch, f)
	for size, ok := f.size, true; ok && size < batchSize && f.op != ws.OpClose; size += f.size {
		if f, ok = w.next(); ok {
			w.batch = append(w.batch, f)
		}
	}
	for _, f := range w.batch {
		if f.op == ws.OpPing || f.b.ping != 0 {
			w.pinged() // Before the write, lest the answer come first.
		}
	}
	w.writing = true
	w.mu.Unlock()
	left, err := w.write()
	w.mu.Lock()
	w.writing = false
	if left && err == nil && !w.stopped {
		w.left = true
		return
	}
	w.wrote(err)
}

// forgo gives the room of frames back that nobody will write any more, because their connections may wait for that.
func (w *writer) forgo() {
	if w.left {
		w.left = false
		w.wrote(nil)
	}
}

// flush writes what is left of a batch, and waits for it.
func (w *writer) flush() {
	w.writing, w.left = true, false
	w.mu.Unlock()
	err := w.conn.SetWriteDeadline(time.Now().Add(w.timeout))
	if err == nil {
		err = w.network.Flush()
	}
	if err == nil {
		err = w.conn.SetWriteDeadline(time.Time{})
	}
	w.mu.Lock()
	w.writing = false
	w.wrote(err)
}

// wrote gives the connections of the batch their room back.
func (w *writer) wrote(err error) {
	if err != nil {
		w.failed, w.stopped = err, true
	}
	for _, f := range w.batch {
		w.pool.put(f.b)
		if f.op == ws.OpClose {
			w.stopped = true
		}
		if f.from != nil {
			f.from.size.Add(int64(-f.size))
			f.from.room.Signal()
			f.from.settle()
		}
	}
	clear(w.batch)
	w.batch = w.batch[:0]
}

// next takes the frame whose turn it is, if there is one that may go out now. It is called with the lock.
func (w *writer) next() (frame, bool) {
	op, b, from := w.choose()
	if b == nil {
		return frame{}, false
	}
	return frame{op: op, b: b, from: from, size: b.to - b.from}, true
}

func (w *writer) choose() (op ws.OpCode, b *buffer, from *outlet) {
	for {
		switch {
		case w.pong != nil:
			b, w.pong = w.pong, nil
			return ws.OpPong, b, nil
		case w.ping:
			w.ping = false
			return ws.OpPing, w.nextPing(), nil
		case w.control.len() > 0:
			return ws.OpBinary, w.control.pop(), nil
		case w.queued():
			if op, b, from, held := w.nextData(); b != nil || held {
				return op, b, from
			}
		case len(w.last) > 0:
			b, w.last = w.last[0], w.last[1:]
			return ws.OpBinary, b, nil
		case w.goodbye != nil:
			return ws.OpClose, w.goodbye, nil
		default:
			w.window.dry(w.now())
			return 0, nil, nil
		}
	}
}

// queued tells whether a connection has something to send.
func (w *writer) queued() bool { return w.keen.len() > 0 || w.round.len() > 0 || w.turn != nil }

// due tells whether anything is to be written, now or once the window opens.
func (w *writer) due() bool {
	return w.pong != nil || w.ping || w.control.len() > 0 || w.queued() || len(w.last) > 0 || w.goodbye != nil
}

// write sends the batch at once. It tells whether the system did not take all of it.
func (w *writer) write() (left bool, err error) {
	w.network.Cork()
	w.joined = w.joined[:0]
	for _, f := range w.batch {
		f.b.seal(f.op)
		p := f.b.bytes()
		if len(w.batch) > 1 && len(p) <= batchSize {
			// Short ones become one TLS record, by which the other end sees that they belong together.
			w.joined = append(w.joined, p...)
			continue
		}
		// A long one has its own: what is in front of it can be read while it is still on its way.
		if err := w.writeJoined(); err != nil {
			return false, err
		}
		if _, err := w.conn.Write(p); err != nil {
			return false, err
		}
	}
	if err := w.writeJoined(); err != nil {
		return false, err
	}
	return w.network.TryFlush()
}

func (w *writer) writeJoined() error {
	if len(w.joined) == 0 {
		return nil
	}
	_, err := w.conn.Write(w.joined)
	w.joined = w.joined[:0]
	return err
}
