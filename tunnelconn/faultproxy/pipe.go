package faultproxy

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Conn is one end of a connection in memory that behaves as a TCP connection does: it buffers, it can be half closed, and
// it is reset by a close with bytes unread, with linger 0, or by bytes that nobody is there for.
type Conn struct {
	shared *sync.Mutex
	turned *sync.Cond
	peer   *Conn

	in     bytes.Buffer // what the peer has written and this end not yet read
	limit  int
	fin    bool // the peer writes no more
	shut   bool // this end writes no more
	rst    bool
	closed bool
	linger int
	// The deadlines, as in net.Conn.
	readBy, writeBy deadline
}

// Pipe makes the two ends, which hold so many bytes in each direction.
func Pipe(buffer int) (*Conn, *Conn) {
	shared := new(sync.Mutex)
	a := &Conn{shared: shared, turned: sync.NewCond(shared), limit: buffer, linger: -1}
	b := &Conn{shared: shared, turned: a.turned, limit: buffer, linger: -1, peer: a}
	a.peer = b
	return a, b
}

// Read is as net.Conn's. What had come before a reset can still be read.
func (c *Conn) Read(p []byte) (int, error) {
	c.shared.Lock()
	defer c.shared.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.failed("read", net.ErrClosed)
		case c.readBy.passed:
			return 0, c.failed("read", os.ErrDeadlineExceeded)
		case c.in.Len() > 0:
			n, _ := c.in.Read(p)
			c.turned.Broadcast()
			return n, nil
		case c.rst:
			return 0, c.failed("read", syscall.ECONNRESET)
		case c.fin:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		c.turned.Wait()
	}
}

// Write is as net.Conn's.
func (c *Conn) Write(p []byte) (written int, err error) {
	c.shared.Lock()
	defer c.shared.Unlock()
	for {
		room := c.limit - c.peer.in.Len()
		switch {
		case c.closed:
			return written, c.failed("write", net.ErrClosed)
		case c.writeBy.passed:
			return written, c.failed("write", os.ErrDeadlineExceeded)
		case c.rst:
			return written, c.failed("write", syscall.ECONNRESET)
		case c.shut:
			return written, c.failed("write", syscall.EPIPE)
		case len(p) == 0:
			return written, nil
		case c.peer.closed:
			// The first bytes for nobody are taken, and answered by a reset.
			c.breakOff()
			return written + len(p), nil
		case room > 0:
			n := min(room, len(p))
			c.peer.in.Write(p[:n])
			written += n
			p = p[n:]
			c.turned.Broadcast()
			continue
		}
		c.turned.Wait()
	}
}

// CloseWrite ends this direction.
func (c *Conn) CloseWrite() error {
	c.shared.Lock()
	defer c.shared.Unlock()
	if c.closed || c.rst {
		return c.failed("close", net.ErrClosed)
	}
	c.shut, c.peer.fin = true, true
	c.turned.Broadcast()
	return nil
}

// SetLinger is as net.TCPConn's; only 0 makes a difference.
func (c *Conn) SetLinger(seconds int) error {
	c.shared.Lock()
	defer c.shared.Unlock()
	c.linger = seconds
	return nil
}

// Close is as a TCP connection's.
func (c *Conn) Close() error {
	c.shared.Lock()
	defer c.shared.Unlock()
	if c.closed {
		return c.failed("close", net.ErrClosed)
	}
	c.closed = true
	c.readBy.stop()
	c.writeBy.stop()
	if c.linger == 0 || c.in.Len() > 0 {
		c.breakOff()
	}
	c.shut, c.peer.fin = true, true
	c.turned.Broadcast()
	return nil
}

// breakOff resets the connection.
func (c *Conn) breakOff() {
	if !c.peer.closed {
		c.peer.rst = true
	}
	if !c.closed {
		c.rst = true
	}
	c.turned.Broadcast()
}

// Waiting is how many bytes Read would give now, and how the connection goes on behind them: nil while it does, io.EOF or
// a reset's error when that is its end.
func (c *Conn) Waiting() (int, error) {
	c.shared.Lock()
	defer c.shared.Unlock()
	switch {
	case c.rst:
		return c.in.Len(), syscall.ECONNRESET
	case c.fin:
		return c.in.Len(), io.EOF
	default:
		return c.in.Len(), nil
	}
}

func (c *Conn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: address.Network(), Addr: address, Err: err}
}

// LocalAddr and RemoteAddr are the same for all.
func (c *Conn) LocalAddr() net.Addr  { return address }
func (c *Conn) RemoteAddr() net.Addr { return address }

// SetDeadline and its like are as net.Conn's.
func (c *Conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *Conn) SetReadDeadline(t time.Time) error  { return c.set(&c.readBy, t) }
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.set(&c.writeBy, t) }

func (c *Conn) set(d *deadline, t time.Time) error {
	c.shared.Lock()
	defer c.shared.Unlock()
	if c.closed {
		return c.failed("set", net.ErrClosed)
	}
	d.stop()
	d.passed = !t.IsZero() && time.Until(t) <= 0
	c.turned.Broadcast()
	if t.IsZero() || d.passed {
		return nil
	}
	round := d.round
	d.timer = time.AfterFunc(time.Until(t), func() {
		c.shared.Lock()
		defer c.shared.Unlock()
		if d.round == round {
			d.passed = true
			c.turned.Broadcast()
		}
	})
	return nil
}

// deadline is one that may have passed. A timer of an earlier round says nothing any more.
type deadline struct {
	timer  *time.Timer
	round  int
	passed bool
}

func (d *deadline) stop() {
	d.round++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

type memory struct{}

// address has the form of one that a certificate for loopback is good for.
var address net.Addr = memory{}

func (memory) Network() string { return "memory" }
func (memory) String() string  { return "127.0.0.1:443" }
