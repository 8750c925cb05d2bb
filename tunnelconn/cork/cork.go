// Package cork sends to a socket in few system calls and, where the system can, without waiting.
//
// What one message becomes under TLS is several records, and crypto/tls writes each by itself: a [Conn] under it keeps them
// until the message is whole. And who has more to do than to wait can still send by itself, with no other goroutine to
// wake, as long as the kernel has room; only what is left then needs somebody who waits.
package cork

import (
	"errors"
	"net"
	"sync"
	"syscall"
)

// Socket writes to a connection without waiting. One goroutine at a time may use it.
type Socket struct {
	raw   syscall.RawConn
	write func(fd uintptr) bool
	// These are what write works on, here so that no call allocates.
	bytes []byte
	taken int
	err   error
}

// Of gives the socket of a connection, or nil where there is none or the system cannot.
func Of(conn net.Conn) *Socket {
	raw := socketOf(conn)
	if raw == nil {
		return nil
	}
	s := &Socket{raw: raw}
	s.write = func(fd uintptr) bool {
		s.taken, s.err = write(fd, s.bytes)
		if errors.Is(s.err, syscall.EAGAIN) {
			s.taken, s.err = 0, nil
		}
		return true // Never wait for the socket.
	}
	return s
}

// socketOf is what calls can be made on, or nil.
func socketOf(conn net.Conn) syscall.RawConn {
	holder, ok := conn.(syscall.Conn)
	if !ok || !canTry {
		return nil
	}
	raw, err := holder.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// TryWrite writes as much of p as the kernel has room for, maybe nothing. A nil Socket takes nothing.
func (s *Socket) TryWrite(p []byte) (int, error) {
	if s == nil {
		return 0, nil
	}
	s.bytes, s.taken = p, 0
	err := s.raw.Write(s.write)
	s.bytes = nil
	if err == nil {
		err = s.err
	}
	return s.taken, err
}

// Conn is a connection that can keep what is written to it. Unlike other methods Write, Cork, TryFlush and Flush exclude
// each other; the present one may wait for as long as the kernel has no room.
type Conn struct {
	net.Conn
	socket *Socket
	reader *Reader

	mu     sync.Mutex
	corked bool
	kept   []byte
}

// New makes a Conn, which keeps nothing until Cork.
func New(conn net.Conn) *Conn { return &Conn{Conn: conn, socket: Of(conn), reader: NewReader(conn)} }

// Read is that of Reader.
func (c *Conn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Cork keeps what is written from now on.
func (c *Conn) Cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = true
}

// Write keeps p between Cork and a flush; else it sends p, behind what is still kept.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.corked && len(c.kept) == 0 {
		return c.Conn.Write(p)
	}
	c.kept = append(c.kept, p...)
	if c.corked {
		return len(p), nil
	}
	return len(p), c.flush()
}

// TryFlush ends Cork and sends what the kernel has room for. It tells whether anything is left, for Flush.
func (c *Conn) TryFlush() (left bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = false
	n, err := c.socket.TryWrite(c.kept)
	c.kept = c.kept[:copy(c.kept, c.kept[n:])]
	return len(c.kept) > 0, err
}

// Flush ends Cork and sends everything. It waits until the kernel has it, or the connection's deadline.
func (c *Conn) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = false
	return c.flush()
}

func (c *Conn) flush() error {
	n, err := c.Conn.Write(c.kept)
	c.kept = c.kept[:copy(c.kept, c.kept[n:])]
	return err
}
