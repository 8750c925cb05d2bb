package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"adit/client"
)

var errTooSoon = errors.New("too soon")

// Resend rotates the destination's token, so that the device is told again; at most every 30 s a tunnel, as each token
// voids the one before it. It works after the attempt failed, too.
func (a *Attempt) Resend(ctx context.Context) error {
	t := a.tunnelNow()
	switch {
	case t.Key.ID == "":
		return &Failure{Text: "There is no tunnel yet whose token could be sent."}
	case t.Thing == "":
		return &Failure{Text: "The tunnel names no thing, so the service cannot send its device a token."}
	}
	defer a.showResend(t)
	return a.sessions.Resend(ctx, a.req.Service, t)
}

// Resend sends a tunnel's device a new token; see Attempt.Resend.
func (s *Sessions) Resend(ctx context.Context, svc client.Service, t client.Tunnel) error {
	before, wait := s.claimSend(t.Key)
	if wait > 0 {
		return &Failure{Text: fmt.Sprintf("%s was sent a token a moment ago; another would void it.", t.Thing),
			Remedy: fmt.Sprintf("Send again in %s.", minutes(wait)), Err: errTooSoon}
	}
	in := client.RotateInput{ID: t.Key.ID, Mode: client.ModeDestination, Thing: t.Thing.Raw(), Services: rawTexts(t.Services)}
	if err := s.rotate(ctx, svc, t.Key, in); err != nil {
		s.noteSent(t.Key, before)
		return err
	}
	return nil
}

// ResendAfter is when a tunnel's device may be sent its token again, zero where this process has sent it none.
func (s *Sessions) ResendAfter(key client.Key) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent := s.sent[key]; !sent.IsZero() {
		return sent.Add(resendEvery)
	}
	return time.Time{}
}

// claimSend notes that the device is sent a token now, at once, so that a second key press or attempt does not send two.
// It gives when it was sent the one before, or how long there is to wait.
func (s *Sessions) claimSend(key client.Key) (before time.Time, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.sent[key]
	if wait = time.Until(before.Add(resendEvery)); wait <= 0 {
		s.sent[key] = time.Now()
	}
	return before, wait
}

// noteSent notes when a tunnel's device was last sent its token by us.
func (s *Sessions) noteSent(key client.Key, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[key] = at
}

// showResend tells from when the device may be sent its token again; a tunnel without a thing has none to send it to.
func (a *Attempt) showResend(t client.Tunnel) {
	after := a.sessions.ResendAfter(t.Key)
	a.board.update(func(p *Progress) {
		switch {
		case t.Thing == "":
			p.ResendAfter = time.Time{}
		case after.IsZero():
			p.ResendAfter = time.Now()
		default:
			p.ResendAfter = after
		}
	})
}
