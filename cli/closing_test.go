package cli

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatDoesNotEndIsLeftBehindWithItsStacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		log := slog.New(slog.NewTextHandler(&logged, nil))
		never := make(chan struct{})
		err := within(closingLimit, "the service", log, func() error { <-never; return nil })
		if err == nil || !strings.Contains(err.Error(), "the service") || !strings.Contains(logged.String(), "goroutine") {
			t.Errorf("error %v, log %.100q", err, logged.String())
		}
		close(never)
		synctest.Wait()
	})
}

func TestWhatEndsInTimeGivesItsOwnError(t *testing.T) {
	want := errors.New("x")
	err := within(time.Minute, "the service", slog.New(slog.DiscardHandler), func() error { return want })
	if !errors.Is(err, want) {
		t.Errorf("error %v, want the end's own", err)
	}
}
