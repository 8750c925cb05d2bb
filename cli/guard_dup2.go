//go:build unix && !linux

package cli

import "golang.org/x/sys/unix"

// redirect makes a file descriptor another name of an open one.
func redirect(from, to int) error { return unix.Dup2(from, to) }
