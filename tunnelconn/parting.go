package tunnelconn

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// parting is how far a connection is on its way to its end. Whoever learns something that matters decides what follows, on
// the spot: to wake a goroutine that decides takes longer than all else that a short connection needs.
type parting struct {
	mu sync.Mutex
	// local is the local side, nil before it is known.
	local net.Conn
	// eof is when the local side ended, zero before; told: it was told the peer's end.
	eof  time.Time
	told bool
	// linger is how long to wait for an answer; watch calls expired at due.
	linger time.Duration
	watch  *time.Timer
	due    time.Time
	// over is closed when the local side is, and err is set by then: nil after an orderly end.
	over chan struct{}
	done bool
	err  error
}

// drainIdle bounds how long a local side that was told the end may go on sending what nobody takes.
const drainIdle = 10 * time.Second

var (
	errNoAnswer = errors.New("the connection was ended: one side had closed it, and the other gave no more")
	// errEndedFirst: the application has ended its side, and that is the connection's end, whatever the client still had to
	// send. The application must not take what it got for all there was.
	errEndedFirst = errors.New("the application ended the connection before the client had")
)

// begin makes the local side known.
func (c *connection) begin(local net.Conn) {
	c.end.mu.Lock()
	c.end.local, c.end.linger = local, c.timing.lingerIdle
	if c.hasEnded() {
		c.watchFor(c.timing.stalled)
	}
	c.end.mu.Unlock()
	n, over := c.in.attach(local, c.pumpDown)
	c.handedOver(n)
	if over {
		c.delivered(nil)
	}
}

// hasEnded tells whether the peer has ended the connection in order.
func (c *connection) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// peerEnded is the peer's orderly end: what has arrived is still handed over, nothing more is sent.
func (c *connection) peerEnded() {
	c.endedOnce.Do(func() {
		close(c.ended)
		c.out.drop()
		c.end.mu.Lock()
		if c.end.local != nil {
			c.watchFor(c.timing.stalled)
		}
		c.end.mu.Unlock()
		if c.in.end() {
			c.delivered(nil)
		}
	})
}

// localEnded is the end of what the local side sends.
func (c *connection) localEnded(err error) {
	c.end.mu.Lock()
	lingers := false
	switch {
	case c.end.done:
	case c.end.told:
		c.conclude(nil)
	case err != nil:
		c.finish()
		c.conclude(err)
	default:
		c.end.eof = time.Now()
		switch {
		case c.hasEnded():
		case c.lingers:
			lingers = true
			c.halfClosed.Store(true)
			c.watchFor(c.end.linger)
		default:
			c.finish()
			c.watchFor(c.timing.stalled)
		}
	}
	over := !c.end.done && c.finished.Load() && c.in.end()
	c.end.mu.Unlock()
	if lingers {
		c.stream.owner.linger(c)
	}
	if over {
		c.delivered(nil)
	}
}

// delivered is the end of what the local side is given: with nil all of it, to the end.
func (c *connection) delivered(err error) {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	switch {
	case c.end.done:
	case c.killed.Err() != nil:
		c.conclude(context.Cause(c.killed))
	case err != nil:
		c.finish()
		c.conclude(err)
	case !c.end.eof.IsZero() && !c.lingers && !c.hasEnded():
		c.conclude(errEndedFirst)
	case !c.end.eof.IsZero() || !closeWrite(c.end.local):
		c.conclude(nil)
	default:
		c.end.told = true
		c.watchFor(drainIdle)
	}
}

// wasKilled ends what kill has cut.
func (c *connection) wasKilled() {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	c.conclude(context.Cause(c.killed))
}

// yield asks a connection that lingers to end soon.
func (c *connection) yield() {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	c.end.linger = c.timing.yield
	if c.end.local != nil && !c.end.told {
		c.watchFor(0)
	}
}

// evict ends a connection because too many others linger too. Its end is posted, so that it goes out along with the start
// of the one that takes its place.
func (c *connection) evict() {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	if !c.end.done {
		c.finished.Store(true)
		c.postReset()
		c.conclude(errNoAnswer)
	}
}

// watchFor has the connection looked at after a while. It is called with the lock.
func (c *connection) watchFor(d time.Duration) {
	if c.end.done {
		return
	}
	c.end.due = time.Now().Add(d)
	if c.end.watch == nil {
		c.end.watch = time.AfterFunc(d, c.expired)
	} else {
		c.end.watch.Reset(d)
	}
}

func (c *connection) expired() {
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	left := time.Until(c.end.due) // It may have been put off meanwhile.
	if left <= 0 {
		left = c.remaining()
	}
	switch {
	case c.end.done:
	case left > 0:
		c.watchFor(left)
	case c.end.told:
		c.conclude(nil)
	default:
		c.finish()
		c.conclude(errNoAnswer)
	}
}

// remaining is how long the connection may go on waiting in its present state.
func (c *connection) remaining() time.Duration {
	stuck := min(time.Since(c.end.eof), time.Since(c.begun)-time.Duration(c.moved.Load()))
	switch {
	case c.end.told:
		return 0
	case c.hasEnded() || c.finished.Load():
		return c.timing.stalled - c.idle()
	case c.out.pending() > 0 || c.in.pending() > 0:
		c.touch() // The wait for an answer begins when the question is out.
		return min(c.end.linger, c.timing.lingerMax-stuck)
	default:
		return min(c.end.linger-min(c.idle(), time.Since(c.end.eof)), c.timing.lingerMax-stuck)
	}
}

// conclude closes the local side: cleanly for nil, else by a reset, and not at all for errMoved. It is called with the lock.
func (c *connection) conclude(err error) {
	if c.end.done {
		return
	}
	if errors.Is(err, errMoved) {
		if failed := c.end.local.SetReadDeadline(time.Unix(1, 0)); failed != nil {
			err = failed // It has ended meanwhile.
		}
	}
	c.end.done, c.end.err = true, err
	if c.end.watch != nil {
		c.end.watch.Stop()
	}
	switch {
	case errors.Is(err, errMoved):
	case err != nil:
		c.hold.drop()
		reset(c.end.local)
	default:
		c.hold.drop()
		c.end.local.Close()
	}
	c.in.abort()
	if c.killed.Err() != nil {
		c.out.drop()
	}
	close(c.end.over)
}
