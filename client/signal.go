package client

import (
	"context"
	"time"
)

// signal wakes one goroutine. Setting it never blocks, and setting it twice is setting it once.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) set() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// wait blocks until the signal is set, or until a time that is not zero. It is false when the context has ended.
func (s signal) wait(ctx context.Context, until time.Time) bool {
	var timeout <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-s:
	case <-timeout:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
