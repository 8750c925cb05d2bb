package session

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"adit/client"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
)

// source is what a session needs of a running *tunnelconn.Source.
type source interface {
	Attach(ctx context.Context, service string, local net.Conn) error
	Status() tunnelconn.Status
	Changed(ctx context.Context, seen uint64) (uint64, error)
}

// proxyManager is what a session needs of a *tunnelconn.Manager.
type proxyManager interface {
	start(name string, cfg tunnelconn.SourceConfig) (source, error)
	source(name string) (source, bool)
	Snapshot() []tunnelconn.Status
	Stop(name string) error
	Close() error
}

// watcher is what a session tells the poller of the screen, *client.Watcher.
type watcher interface {
	Snapshot() *client.Snapshot
	Refresh(keys ...client.Key)
	Record(t client.Tunnel)
	Forget(key client.Key)
	Observe(key client.Key, side client.ClientMode, connected bool, at time.Time)
}

type manager struct{ *tunnelconn.Manager }

func (m manager) start(name string, cfg tunnelconn.SourceConfig) (source, error) {
	src, err := m.StartSource(name, cfg)
	if err != nil {
		return nil, err
	}
	return src, nil
}

func (m manager) source(name string) (source, bool) {
	src, ok := m.Source(name)
	return src, ok
}

// proxyName is what the Manager knows a tunnel's proxy by.
func proxyName(key client.Key) string {
	return strings.Join([]string{key.Endpoint, key.Account, key.Region, key.ID}, "|")
}

// running finds the proxy of a tunnel that has not stopped.
func (s *Sessions) running(key client.Key) (source, bool) {
	src, ok := s.manager.source(proxyName(key))
	if !ok || src.Status().State == tunnelconn.Stopped {
		return nil, false
	}
	return src, true
}

// keep holds a source token until a proxy uses it; a newer one replaces it, as the rotation voided the old.
func (s *Sessions) keep(key client.Key, secret token.Token) {
	if secret.IsZero() {
		return
	}
	s.log.Debug("source token held", "tunnel", key.ID, "token", secret, "fingerprint", secret.Fingerprint())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[key] = secret
}

func (s *Sessions) take(key client.Key) (token.Token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secret, ok := s.tokens[key]
	delete(s.tokens, key)
	return secret, ok
}

func (s *Sessions) hasToken(key client.Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.tokens[key]
	return ok
}

// hold notes what a proxy that was just started is for and what it was told of the device's protocol, and follows it.
func (s *Sessions) hold(a *Attempt, src source, version tunnelconn.Version) {
	t := a.tunnelNow()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[t.Key] = holding{thing: t.Thing.Raw(), name: proxyName(t.Key), guesses: version == tunnelconn.Auto}
	delete(s.released, t.Key)
	delete(s.lost, t.Key)
	if s.closed {
		return
	}
	s.work.Go(func() { s.follow(a.req.Service, t, src) })
}

// follow tells the screen whether a proxy is connected and learns the device's protocol from it as long as it runs, and
// has the screen look again when it ends.
func (s *Sessions) follow(svc client.Service, t client.Tunnel, src source) {
	known := s.learnt(svc.Context(), t.Thing.Raw())
	connected := false
	end := s.noteStart(svc.Context(), t, src)
	for {
		status := src.Status()
		// Who was displaced cannot tell that nobody is there now.
		if now := status.State == tunnelconn.Connected; now != connected && !errors.Is(status.Err, tunnelconn.ErrReplaced) {
			connected = now
			s.watcher.Observe(t.Key, client.ModeSource, connected, status.Since)
		}
		if status.Peer != tunnelconn.Auto && status.Peer != known {
			known = status.Peer
			s.learn(svc.Context(), t.Thing.Raw(), known)
		}
		if status.State == tunnelconn.Stopped {
			if status.Err != nil && !errors.Is(status.Err, tunnelconn.ErrClosed) {
				s.log.Warn("local proxy stopped", "tunnel", t.Key.ID, "error", status.Err)
			}
			end(status)
			s.watcher.Refresh(t.Key)
			return
		}
		if _, err := src.Changed(s.ctx, status.Seq); err != nil {
			return
		}
	}
}

// learnt is the protocol a thing is remembered to speak, Auto for none.
func (s *Sessions) learnt(c client.Context, thing string) tunnelconn.Version {
	now, err := s.opts.Store.read()
	if err != nil || thing == "" {
		return tunnelconn.Auto
	}
	return now.peerOf(scopeOf(c), thing)
}

// learn remembers it; V3 and Auto forget what was remembered.
func (s *Sessions) learn(c client.Context, thing string, version tunnelconn.Version) {
	old := version == tunnelconn.V1 || version == tunnelconn.V2
	if thing == "" || !old && s.learnt(c, thing) == tunnelconn.Auto {
		return
	}
	if err := s.opts.Store.change(func(now *state) { now.learn(scopeOf(c), thing, version) }); err != nil {
		s.log.Warn("the device's protocol could not be noted", "thing", client.Clean(thing), "error", err)
	}
}
