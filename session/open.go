package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"adit/client"
)

// clockSkew is how far the service's clock and ours may lie apart when a lost open is looked for.
const clockSkew = 15 * time.Minute

// searchDelays are the pauses before each look for a tunnel whose answer was lost.
var searchDelays = [...]time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// openTunnel opens a new tunnel, which is billed. The intent is on the disk before the request leaves; the request is
// sent once, and a lost answer is looked for by its marker.
func (a *Attempt) openTunnel(ctx context.Context) (string, error) {
	in, svc := *a.req.Open, a.req.Service
	service, ok := serviceOf(a.req.Name, texts(in.Services))
	if !ok && a.req.Then == ThenShell {
		return "", a.req.unopenable()
	}
	a.service = service
	if err := a.checkPorts(ctx, client.Tunnel{Services: texts(in.Services)}); err != nil {
		return "", err
	}
	a.board.say(StageTunnel, "opening a new tunnel (billed)")
	wish := intent{Marker: newID(), Scope: scopeOf(svc.Context()), Profile: svc.Context().Profile, Thing: in.Thing, At: time.Now()}
	if err := a.sessions.opts.Store.change(func(now *state) { now.Intents = append(now.Intents, wish) }); err != nil {
		what, remedy := explain(err)
		return "", &Failure{Text: "Nothing was opened: adit notes an open before it asks for one, and could not. " + what, Remedy: remedy, Err: err}
	}
	opened, sent, err := a.askOpen(ctx, in, wish.Marker)
	if ambiguous(err) {
		a.board.say(StageTunnel, "The answer to 'open' was lost. adit looks for the tunnel first, so that you are not billed twice.")
		return a.recover(ctx, wish, err)
	}
	if err != nil {
		a.sessions.dropIntent(wish.Marker)
		return "", err
	}
	return a.record(wish, opened, sent), nil
}

// askOpen asks with the marker in a tag of adit's; where tags are denied it asks once more with the user's alone and the
// marker in the description. A denial is no doubt: nothing was opened. Where the user's tags leave no room for adit's, it
// gives way at once.
func (a *Attempt) askOpen(ctx context.Context, in client.OpenInput, marker string) (client.Opened, client.OpenInput, error) {
	call, cancel := a.sessions.recorded(ctx)
	defer cancel()
	bare := in
	bare.Description = withMark(in.Description, marker)
	if len(in.Tags) >= maxTags {
		opened, err := a.req.Service.Open(call, bare)
		return opened, bare, err
	}
	tagged := in
	tagged.Tags = append(slices.Clone(in.Tags), openTag(marker, a.sessions.opts.Owner))
	opened, denied := a.req.Service.Open(call, tagged)
	if client.KindOf(denied) != client.KindDenied {
		return opened, tagged, denied
	}
	a.board.say(StageTunnel, "opening a new tunnel (billed), without adit's own tag: it may be what was denied")
	opened, err := a.req.Service.Open(call, bare)
	if client.KindOf(err) == client.KindDenied {
		err = denied
	}
	return opened, bare, err
}

// ambiguous tells that an open may have been carried out although it failed. What is not the client's own error has
// nobody's word that nothing was done.
func ambiguous(err error) bool {
	var known *client.Error
	return err != nil && (client.KindOf(err) == client.KindAmbiguous || !errors.As(err, &known))
}

// record notes an answered open everywhere: the disk, this process, the screen.
func (a *Attempt) record(wish intent, opened client.Opened, in client.OpenInput) string {
	c := a.req.Service.Context()
	t := client.Tunnel{
		Key:     c.Key(opened.ID),
		Context: c, ARN: opened.ARN, Status: client.StatusOpen,
		Description: client.Text(in.Description), CreatedAt: wish.At, UpdatedAt: wish.At,
		Described: true, Thing: client.Text(in.Thing), Services: texts(in.Services), Lifetime: in.Lifetime,
		Source: client.Side{Known: true}, Destination: client.Side{Known: true}, Tags: in.Tags,
	}
	a.sessions.keep(t.Key, opened.Source)
	a.sessions.noteOpened(OpenedTunnel{Key: t.Key, Thing: in.Thing, At: wish.At, Ends: wish.At.Add(cmp.Or(in.Lifetime, client.MaxLifetime))}, wish)
	a.adopt(t)
	a.sessions.noteSent(t.Key, time.Now())
	a.showResend(t)
	return fmt.Sprintf("opened tunnel %s", shortTunnel(opened.ID))
}

