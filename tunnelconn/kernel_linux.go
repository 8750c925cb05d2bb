package tunnelconn

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// queuedInKernel is how many bytes of a TCP connection are unsent or not acknowledged (SIOCOUTQ of tcp(7)).
func queuedInKernel(conn net.Conn) (queued int, known bool) {
	known = control(conn, func(fd int) (err error) {
		queued, err = unix.IoctlGetInt(fd, unix.TIOCOUTQ)
		return err
	})
	return queued, known
}

// deliveryOf is how what was sent on a TCP connection gets there (TCP_INFO).
func deliveryOf(conn net.Conn) (d delivery, known bool) {
	known = control(conn, func(fd int) error {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			d = delivery{
				acked: info.Bytes_acked, owed: info.Unacked > 0, probes: int(info.Probes),
				sentAgo:  time.Duration(info.Last_data_sent) * time.Millisecond,
				ackedAgo: time.Duration(info.Last_ack_recv) * time.Millisecond,
				trip:     time.Duration(info.Rtt) * time.Microsecond,
			}
		}
		return err
	})
	return d, known
}

// limitUnsent lets a write wait while the kernel has so many bytes that it has not sent yet; zero is no limit.
func limitUnsent(conn net.Conn, bytes int) {
	// Where it cannot be set there is the bound of the send buffer.
	_ = control(conn, func(fd int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, bytes) })
}

// control does something with a connection's socket, and tells whether it could.
func control(conn net.Conn, do func(fd int) error) bool {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = do(int(fd)) })
	return err == nil && failed == nil
}

// resetWhenClosed has a socket end by a reset from before it connects (SO_LINGER of socket(7)).
func resetWhenClosed(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptLinger(int(fd), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	})
	if err != nil {
		return err
	}
	return failed
}
