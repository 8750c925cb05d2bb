//go:build linux

package cli

import "golang.org/x/sys/unix"

// The requests of a terminal's settings (ioctl_tty(2)).
const getTermios, setTermios = unix.TCGETS, unix.TCSETS

// redirect makes a file descriptor another name of an open one. Not every Linux has dup2.
func redirect(from, to int) error { return unix.Dup3(from, to, 0) }
