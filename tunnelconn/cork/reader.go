package cork

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// socketReader reads from the socket of a connection with calls of ours. One goroutine at a time may use it.
type socketReader struct {
	raw  syscall.RawConn
	try  func(fd uintptr) bool
	room []byte
	n    int
	err  error
}

// Reader reads from a connection as its Read does, deadlines included, at less cost where it has a socket that the system
// can read without waiting. One goroutine at a time may use it.
func Reader(conn net.Conn) io.Reader {
	raw := socketOf(conn)
	if raw == nil {
		return conn
	}
	r := &socketReader{raw: raw}
	r.try = func(fd uintptr) bool {
		r.n, r.err = read(fd, r.room)
		return !errors.Is(r.err, syscall.EAGAIN) // else it waits, and tries again
	}
	return r
}

func (r *socketReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	r.room = p
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
