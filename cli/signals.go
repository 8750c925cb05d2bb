package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal syscall.Signal }

func (s signalled) Error() string { return fmt.Sprintf("ended by signal: %v", s.signal) }

// interrupts tells whose ctrl+c is: while a child has the terminal, as in a login, it is the child's.
type interrupts struct{ childs atomic.Bool }

// leave lets a child have ctrl+c for as long as it runs.
func (i *interrupts) leave(run func() error) error {
	i.childs.Store(true)
	defer i.childs.Store(false)
	return run()
}

// withSignals ends the context at the first signal that asks the process to go. It replaces the screen's own handling,
// which loses SIGTERM while ssh has the terminal and does not know SIGHUP.
func withSignals(parent context.Context, keys *interrupts) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-received:
				if s == os.Interrupt && keys.childs.Load() {
					continue
				}
				number, _ := s.(syscall.Signal)
				cancel(signalled{number})
				// A second signal takes the default way out: whoever sends it does not want to wait.
				signal.Stop(received)
			case <-done:
			}
			return
		}
	}()
	return ctx, func() {
		signal.Stop(received)
		close(done)
		cancel(nil)
	}
}

// exitCode follows the shell's convention for signals, 128 and the number, unless the error brings a code of its own.
func exitCode(ctx context.Context, err error) int {
	var own *exitStatus
	var s signalled
	switch {
	case errors.As(err, &own):
		return own.code
	case errors.As(context.Cause(ctx), &s):
		return 128 + int(s.signal)
	case err != nil:
		return 1
	}
	return 0
}
