package session

import (
	"net"
	"os"
	"path/filepath"
)

// cutPath is the file beside a session's socket that tells Connect that the last connection was cut.
func cutPath(socket string) string { return filepath.Join(filepath.Dir(socket), "cut") }

// cutMarked is the holder's end of a connection of ssh. A Unix socket knows no reset, by which a TCP connection tells a cut
// from an end: what would reset this one, by setting its linger time to nothing, leaves a file beside the socket instead,
// before it is closed. A session has one connection at a time that matters, its ssh's.
type cutMarked struct {
	*net.UnixConn
	path string
}

func (c cutMarked) SetLinger(int) error { return os.WriteFile(c.path, nil, 0o600) }
