package relay

import (
	"io"
	"slices"

	"adit/tunnelconn/cork"
)

// portion is how much of a batch is encrypted before it is sent, in bytes.
const portion = 64 << 10

// straight sends to a local proxy in few system calls, nothing between.
type straight struct {
	conn    io.Writer  // encrypts
	network *cork.Conn // what it writes to
}

// Write sends what try has left, then p, and waits until the system has both.
func (s *straight) Write(p []byte) (int, error) {
	for part := range slices.Chunk(p, portion) {
		s.network.Cork()
		if _, err := s.conn.Write(part); err != nil {
			return 0, err
		}
		if err := s.network.Flush(); err != nil {
			return 0, err
		}
	}
	return len(p), s.network.Flush()
}

// try sends p as far as the system takes it at once, and tells whether something is left for Write.
func (s *straight) try(p []byte) (left bool, err error) {
	s.network.Cork()
	if _, err := s.conn.Write(p); err != nil {
		return false, err
	}
	return s.network.TryFlush()
}
