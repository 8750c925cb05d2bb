package tunnelconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"adit/tunnelconn/token"
)

// uplink keeps one side of a tunnel connected to the service: it connects, hands each session to the role, and connects
// again until it is told to stop, or the service says that there is no point.
type uplink struct {
	link   Link
	role   Role
	board  *board
	timing timing
	pool   *buffers
	budget *budget
	log    *slog.Logger
	// open begins what the role does with a session.
	open func(*session) handler
	// current is the session that is up, nil without one.
	current atomic.Pointer[session]
}

// fill replaces what the owner left out.
func (l *Link) fill() {
	if l.ClientToken.IsZero() {
		l.ClientToken = token.NewClientToken()
	}
	if l.Dial == nil {
		l.Dial = dialService
	}
	if l.Route == nil {
		l.Route = environmentRoute()
	}
	if l.Shared == nil {
		l.Shared = NewShared()
	}
	if l.Log == nil {
		l.Log = slog.New(slog.DiscardHandler)
	}
}

// run returns nil when ctx ended it, else why the service will not have us any more.
func (u *uplink) run(ctx context.Context) error {
	retry := backoff{random: rand.Int64N}
	known := false // the service was reached before
	for {
		begun := time.Now()
		reached, wait, err := u.attempt(ctx)
		if ctx.Err() != nil {
			return nil
		}
		known = known || reached
		if last := verdict(err, known); last != nil {
			u.log.Info("stopped for good", "role", u.role, "reason", last)
			return last
		}
		if reached && time.Since(begun) >= u.timing.healthy {
			retry.reset()
		}
		u.board.lost(err)
		if errors.Is(err, errReshaped) {
			u.log.Info("connecting anew", "role", u.role, "reason", err)
			continue
		}
		if errors.Is(err, errSlept) {
			retry.reset()
		}
		least := wait
		wait = max(least, retry.next())
		u.log.Info("not connected", "role", u.role, "reason", err, "retry_in", wait)
		if woken := u.pause(ctx, least, wait); woken {
			// What has failed before says nothing of the network that the machine woke up in.
			retry.reset()
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// pause waits, but no longer than until the machine wakes from sleep, and tells whether it did. least, which the service
// asks for, goes by the clock on the wall then.
func (u *uplink) pause(ctx context.Context, least, wait time.Duration) (woken bool) {
	begun := u.timing.wall()
	awake, end := u.timing.untilWoken(ctx)
	defer end()
	waitFor(awake.Done(), wait)
	if woken = errors.Is(context.Cause(awake), errSlept); woken {
		waitFor(ctx.Done(), least-u.timing.wall().Sub(begun))
	}
	return woken
}

// attempt is one WebSocket, from dialling to its end. It tells whether the handshake succeeded, and how long the service
// asks to stay away.
func (u *uplink) attempt(ctx context.Context) (reached bool, retryAfter time.Duration, err error) {
	if err := u.link.Shared.handshakes.wait(ctx); err != nil {
		return false, 0, err
	}
	h, retryAfter, err := u.shake(ctx)
	if err != nil {
		return false, retryAfter, err
	}
	s := newSession(h, u.pool, u.timing, u.log, u.board.roundTrip)
	s.out.greedy = u.link.Greedy
	s.reach = u.link.reach
	s.budget = u.budget
	handler := u.open(s)
	u.current.Store(s)
	defer u.current.Store(nil)
	u.board.connected(s.channelID)
	u.log.Info("connected", "role", u.role, "channel_id", s.channelID)
	return true, 0, s.run(ctx, handler)
}

// shake is one handshake, which ends when the machine has slept meanwhile.
func (u *uplink) shake(ctx context.Context) (*handshaken, time.Duration, error) {
	awake, end := u.timing.untilWoken(ctx)
	defer end()
	shaking, cancel := context.WithTimeout(awake, u.timing.handshake)
	defer cancel()
	h, retryAfter, err := u.link.shake(shaking, u.role)
	if err != nil && errors.Is(context.Cause(awake), errSlept) {
		err = errSlept
	}
	return h, retryAfter, err
}

// verdict is the error to stop with, or nil when the link is worth building again.
func verdict(err error, known bool) error {
	var refused *HandshakeError
	if errors.As(err, &refused) && refused.Final() {
		return err
	}
	var closed *closeError
	if errors.As(err, &closed) {
		words := strings.ToLower(closed.reason)
		switch {
		case closed.code == closePolicy && strings.Contains(words, "rotat"):
			return withReason(ErrRotated, closed.reason)
		case closed.code == closePolicy:
			return withReason(ErrReplaced, closed.reason)
		case closed.code == closeNormal && (strings.Contains(words, "lifetime") || strings.Contains(words, "expire")):
			return withReason(ErrExpired, closed.reason)
		case closed.code == closeNormal:
			return withReason(ErrTunnelClosed, closed.reason)
		}
		// A service that goes away (1001) or fails (1011) may be back. If the tunnel is over, the next handshake says so.
	}
	// A web proxy that has let us through before may have trouble of its own.
	var barred *ProxyError
	if errors.As(err, &barred) && barred.Final() && !known {
		return err
	}
	// A certificate that was never good is a setting to mend. One that goes bad meanwhile is more likely to be a captive
	// portal on the way.
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) && !known {
		return err
	}
	return nil
}

func withReason(err error, reason string) error {
	if reason == "" {
		return err
	}
	return fmt.Errorf("%w; the service says %q", err, reason)
}
