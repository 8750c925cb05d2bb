package tunnelconn

import (
	"net"
	"syscall"
	"unsafe"
)

// queuedInKernel is how many bytes of a TCP connection are unsent or not acknowledged (SIOCOUTQ of tcp(7)).
func queuedInKernel(conn net.Conn) (int, bool) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, false
	}
	var queued int32
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&queued)))
	})
	return int(queued), err == nil && failed == 0
}
