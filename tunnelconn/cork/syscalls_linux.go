//go:build linux && !race

package cork

import (
	"syscall"
	"unsafe"
)

// canTry: sockets of package net do not block.
const canTry = true

// short is how many bytes a call may have to move for the scheduler not to be told of it.
const short = 4 << 10

func write(fd uintptr, p []byte) (int, error) {
	if len(p) > short {
		return again(syscall.Write, fd, p)
	}
	return raw(syscall.SYS_WRITE, fd, p)
}

func read(fd uintptr, p []byte) (int, error) {
	if len(p) > short {
		return again(syscall.Read, fd, p)
	}
	return raw(syscall.SYS_READ, fd, p)
}

// raw makes a system call behind the scheduler's back. It may, as the call never waits and is short; and it spares a message
// most of its cost: told of a call in a program that was idle, the scheduler wakes a thread that watches over how long it
// takes, which is another processor's turn and several calls of its own. A transfer needs that thread, for it sees to it that
// others have their turn.
func raw(call, fd uintptr, p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
