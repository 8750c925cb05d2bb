//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package cli

import "golang.org/x/sys/unix"

// The requests of a terminal's settings (termios(4)).
const getTermios, setTermios = unix.TIOCGETA, unix.TIOCSETA

// redirect makes a file descriptor another name of an open one.
func redirect(from, to int) error { return unix.Dup2(from, to) }