// recover looks for a tunnel with the intent's marker. One that is found is used, with tokens from a rotation, which is
// free: of the source alone where the device is in the tunnel by the token of the open. It never opens again. It goes on when the attempt is cancelled: what was opened must be known.
func (a *Attempt) recover(ctx context.Context, wish intent, lost error) (string, error) {
	ctx = context.WithoutCancel(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.sessions.ctx, cancel)()
	for _, delay := range searchDelays {
		if pause(ctx, delay) != nil {
			break
		}
		t, ok := a.marked(ctx, wish)
		if !ok {
			continue
		}
		a.sessions.noteOpened(OpenedTunnel{Key: t.Key, Thing: wish.Thing, At: wish.At, Ends: t.Ends()}, wish)
		a.adopt(t)
		a.sessions.noteSent(t.Key, wish.At) // by the open itself
		in := client.RotateInput{ID: t.Key.ID, Mode: client.ModeSource}
		if !t.Destination.Connected {
			in = client.RotateInput{ID: t.Key.ID, Mode: client.ModeAll, Thing: t.Thing.Raw(), Services: rawTexts(t.Services)}
		}
		if err := a.sessions.rotate(ctx, a.req.Service, t.Key, in); err != nil {
			return "", fmt.Errorf("the tunnel was opened, but no new tokens could be had for it: %w", err)
		}
		a.showResend(t)
		return fmt.Sprintf("opened tunnel %s (its answer was lost, its mark was found)", shortTunnel(t.Key.ID)), nil
	}
	return "", &UnknownOpenError{Thing: client.Clean(wish.Thing), Marker: wish.Marker, Err: lost}
}

// marked finds the intent's tunnel. ListTunnels tells no tags, so each that is new enough is described.
func (a *Attempt) marked(ctx context.Context, wish intent) (client.Tunnel, bool) {
	open, err := a.openTunnelsOf(ctx, wish.Thing, wish.At.Add(-clockSkew))
	if err != nil {
		a.sessions.log.Info("looking for a lost open", "error", err)
		return client.Tunnel{}, false
	}
	for _, summary := range open {
		t, err := a.req.Service.Describe(ctx, summary.Key.ID)
		if err == nil && markerOf(t) == wish.Marker {
			return t, true
		}
	}
	return client.Tunnel{}, false
}

// recognise settles an intent of an earlier run whose tunnel has turned up after all.
func (s *Sessions) recognise(t client.Tunnel) {
	marker := markerOf(t)
	now, err := s.opts.Store.read()
	if err != nil || marker == "" {
		return
	}
	wish, ok := now.intended(marker)
	if !ok {
		return
	}
	s.mu.Lock()
	s.earlier[t.Key] = true
	s.mu.Unlock()
	s.store(OpenedTunnel{Key: t.Key, Thing: t.Thing.Raw(), At: t.CreatedAt, Ends: t.Ends()}, wish)
}

// noteOpened remembers an open of this process and settles its intent.
func (s *Sessions) noteOpened(o OpenedTunnel, wish intent) {
	s.log.Info("tunnel opened", "tunnel", o.Key.ID, "thing", client.Clean(o.Thing))
	s.mu.Lock()
	s.opened = append(s.opened, o)
	s.mu.Unlock()
	s.store(o, wish)
}

func (s *Sessions) store(o OpenedTunnel, wish intent) {
	err := s.opts.Store.change(func(now *state) {
		now.forgetIntent(wish.Marker)
		now.addOpened(o)
		now.Billed = append(now.Billed, visit{Scope: wish.Scope, Thing: wish.Thing, At: wish.At})
	})
	if err != nil {
		s.log.Error("the open could not be noted on disk", "tunnel", o.Key.ID, "error", err)
	}
}

func (s *Sessions) dropIntent(marker string) {
	if err := s.opts.Store.change(func(now *state) { now.forgetIntent(marker) }); err != nil {
		s.log.Warn("an open that was refused could not be struck out", "error", err)
	}
}

func texts(raw []string) []client.Text {
	out := make([]client.Text, len(raw))
	for i, text := range raw {
		out[i] = client.Text(text)
	}
	return out
}
