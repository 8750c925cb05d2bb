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

// connection joins one local connection to the tunnel. Two pumps move the bytes; run decides when it is over.
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
	// wanted tells a connection that lingers that another one waits for its place.
	wanted chan struct{}
	// evicted is closed when it has to end because too many others linger too.
	evicted chan struct{}
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

// drainIdle bounds how long a local side that was told the end may go on sending what nobody takes.
const drainIdle = 10 * time.Second

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

// yield asks a connection that lingers to end soon.
func (c *connection) yield() {
	select {
	case c.wanted <- struct{}{}:
	default:
	}
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

// peerEnded is the peer's orderly end: what has arrived is still handed over, nothing more is sent.
func (c *connection) peerEnded() {
	c.endedOnce.Do(func() {
		close(c.ended)
		c.in.end()
		c.out.drop()
	})
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

// finish ends the connection towards the peer, behind the data that is still to be sent, and takes no more of its data.
func (c *connection) finish() {
	c.finished.Store(true)
	c.sendReset()
	c.in.end()
}

func (c *connection) sendReset() {
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
	c.in.attach(local)
	up, down := make(chan error, 1), make(chan error, 1)
	go func() { up <- c.pumpUp(local) }()
	go func() { down <- c.pumpDown(local) }()
	pumps := 2
	err := c.supervise(local, up, down, &pumps)
	moved := errors.Is(err, errMoved)
	if moved {
		if failed := local.SetReadDeadline(time.Unix(1, 0)); failed != nil {
			err, moved = failed, false // It has ended meanwhile.
		}
	}
	switch {
	case moved:
	case err != nil:
		c.hold.drop()
		reset(local)
	default:
		c.hold.drop()
		local.Close()
	}
	c.in.abort()
	select {
	case <-c.out.drained:
	case <-c.killed.Done():
		c.out.drop()
	}
	for ; pumps > 0; pumps-- {
		select {
		case <-up:
		case <-down:
		}
	}
	<-c.out.drained
	if moved && local.SetReadDeadline(time.Time{}) != nil {
		c.hold.drop()
		reset(local)
		return ErrCut
	}
	return err
}

// supervise returns when the local side is to be closed: cleanly for nil, else by a reset.
func (c *connection) supervise(local net.Conn, up, down <-chan error, pumps *int) error {
	ended := c.ended
	watch := time.NewTimer(time.Hour)
	watch.Stop()
	defer watch.Stop()
	linger := c.timing.lingerIdle
	var eof time.Time // when the local side ended
	told := false     // the local side was told the end
	for {
		select {
		case <-c.killed.Done():
			return context.Cause(c.killed)
		case <-ended:
			ended = nil
			watch.Reset(c.timing.stalled)
		case err := <-up:
			*pumps--
			switch {
			case told:
				return nil
			case err != nil:
				c.finish()
				return err
			case ended == nil:
				eof = time.Now()
			case c.lingers:
				eof = time.Now()
				c.halfClosed.Store(true)
				c.stream.owner.linger(c)
				watch.Reset(linger)
			default:
				eof = time.Now()
				c.finish()
				watch.Reset(c.timing.stalled)
			}
		case err := <-down:
			*pumps--
			// Whatever cuts the connection also stops this pump, and must not be taken for the peer's end.
			if c.killed.Err() != nil {
				return context.Cause(c.killed)
			}
			if err != nil {
				c.finish()
				return err
			}
			if !eof.IsZero() || !closeWrite(local) {
				return nil
			}
			told = true
			watch.Reset(drainIdle)
		case <-c.wanted:
			linger = c.timing.yield
			if !told {
				watch.Reset(0)
			}
		case <-c.evicted:
			c.finish()
			return errNoAnswer
		case <-watch.C:
			switch left := c.remaining(eof, linger, told, ended == nil || c.finished.Load()); {
			case left > 0:
				watch.Reset(left)
			case told:
				return nil
			default:
				c.finish()
				return errNoAnswer
			}
		}
	}
}

var errNoAnswer = errors.New("the connection was ended: one side had closed it, and the other gave no more")

// remaining is how long supervise may go on waiting in its present state.
func (c *connection) remaining(eof time.Time, linger time.Duration, told, over bool) time.Duration {
	stuck := min(time.Since(eof), time.Since(c.begun)-time.Duration(c.moved.Load()))
	switch {
	case told:
		return 0
	case over:
		return c.timing.stalled - c.idle()
	case c.out.pending() > 0 || c.in.pending() > 0:
		c.touch() // The wait for an answer begins when the question is out.
		return min(linger, c.timing.lingerMax-stuck)
	default:
		return min(linger-min(c.idle(), time.Since(eof)), c.timing.lingerMax-stuck)
	}
}

// fewReads is how many small reads in a row make a connection one that sends little.
const fewReads = 8

// pumpUp sends what the local side gives, until its end. When the tunnel takes no more it goes on reading, because a
// socket that is closed with bytes unread resets, and would take with it what it has just been given.
func (c *connection) pumpUp(local net.Conn) error {
	size := smallRoom
	small := 0 // reads in a row that a small buffer would have held
	taken := true
	from := cork.Reader(local)
	for {
		b := c.pool.get(size)
		room := b.room()
		room = room[:min(len(room), c.out.message())]
		n, err := from.Read(room)
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

// pumpDown hands over what came out of the tunnel; nil means that all of it was, to the peer's end.
func (c *connection) pumpDown(local net.Conn) error {
	for {
		b, ok := c.in.next()
		if !ok {
			return nil
		}
		n, err := local.Write(b.bytes())
		c.handedOver(n)
		c.in.done(b)
		if err != nil {
			return err
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
