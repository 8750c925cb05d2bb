package session

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// getToken makes sure of a source token, unless our proxy of the tunnel runs already and needs none.
func (a *Attempt) getToken(ctx context.Context) (string, error) {
	key := a.tunnelNow().Key
	end, err := a.sessions.turn(ctx, key)
	if err != nil {
		return "", err
	}
	defer end()
	if _, ours := a.sessions.running(key); ours {
		return "the source is this adit's already", nil
	}
	if a.sessions.hasToken(key) {
		return "source token at hand", nil
	}
	// Whoever has the source is thrown off by a rotation, so what else can fail is tried before.
	if _, err := a.sessions.opts.DataPlane(a.req.Service.Context()); err != nil {
		return "", err
	}
	if a.ours || a.sessions.displaced(key) { // it was free or ours when it was settled on
		if err := a.stillFree(ctx); err != nil {
			return "", err
		}
	}
	if err := a.sessions.rotate(ctx, a.req.Service, key, client.RotateInput{ID: key.ID, Mode: client.ModeSource}); err != nil {
		return "", err
	}
	return "new source token", nil
}

// startProxy runs the local proxy, or takes the one that runs.
func (a *Attempt) startProxy(ctx context.Context) (string, error) {
	t := a.tunnelNow()
	src, ours, err := a.takeOrStart(ctx, t)
	if err != nil {
		return "", err
	}
	if err := a.awaitConnected(ctx, src); err != nil {
		return "", err
	}
	where := "local proxy " + addresses(src.Status())
	if ours {
		where += " (running already)"
	} else {
		a.sessions.markHolder(a.req.Service, t, src)
	}
	return where, nil
}

// takeOrStart gives the proxy that runs, ours before this attempt, or a new one.
func (a *Attempt) takeOrStart(ctx context.Context, t client.Tunnel) (src source, ours bool, err error) {
	end, err := a.sessions.turn(ctx, t.Key)
	if err != nil {
		return nil, false, err
	}
	defer end()
	if src, ours = a.sessions.running(t.Key); ours {
		return src, true, nil
	}
	src, err = a.start(ctx, t)
	return src, false, err
}

// start runs a new proxy. The turn is this attempt's.
func (a *Attempt) start(ctx context.Context, t client.Tunnel) (source, error) {
	s := a.sessions
	plane, err := s.opts.DataPlane(a.req.Service.Context())
	if err != nil {
		return nil, err
	}
	if !s.hasToken(t.Key) { // a proxy of ours had it, and is gone again
		if err := a.stillFree(ctx); err != nil {
			return nil, err
		}
		if err := s.rotate(ctx, a.req.Service, t.Key, client.RotateInput{ID: t.Key.ID, Mode: client.ModeSource}); err != nil {
			return nil, err
		}
	}
	secret, _ := s.take(t.Key)
	version := a.req.Peer
	if version == tunnelconn.Auto {
		version = s.learnt(a.req.Service.Context(), t.Thing.Raw())
	}
	src, err := s.manager.start(proxyName(t.Key), tunnelconn.SourceConfig{
		Link: tunnelconn.Link{
			Endpoint: plane.Endpoint, Roots: plane.Roots, AccessToken: secret, Version: version,
			Log: s.log.With("tunnel", t.Key.ID),
		},
		Listeners: a.listeners(t),
		FallBack:  fallBackAfter,
	})
	var taken *tunnelconn.ListenError
	switch {
	case errors.Is(err, tunnelconn.ErrRunning):
		s.keep(t.Key, secret)
		if running, ok := s.running(t.Key); ok {
			return running, nil
		}
		return nil, err
	case errors.As(err, &taken):
		s.keep(t.Key, secret) // nothing was connected with it
		return nil, s.unbound(ctx, taken, a.listeners(t))
	case err != nil:
		return nil, err
	}
	s.hold(a, src, version)
	return src, nil
}

// stillFree looks again who has the source, now that a proxy of ours has lost it meanwhile. Who displaced it is not
// thrown off in turn, even before the service shows them.
func (a *Attempt) stillFree(ctx context.Context) error {
	t, err := a.describe(ctx)
	if err != nil {
		return err
	}
	return a.busy(t)
}

// awaitConnected waits until the proxy's WebSocket is up, and says what it is doing meanwhile.
func (a *Attempt) awaitConnected(ctx context.Context, src source) error {
	for {
		status := src.Status()
		switch {
		case status.State == tunnelconn.Connected:
			return nil
		case status.State == tunnelconn.Stopped:
			return a.stopped(status.Err)
		case status.Err != nil:
			a.board.say(StageProxy, fmt.Sprintf("The service cannot be reached, trying again: %v", status.Err))
		default:
			a.board.say(StageProxy, "connecting the local proxy")
		}
		if _, err := src.Changed(ctx, status.Seq); err != nil {
			return err
		}
	}
}

// stopped puts the end of a local proxy into words. A source that was displaced is never fought for.
func (a *Attempt) stopped(err error) error {
	var refused *tunnelconn.HandshakeError
	switch {
	case errors.Is(err, tunnelconn.ErrReplaced):
		return &Failure{Text: fmt.Sprintf("Someone else took the source of %s at %s. adit will not fight back.", a.target(), clock(time.Now())),
			Remedy: "Start again to choose: take over, wait, or open a second tunnel (billed).", Err: err}
	case errors.Is(err, tunnelconn.ErrTunnelClosed):
		return &Failure{Text: fmt.Sprintf("The tunnel to %s was closed.", a.target()),
			Remedy: "A closed tunnel never opens again; opening another is billed.", Err: err}
	case errors.As(err, &refused):
		return &Failure{Text: fmt.Sprintf("The service refused the local proxy: %v.", refused),
			Remedy: "Start again: adit asks for a new token, which is free. If that is refused too, check that region and data endpoint belong together.", Err: err}
	case err == nil || errors.Is(err, tunnelconn.ErrClosed):
		return &Failure{Text: "The local proxy was stopped.", Remedy: "Start again when you want it back.", Err: err}
	}
	return err
}

// addresses lists where a proxy listens; whatever others on the network can reach is said to be so.
func addresses(status tunnelconn.Status) string {
	var out []string
	for _, service := range status.Services {
		if service.Address == "" {
			continue
		}
		text := service.Address
		if len(status.Services) > 1 {
			text = client.Clean(service.Service) + " " + text
		}
		if at, err := netip.ParseAddrPort(service.Address); err == nil && !at.Addr().IsLoopback() {
			text += " (open to the network)"
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "without a port"
	}
	return strings.Join(out, ", ")
}
