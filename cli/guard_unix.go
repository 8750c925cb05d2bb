//go:build unix

package cli

import (
	"encoding/json"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var guardIgnores = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTTOU, syscall.SIGTSTP}

// inForeground tells whether the terminal is still that of this process group.
func inForeground(terminal int) bool {
	group, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// terminalState is how a terminal is set, in a form that another process restores it from.
func terminalState(terminal int) (string, error) {
	termios, err := unix.IoctlGetTermios(terminal, getTermios)
	if err != nil {
		return "", err
	}
	state, err := json.Marshal(termios)
	return string(state), err
}

func restoreTerminal(terminal int, state string) error {
	var termios unix.Termios
	if err := json.Unmarshal([]byte(state), &termios); err != nil {
		return err
	}
	return unix.IoctlSetTermios(terminal, setTermios, &termios)
}

// quietRuntime sends what the runtime writes to file descriptor 2 nowhere, and keeps os.Stderr for everyone else, ssh
// among them. The function it returns undoes that.
func quietRuntime() (undo func()) {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return func() {}
	}
	defer nowhere.Close()
	kept, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return func() {}
	}
	if err := redirect(int(nowhere.Fd()), 2); err != nil {
		_ = unix.Close(kept)
		return func() {}
	}
	standard := os.Stderr
	os.Stderr = os.NewFile(uintptr(kept), standard.Name())
	return func() {
		_ = redirect(kept, 2)
		_ = os.Stderr.Close()
		os.Stderr = standard
	}
}
