//go:build unix

package cli

import (
	"os"
	"syscall"
)

var guardIgnores = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTTOU, syscall.SIGTSTP}
