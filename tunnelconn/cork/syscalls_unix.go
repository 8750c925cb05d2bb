//go:build unix && (!linux || race)

package cork

import (
	"errors"
	"syscall"
)

// canTry: sockets of package net do not block.
const canTry = true

func write(fd uintptr, p []byte) (int, error) { return again(syscall.Write, fd, p) }

func read(fd uintptr, p []byte) (int, error) { return again(syscall.Read, fd, p) }

func again(call func(int, []byte) (int, error), fd uintptr, p []byte) (int, error) {
	for {
		n, err := call(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}
