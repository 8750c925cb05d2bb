package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"adit/client"
)

// Failure is a stage that could not be passed, in words: what happened, and what to do.
type Failure struct {
	Text, Remedy string
	Err          error
}

func (f *Failure) Error() string { return strings.TrimSpace(f.Text + " " + f.Remedy) }
func (f *Failure) Unwrap() error { return f.Err }

// BusyError says that the tunnel's source is connected, and not by this adit, or that this adit was displaced from it. The
// user may take over, open a new one, or wait.
type BusyError struct {
	Thing string
	Key   client.Key
	// Holder is who has it by the holder tag, "" where nobody says.
	Holder string
	// Since is when that source connected, zero where the service does not tell.
	Since time.Time
	// Displaced: this adit had the source until somebody else took it, who may be gone by now. Connected tells that the
	// service still shows a source there.
	Displaced, Connected bool
}

func (e *BusyError) Error() string {
	holder, mark := "somebody else", ""
	if e.Holder != "" {
		holder, mark = e.Holder, " (by its tag)"
	}
	switch {
	case e.Displaced && !e.Connected:
		return fmt.Sprintf("Someone else took the source of %s from this adit. Nobody is connected there now, but adit does not take it back by itself.", e.Thing)
	case e.Since.IsZero():
		return fmt.Sprintf("%s is in use: %s has its source%s.", e.Thing, holder, mark)
	}
	return fmt.Sprintf("%s is in use: %s has held its source since %s%s.", e.Thing, holder, clock(e.Since), mark)
}

// NothingToReuseError says that no open tunnel of the thing can be reused; opening one is billed, so that is the user's to say.
type NothingToReuseError struct {
	Thing  string
	Reason string
}

func (e *NothingToReuseError) Error() string {
	return fmt.Sprintf("Nothing open to %s can be reused: %s.", e.Thing, e.Reason)
}

// UnknownOpenError says that the answer to an open was lost, and no tunnel with its mark was found. It may exist all the same.
type UnknownOpenError struct {
	Thing  string
	Marker string
	Err    error
}

func (e *UnknownOpenError) Error() string {
	return "It is unknown whether the tunnel was opened. No tunnel with our mark after 30 s. It may still appear: open again only if you accept a second charge."
}

func (e *UnknownOpenError) Unwrap() error { return e.Err }

// explain puts an error into the words of a stage.
func explain(err error) (text, remedy string) {
	var failure *Failure
	if errors.As(err, &failure) {
		return failure.Text, failure.Remedy
	}
	var busy *BusyError
	if errors.As(err, &busy) {
		return busy.Error(), "Take it over (its user is cut off), open a second tunnel (billed), or wait."
	}
	var nothing *NothingToReuseError
	if errors.As(err, &nothing) {
		return nothing.Error(), "Open a new tunnel: AWS bills every open."
	}
	var api *client.Error
	if errors.As(err, &api) {
		return api.Sentence(), strings.TrimSpace(api.Remedy + " " + api.Command)
	}
	if errors.Is(err, context.Canceled) {
		return "Given up.", ""
	}
	return err.Error(), ""
}

// clock is a time of day as a user reads it.
func clock(t time.Time) string { return t.Local().Format("15:04") }

// minutes is a duration as m:ss.
func minutes(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
