//go:build unix

package cork

import (
	"errors"
	"syscall"
)

// again makes a system call until no signal interrupts it.
func again(call func(int, []byte) (int, error), fd uintptr, p []byte) (int, error) {
	for {
		n, err := call(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}
