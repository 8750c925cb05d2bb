package cork

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// Reader reads from a connection as its Read does, deadlines included, at less cost where it has a socket that the system
// can read without waiting. One goroutine at a time may use it.
type Reader struct {
	conn net.Conn
	raw  syscall.RawConn // nil without such a socket
	try  func(fd uintptr) bool
	// These are what try works on, here so that no call allocates.
	room  []byte
	waits bool
	n     int
	err   error
}

// NewReader makes a Reader.
func NewReader(conn net.Conn) *Reader {
	r := &Reader{conn: conn, raw: socketOf(conn)}
	r.try = func(fd uintptr) bool {
		r.n, r.err = read(fd, r.room)
		return !r.waits || !errors.Is(r.err, syscall.EAGAIN) // else it waits, and tries again
	}
	return r
}

// TryRead reads what is there already, maybe nothing. Without a socket that the system can try it is always nothing.
func (r *Reader) TryRead(p []byte) (int, error) {
	if r.raw == nil {
		return 0, nil
	}
	n, err := r.read(p, false)
	if errors.Is(err, syscall.EAGAIN) {
		return 0, nil
	}
	return n, err
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if r.raw == nil {
		return r.conn.Read(p)
	}
	return r.read(p, true)
}

func (r *Reader) read(p []byte, waits bool) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.room, r.waits = p, waits
	err := r.raw.Read(r.try)
	r.room = nil
	switch {
	case err != nil:
		return 0, err
	case r.err != nil:
		return 0, os.NewSyscallError("read", r.err)
	case r.n == 0:
		return 0, io.EOF
	default:
		return r.n, nil
	}
}
