package tunnelconn

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"adit/tunnelconn/cork"
	"adit/tunnelconn/wire"
)

// connection joins one local connection to the tunnel. The goroutine that runs it sends what the local side gives. What
// comes out of the tunnel is handed over by the session's reader, and by a goroutine of its own only as long as the local
// side is behind.
//
// The protocol knows no half-close and one way to end: a reset, which says the same of a finished transfer and of a cut
// one. So a connection keeps the difference itself. It closes the local side cleanly only when the peer has ended the
// connection and everything that had arrived was handed over; whatever else ends it resets the local side.
type connection struct {
	stream *stream
	id     uint32
	count  *counters
	timing timing
	pool   *buffers
	in     *inbox
	out    *outlet
	// hold keeps what the local side says first; nil where nothing needs to be.
	hold *hold
	// movedIn: its local side was in an earlier session.
	movedIn bool
	begun   time.Time
	// serial and localPeer say which one it is; they are set before it runs.
	serial    uint64
	localPeer string
	// lingers: an end of the local side leaves the connection open for the answer still to come. A source lingers, as its
	// client may well have shut down the sending half only; a destination does not, as its client waits for the end.
	lingers bool

	// answered: the peer has sent a byte. Only the session's reader may look.
	answered bool
	// ended is closed when the peer has ended the connection in order.
	ended     chan struct{}
	endedOnce sync.Once
	// killed is done when the connection was cut, for its cause.
	killed context.Context
	kill   context.CancelCauseFunc
	// halfClosed: the local side has ended and the connection lingers.
	halfClosed atomic.Bool
	end        parting
	// finished: the end was sent, or stands in the queue.
	finished atomic.Bool
	// active is when a byte last moved towards the local side, or waited to, in nanoseconds since begun; moved is when one
	// last did move.
	active, moved atomic.Int64
	// sentAt is when a byte of the local side was last queued, in nanoseconds since begun; zero is never.
	sentAt atomic.Int64
	// sent and received are bytes of the application, into the tunnel and out of it.
	sent, received atomic.Uint64
}

// status samples the connection.
func (c *connection) status() ConnectionStatus {
	status := ConnectionStatus{
		ID: c.serial, LocalPeer: c.localPeer, Since: c.begun,
		Sent: c.sent.Load(), Received: c.received.Load(),
		Outgoing: c.out.pending() + c.hold.pending(), Incoming: c.in.pending(), HalfClosed: c.halfClosed.Load(),
	}
	if sent := c.sentAt.Load(); sent > 0 {
		status.Asked = c.begun.Add(time.Duration(sent))
	}
	if status.Received > 0 || status.Incoming > 0 {
		status.Heard = c.begun.Add(time.Duration(c.moved.Load()))
	}
	return status
}

func (c *connection) touch() { c.active.Store(int64(time.Since(c.begun))) }

func (c *connection) move() {
	c.touch()
	c.moved.Store(c.active.Load())
}

func (c *connection) idle() time.Duration {
	return time.Since(c.begun) - time.Duration(c.active.Load())
}

// sending tells whether the local side seems to be in the middle of something that it sends.
func (c *connection) sending() bool {
	last := c.sentAt.Load()
	return c.out.pending() > 0 || last != 0 && time.Since(c.begun)-time.Duration(last) < c.timing.pause
}

// deliver takes bytes out of the tunnel. It blocks while the local side is too far behind. When that holds other
// connections up and takes nothing at all, it is the one to go.
func (c *connection) deliver(payload []byte) {
	if len(payload) > 0 && !c.answered {
		c.answered = true
		c.hold.release(c.send)
	}
	c.move()
	n := c.in.pass(payload)
	c.handedOver(n)
	if payload = payload[n:]; len(payload) == 0 {
		return
	}
	if c.in.push(payload, c.timing.grace, c.stream.owner.shared) {
		c.count.overflowed.Add(1)
		c.stream.owner.release(c)
		c.abandon(ErrStalled)
	}
}

// farEnd is the end that the peer of a source gives a connection. Before the first byte it is how a device says that its
// application refuses, and must not pass for an empty answer.
func (c *connection) farEnd() {
	if c.answered {
		c.peerEnded()
	} else {
		c.cut(ErrReset)
	}
}

// cut ends the connection at once, unless the peer had ended it before: then it may finish.
func (c *connection) cut(cause error) {
	select {
	case <-c.ended:
	default:
		c.kill(cause)
		c.in.abort() // The session's reader may be waiting for room.
	}
}

