package client

import (
	"context"
	"time"
)

// limit ends a context after a while that can be paused for as long as a person is asked something.
type limit struct {
	after  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// withLimit leaves a context that has a deadline with that deadline.
func withLimit(parent context.Context, after time.Duration) (context.Context, *limit) {
	ctx, cancel := context.WithCancelCause(parent)
	l := &limit{after: after, cancel: cancel}
	if _, ok := parent.Deadline(); !ok {
		l.timer = time.AfterFunc(after, func() { cancel(context.DeadlineExceeded) })
	}
	return ctx, l
}

func (l *limit) pause() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

func (l *limit) resume() {
	if l.timer != nil {
		l.timer.Reset(l.after)
	}
}

func (l *limit) stop() {
	l.pause()
	l.cancel(context.Canceled)
}
