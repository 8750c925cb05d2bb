package cli

import (
	"errors"
	"fmt"

	"adit/tunnelconn"
)

// The exit codes of adit proxy, for whatever supervises it. 0 is an orderly end by a signal; 1 is any failure that is none
// of these, such as a port that is taken or a certificate that is not trusted.
const (
	exitUsage     = 2
	exitRefused   = 3
	exitReplaced  = 4
	exitOver      = 5
	exitExhausted = 6
	exitBarred    = 7
)

// exitStatus ends the program with a code of its own. Without err nothing is printed, because the log has said it.
type exitStatus struct {
	code int
	err  error
}

func (e *exitStatus) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitStatus) Unwrap() error { return e.err }

// usage is a mistake of whoever wrote the command line, the configuration file or the environment.
func usage(format string, args ...any) error {
	return &exitStatus{exitUsage, fmt.Errorf(format, args...)}
}

// proxyExit is the code for why a local proxy stopped by itself.
func proxyExit(err error) int {
	var refused *tunnelconn.HandshakeError
	var barred *tunnelconn.ProxyError
	switch {
	case errors.Is(err, tunnelconn.ErrReplaced):
		return exitReplaced
	case errors.Is(err, tunnelconn.ErrTunnelClosed): // some refusals are one
		return exitOver
	case errors.As(err, &refused):
		return exitRefused
	case errors.As(err, &barred):
		return exitBarred
	}
	return 1
}