// moveOn ends the connection here without a word to either side, to go on in the next session.
func (c *connection) moveOn() {
	c.finished.Store(true)
	c.hold.move()
	c.out.drop()
	c.cut(errMoved)
}

// abandon ends the connection at once and tells the peer, because its owner does not want it any more.
func (c *connection) abandon(cause error) {
	if c.finished.CompareAndSwap(false, true) {
		c.out.drop()
		c.stream.owner.send(c.stream.resetOf(c))
	}
	c.cut(cause)
}

// finish ends the connection towards the peer, behind the data that is still to be sent.
func (c *connection) finish() {
	c.finished.Store(true)
	c.sendReset()
}

func (c *connection) sendReset() {
	c.postReset()
	c.out.hurry()
}

// postReset queues the end, to be followed by an outlet's send or hurry.
func (c *connection) postReset() {
	message := c.stream.resetOf(c)
	last := controlBuffer(nil)
	if err := last.frame(&message); err != nil {
		c.kill(err)
		return
	}
	c.out.finish(last)
}

// run moves bytes until the connection is over and nothing of it is left in the tunnel or on this machine. It closes
// local, but for errMoved. The error is nil after an orderly end.
func (c *connection) run(local net.Conn) error {
	c.begin(local)
	defer context.AfterFunc(c.killed, c.wasKilled)()
	c.localEnded(c.pumpUp(local))
	<-c.end.over
	select {
	case <-c.out.drained:
	case <-c.killed.Done():
		c.out.drop()
	}
	c.in.pumps.Wait()
	<-c.out.drained
	if errors.Is(c.end.err, errMoved) && local.SetReadDeadline(time.Time{}) != nil {
		c.hold.drop()
		reset(local)
		return ErrCut
	}
	return c.end.err
}

// fewReads is how many small reads in a row make a connection one that sends little.
const fewReads = 8

// pumpUp sends what the local side gives, until its end. When the tunnel takes no more it goes on reading, because a
// socket that is closed with bytes unread resets, and would take with it what it has just been given.
func (c *connection) pumpUp(local net.Conn) error {
	size := smallRoom
	small := 0 // reads in a row that a small buffer would have held
	taken := true
	from := cork.NewReader(local)
	for first := true; ; first = false {
		b := c.pool.get(size)
		room := b.room()
		room = room[:min(len(room), c.out.message())]
		n, err := 0, error(nil)
		if first {
			// What the local side has said by now goes out along with the connection's start.
			c.stream.owner.retire(c.stream, maxLingering-1)
			if n, err = from.TryRead(room); n == 0 {
				c.out.hurry()
			}
		}
		if n == 0 && err == nil {
			n, err = from.Read(room)
		}
		b.to += n
		switch {
		case n <= smallRoom/4:
			// The rest of a larger block, or somebody who types: only several of them tell.
			if small++; small == fewReads {
				size = smallRoom
			}
		default:
			small = 0
			if n == len(room) {
				size = largeRoom
			}
		}
		sent := false
		if n > 0 && taken {
			sent = c.hold.keep(b) || c.send(b)
			taken = sent
		}
		if !sent {
			c.pool.put(b)
		}
		if first {
			c.out.hurry()
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return err
		}
	}
}

// send queues bytes of the local side. False means that the tunnel takes no more and the buffer is still the caller's.
func (c *connection) send(b *buffer) bool {
	n := len(b.bytes())
	m := c.stream.message(wire.Data, c.id)
	if err := b.frame(&m); err != nil {
		c.abandon(err)
		return false
	}
	if !c.out.send(b) {
		return false
	}
	c.sent.Add(uint64(n))
	c.count.sent.Add(uint64(n))
	c.sentAt.Store(int64(time.Since(c.begun)))
	return true
}

// pumpDown hands over what came out of the tunnel while the local side was behind.
func (c *connection) pumpDown() {
	for {
		b, over := c.in.next()
		if b == nil {
			if over {
				c.delivered(nil)
			}
			return
		}
		n, err := c.end.local.Write(b.bytes())
		c.handedOver(n)
		c.in.done(b)
		if err != nil {
			c.delivered(err)
			return
		}
	}
}

// handedOver counts bytes that the local side has taken.
func (c *connection) handedOver(n int) {
	if n == 0 {
		return
	}
	c.received.Add(uint64(n))
	c.count.received.Add(uint64(n))
	c.move()
}

// reset closes a connection so that its other end cannot take it for a clean end.
func reset(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		// An error means that it is closed already.
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// closeWrite ends the sending half, and says whether there is such a thing.
func closeWrite(conn net.Conn) bool {
	half, ok := conn.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}
