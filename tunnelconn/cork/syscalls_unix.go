//go:build unix && (!linux || race)

package cork

import "syscall"

// canTry: sockets of package net do not block.
const canTry = true

func write(fd uintptr, p []byte) (int, error) { return again(syscall.Write, fd, p) }

func read(fd uintptr, p []byte) (int, error) { return again(syscall.Read, fd, p) }
