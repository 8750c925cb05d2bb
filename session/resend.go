package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"adit/client"
)

var errTooSoon = errors.New("too soon")

// Resend rotates the destination's token, so that the device is told again; at most every 30 s, as each token voids the
// one before it. It works after the attempt failed, too.
func (a *Attempt) Resend(ctx context.Context) error {
	a.mu.Lock()
	t, wait := a.tunnel, time.Until(a.sentAt.Add(resendEvery))
	switch {
	case t.Key.ID == "":
		a.mu.Unlock()
		return &Failure{Text: "There is no tunnel yet whose token could be sent."}
	case t.Thing == "":
		a.mu.Unlock()
		return &Failure{Text: "The tunnel names no thing, so the service cannot send its device a token."}
	case wait > 0:
		a.mu.Unlock()
		return &Failure{Text: fmt.Sprintf("%s was sent a token a moment ago; another would void it.", t.Thing),
			Remedy: fmt.Sprintf("Send again in %s.", minutes(wait)), Err: errTooSoon}
	}
	before := a.sentAt
	a.sentAt = time.Now() // at once, so that a second key press does not send two
	a.mu.Unlock()
	in := client.RotateInput{ID: t.Key.ID, Mode: client.ModeDestination, Thing: t.Thing.Raw(), Services: rawTexts(t.Services)}
	if err := a.sessions.rotate(ctx, a.req.Service, t.Key, in); err != nil {
		a.setResend(t, before)
		return err
	}
	a.setResend(t, time.Now())
	return nil
}

// setResend notes when the device was last sent its token; a tunnel without a thing has none to send it to.
func (a *Attempt) setResend(t client.Tunnel, sent time.Time) {
	a.mu.Lock()
	a.sentAt = sent
	a.mu.Unlock()
	a.board.update(func(p *Progress) {
		switch {
		case t.Thing == "":
			p.ResendAfter = time.Time{}
		case sent.IsZero():
			p.ResendAfter = time.Now()
		default:
			p.ResendAfter = sent.Add(resendEvery)
		}
	})
}
