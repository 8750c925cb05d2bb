package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"adit/client"
)

// CloseTunnel ends a tunnel for good, and with it its local proxy; with remove its record leaves every list as well. A
// tunnel that is not there any more is closed. Where the service does not close it, the proxy and its shells go on. The
// result is recorded even when ctx ends meanwhile.
func (s *Sessions) CloseTunnel(ctx context.Context, svc client.Service, key client.Key, remove bool) error {
	call, cancel := s.recorded(ctx)
	defer cancel()
	err := svc.Close(call, key.ID, remove)
	gone := client.KindOf(err) == client.KindNotFound
	if err != nil && !gone {
		return err
	}
	if err := s.StopProxy(key); err != nil {
		s.log.Warn("local proxy did not end in order", "tunnel", key.ID, "error", err)
	}
	s.forget(key)
	if remove || gone {
		s.watcher.Forget(key)
		return nil
	}
	s.recordClosed(key)
	s.watcher.Refresh(key)
	return nil
}

// forget drops what is remembered of an open tunnel.
func (s *Sessions) forget(key client.Key) {
	s.mu.Lock()
	delete(s.tokens, key)
	delete(s.released, key)
	delete(s.lost, key)
	delete(s.sent, key)
	delete(s.earlier, key)
	s.opened = slices.DeleteFunc(s.opened, func(o OpenedTunnel) bool { return o.Key == key })
	s.mu.Unlock()
	if err := s.opts.Store.change(func(now *state) { now.forgetOpened(key) }); err != nil {
		s.log.Warn("the close could not be noted", "tunnel", key.ID, "error", err)
	}
}

// recordClosed tells the screen of a close at once, where it has the tunnel.
func (s *Sessions) recordClosed(key client.Key) {
	if row, ok := s.watcher.Snapshot().Row(key); ok {
		t := row.Tunnel
		t.Status, t.Source.Connected, t.Destination.Connected = client.StatusClosed, false, false
		s.watcher.Record(t)
	}
}

// Cuts says in a sentence what a rotation of the tunnel's token(s) ends.
func (s *Sessions) Cuts(t client.Tunnel, mode client.ClientMode) string {
	var cut []string
	if mode != client.ModeDestination {
		switch _, ours := s.running(t.Key); {
		case ours:
			cut = append(cut, "your own local proxy stops")
		case t.Source.Connected && s.holderOf(t) != "":
			cut = append(cut, s.holderOf(t)+" (by its tag) loses the source")
		case t.Source.Connected:
			cut = append(cut, "whoever has the source now loses it")
		}
	}
	if mode != client.ModeSource && t.Destination.Connected {
		cut = append(cut, "the device is cut off until it picks the new token up")
	}
	if len(cut) == 0 {
		return "Nobody is connected there: this cuts nothing."
	}
	return "This cuts: " + strings.Join(cut, "; ") + "."
}

// Rotate issues new tokens, which is free. A source token is kept for the next proxy of the tunnel, and a proxy of our
// own is stopped, as its token is void now. A device's token goes to the device by the service.
func (s *Sessions) Rotate(ctx context.Context, svc client.Service, t client.Tunnel, mode client.ClientMode) error {
	in := client.RotateInput{ID: t.Key.ID, Mode: mode}
	if mode != client.ModeSource {
		if !t.Described {
			return fmt.Errorf("the device of tunnel %s is not known yet: try again in a moment", shortTunnel(t.Key.ID))
		}
		in.Thing, in.Services = t.Thing.Raw(), rawTexts(t.Services)
	}
	_, ours := s.running(t.Key)
	ours = ours && mode != client.ModeDestination
	// The service may cut our proxy before it answers: that is nobody else's doing.
	s.expectCut(t.Key, ours)
	defer s.expectCut(t.Key, false)
	if err := s.rotate(ctx, svc, t.Key, in); err != nil || !ours {
		return err
	}
	return s.StopProxy(t.Key)
}

// expectCut notes whether a rotation of our own is about to end a tunnel's proxy.
func (s *Sessions) expectCut(key client.Key, expected bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.held[key]; ok {
		h.cut = expected
		s.held[key] = h
	}
}

// rotate does it and records the answer, whatever becomes of ctx.
func (s *Sessions) rotate(ctx context.Context, svc client.Service, key client.Key, in client.RotateInput) error {
	call, cancel := s.recorded(ctx)
	defer cancel()
	out, err := svc.Rotate(call, in)
	if err != nil {
		return err
	}
	s.keep(key, out.Source)
	if in.Mode != client.ModeSource {
		s.noteSent(key, time.Now())
	}
	s.log.Info("tokens rotated", "tunnel", key.ID, "mode", in.Mode)
	s.watcher.Refresh(key)
	return nil
}

func rawTexts(texts []client.Text) []string {
	raw := make([]string, len(texts))
	for i, text := range texts {
		raw[i] = text.Raw()
	}
	return raw
}
