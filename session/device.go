package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"adit/client"
)

const (
	// describeEvery is the pause between looks at a tunnel whose device is waited for.
	describeEvery = time.Second
	// resendEvery is the least time between two tokens for a device: each voids the one it may be using.
	resendEvery = 30 * time.Second
)

// awaitDevice looks at the tunnel until its device is connected. Where a tunnel is reused and its device is gone, the
// device is sent its token once, as it has no reason to come by itself; else it is left to what it was sent.
func (a *Attempt) awaitDevice(ctx context.Context) (string, error) {
	started := time.Now()
	called := !a.reused
	for {
		t, err := a.describe(ctx)
		switch {
		case err == nil && !t.Open():
			return "", tunnelOver(t)
		case err == nil && t.Destination.Connected:
			a.board.update(func(p *Progress) { p.ResendAfter = time.Time{} })
			return connectedText(t, time.Since(started)), nil
		case err == nil && !called:
			called = true
			err = a.callBack(ctx, t)
		}
		if err != nil && !passing(err) {
			return "", err
		}
		a.board.say(StageDevice, a.waitingText(time.Since(started), err))
		if err := pause(ctx, describeEvery); err != nil {
			return "", err
		}
	}
}

// callBack sends the device of a reused tunnel its token, visibly. That it may not is no reason to stop waiting.
func (a *Attempt) callBack(ctx context.Context, t client.Tunnel) error {
	if t.Thing == "" {
		return nil
	}
	a.board.say(StageDevice, fmt.Sprintf("%s is not in the tunnel: sending it a new token", a.target()))
	if err := a.Resend(ctx); err != nil && !errors.Is(err, errTooSoon) {
		a.sessions.log.Warn("the device could not be called back", "tunnel", t.Key.ID, "error", err)
		return &waitError{err}
	}
	return nil
}

// waitError is shown beside the waiting and does not end it.
type waitError struct{ error }

// passing tells an error that may be over at the next look.
func passing(err error) bool {
	var shown *waitError
	if errors.As(err, &shown) {
		return true
	}
	switch client.KindOf(err) {
	case client.KindThrottled, client.KindOffline, client.KindAmbiguous:
		return true
	}
	return false
}

// waitingText leaves the way to send again to the screen, which knows the key and counts ResendAfter down.
func (a *Attempt) waitingText(waited time.Duration, err error) string {
	text := fmt.Sprintf("Waiting for %s to pick up the tunnel: %s.", a.target(), minutes(waited))
	switch wait := time.Until(a.board.snapshot().ResendAfter); {
	case a.tunnelNow().Thing == "":
		text += " The tunnel names no thing, so its device must be given the token by hand."
	case wait > 0:
		text += " Sending again now would void the token it may be using."
	}
	if err != nil {
		what, _ := explain(err)
		text += " " + what
	}
	return text
}

func connectedText(t client.Tunnel, waited time.Duration) string {
	if waited < describeEvery && !t.Destination.Since.IsZero() {
		return "device connected since " + clock(t.Destination.Since)
	}
	return fmt.Sprintf("device connected after %s", minutes(waited))
}

func tunnelOver(t client.Tunnel) error {
	text := fmt.Sprintf("The tunnel to %s was closed meanwhile.", thingOrTunnel(t))
	if ends := t.Ends(); !ends.IsZero() && !time.Now().Before(ends) {
		text = fmt.Sprintf("The tunnel to %s ended at %s: its lifetime is over.", thingOrTunnel(t), clock(ends))
	}
	return &Failure{Text: text, Remedy: "A closed tunnel never opens again; opening another is billed."}
}
