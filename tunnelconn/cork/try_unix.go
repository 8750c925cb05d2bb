//go:build unix

package cork

import (
	"errors"
	"syscall"
)

// canTry: sockets of package net do not block.
const canTry = true

// try writes what a socket takes at once.
func try(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Write(int(fd), p)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		default:
			return max(n, 0), err
		}
	}
}
