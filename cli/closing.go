package cli

import (
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// closingLimit is how long anything may take to end in order; all of it promises three seconds.
const closingLimit = 10 * time.Second

// within closes something, and leaves it behind when that takes too long: a program that was told to go must go. The
// stacks of what still runs are logged, so that the reason can be found.
func within(limit time.Duration, what string, log *slog.Logger, end func() error) error {
	done := make(chan error, 1)
	go func() { done <- end() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		stacks := make([]byte, 1<<20)
		log.Error("left behind at the end", "what", what, "after", limit, "stacks", string(stacks[:runtime.Stack(stacks, true)]))
		return fmt.Errorf("%s did not end within %v and was left behind; the log says where it stood", what, limit)
	}
}
