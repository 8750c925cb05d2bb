package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

const (
	// enoughLife is what a tunnel must have left to be reused without asking.
	enoughLife = 30 * time.Minute
	// mostCandidates bounds the DescribeTunnel calls that one search costs.
	mostCandidates = 20
	// releaseLag is how long the service may go on showing a source as connected that this process has given back.
	releaseLag = 30 * time.Second
	// foreignPrefix starts the description of tunnels that the AWS Toolkit opens for remote debugging.
	foreignPrefix = "RemoteDebugging+"
)

// findTunnel settles on the tunnel: opened now, named, or found among the thing's.
func (a *Attempt) findTunnel(ctx context.Context) (string, error) {
	switch {
	case a.req.Open != nil:
		return a.openTunnel(ctx)
	case a.req.Key != client.Key{}:
		return a.useNamed(ctx)
	}
	return a.searchThing(ctx)
}

// useNamed takes the tunnel the user pointed at, however little life it has left.
func (a *Attempt) useNamed(ctx context.Context) (string, error) {
	t, err := a.req.Service.Describe(ctx, a.req.Key.ID)
	if err != nil {
		return "", err
	}
	if !t.Open() {
		return "", &Failure{Text: fmt.Sprintf("Tunnel %s is closed, and a closed tunnel never opens again.", shortTunnel(t.Key.ID)),
			Remedy: "Open another one: AWS bills every open."}
	}
	service, ok := a.wanted(t)
	if !ok {
		return "", a.req.lacking(t)
	}
	return a.settle(ctx, t, service)
}

// searchThing looks for an open tunnel of the thing in the order mine, source free, busy.
func (a *Attempt) searchThing(ctx context.Context) (string, error) {
	thing := a.req.Thing
	if thing == "" {
		return "", &Failure{Text: "Neither a tunnel nor a thing was named.", Remedy: "Choose one of them."}
	}
	a.board.say(StageTunnel, "looking for an open tunnel to "+client.Clean(thing))
	open, err := a.openTunnelsOf(ctx, thing, time.Time{})
	if err != nil {
		return "", err
	}
	var candidates []client.Tunnel
	reason := "no tunnel of it is open"
	for _, summary := range open {
		t, err := a.req.Service.Describe(ctx, summary.Key.ID)
		if client.KindOf(err) == client.KindNotFound {
			continue
		}
		if err != nil {
			return "", err
		}
		a.sessions.recognise(t)
		if why := a.unfit(t); why != "" {
			reason = why
			continue
		}
		candidates = append(candidates, t)
		if a.rank(t) == 0 {
			break // nothing can be better than a proxy that runs already
		}
	}
	if len(candidates) == 0 {
		if len(open) > 1 {
			reason = fmt.Sprintf("none of the %d open tunnels fits (%s)", len(open), reason)
		}
		return "", &NothingToReuseError{Thing: client.Clean(thing), Reason: reason}
	}
	slices.SortStableFunc(candidates, func(x, y client.Tunnel) int {
		return cmp.Or(cmp.Compare(a.rank(x), a.rank(y)), y.Ends().Compare(x.Ends()))
	})
	best := candidates[0]
	service, _ := a.wanted(best)
	return a.settle(ctx, best, service)
}

// openTunnelsOf lists the open tunnels of a thing, all things for "", that were created since, newest first.
func (a *Attempt) openTunnelsOf(ctx context.Context, thing string, since time.Time) ([]client.Tunnel, error) {
	var open []client.Tunnel
	for in := (client.ListInput{Thing: thing, PageSize: 100}); ; {
		page, err := a.req.Service.List(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Tunnels {
			if t.CreatedAt.Before(since) {
				return open, nil
			}
			if t.Open() {
				open = append(open, t)
			}
			if len(open) == mostCandidates {
				return open, nil
			}
		}
		if page.Next == "" || page.Next == in.Next {
			return open, nil
		}
		in.Next = page.Next
	}
}

// settle takes a tunnel unless somebody else is using it, or a local port it is to have.
func (a *Attempt) settle(ctx context.Context, t client.Tunnel, service string) (string, error) {
	_, ours := a.sessions.running(t.Key)
	if err := a.busy(t); err != nil {
		return "", err
	}
	if err := a.checkPorts(ctx, t); err != nil {
		return "", err
	}
	a.ours = ours
	a.reused, a.service = true, service
	a.adopt(t)
	left := "rotating costs nothing, opening is billed"
	if ends := t.Ends(); !ends.IsZero() {
		remaining := time.Until(ends)
		left = fmt.Sprintf("%s left; %s", lasting(remaining), left)
		if remaining < enoughLife {
			left = fmt.Sprintf("it ends at %s, in %s, and cannot be extended", clock(ends), lasting(remaining))
		}
	}
	return fmt.Sprintf("reuse tunnel %s (%s)", shortTunnel(t.Key.ID), left), nil
}

// busy tells who would be thrown off. A shell or port only needs the source; waiting for the device needs nothing.
func (a *Attempt) busy(t client.Tunnel) error {
	s := a.sessions
	if a.req.TakeOver || a.req.Then == ThenNothing {
		return nil
	}
	if _, ours := s.running(t.Key); ours {
		return nil
	}
	busy := &BusyError{Thing: thingOrTunnel(t), Key: t.Key, Connected: t.Source.Connected && !s.lagging(t), Displaced: s.displaced(t.Key)}
	if busy.Connected {
		busy.Since, busy.Holder = t.Source.Since, s.holderOf(t)
	}
	switch {
	case foreign(t):
		busy.Holder = "the AWS Toolkit"
		return busy
	case busy.Connected || busy.Displaced:
		return busy
	}
	return nil
}

// displaced tells that somebody else took the source from this process, which has not taken it back nor asked for a new
// token since. Whether they are still there does not matter: adit never fights back by itself.
func (s *Sessions) displaced(key client.Key) bool {
	if s.hasToken(key) {
		return false
	}
	if src, ok := s.manager.source(proxyName(key)); ok {
		return errors.Is(src.Status().Err, tunnelconn.ErrReplaced)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost[key]
}

// lagging tells that the service still shows the source this process gave back a moment ago. It must be the very one that
// the service showed as ours: its clock and ours cannot be compared, and where it had not shown ours yet this one may be
// somebody else's.
func (s *Sessions) lagging(t client.Tunnel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	released, ok := s.released[t.Key]
	return ok && time.Since(released.at) < releaseLag && !released.since.IsZero() && t.Source.Since.Equal(released.since)
}

// unfit says why a tunnel cannot be reused without asking, "" when it can.
func (a *Attempt) unfit(t client.Tunnel) string {
	switch ends := t.Ends(); {
	case !t.Open():
		return "it was closed just now"
	case foreign(t):
		return "it belongs to the AWS Toolkit"
	case !ends.IsZero() && time.Until(ends) < enoughLife:
		return fmt.Sprintf("the only tunnel has %s left", lasting(time.Until(ends)))
	}
	if _, ok := a.wanted(t); !ok {
		return fmt.Sprintf("it carries %s", listed(t.Services))
	}
	return ""
}

// wanted is the service of the tunnel that the request means. A proxy serves them all.
func (a *Attempt) wanted(t client.Tunnel) (string, bool) {
	if a.req.Then != ThenShell && a.req.Name == "" {
		return "", true
	}
	return serviceOf(a.req.Name, t.Services)
}

// rank orders candidates: our running proxy, our own with its source free, source free with the device there, source
// free, busy.
func (a *Attempt) rank(t client.Tunnel) int {
	if _, ours := a.sessions.running(t.Key); ours {
		return 0
	}
	switch {
	case t.Source.Connected && !a.sessions.lagging(t), a.sessions.displaced(t.Key):
		return 4
	case a.sessions.Mine(t.Key):
		return 1
	case t.Destination.Connected:
		return 2
	}
	return 3
}

func foreign(t client.Tunnel) bool { return strings.HasPrefix(t.Description.Raw(), foreignPrefix) }

func thingOrTunnel(t client.Tunnel) string {
	if t.Thing != "" {
		return t.Thing.String()
	}
	return "tunnel " + shortTunnel(t.Key.ID)
}

func listed(services []client.Text) string {
	if len(services) == 0 {
		return "no service by name"
	}
	names := make([]string, len(services))
	for i, service := range services {
		names[i] = service.String()
	}
	return strings.Join(names, ", ")
}

// lasting says how long something takes, to the minute.
func lasting(d time.Duration) string {
	switch m := int(d / time.Minute); {
	case m < 1:
		return "less than a minute"
	case m < 120:
		return fmt.Sprintf("%d min", m)
	default:
		return fmt.Sprintf("%d h", m/60)
	}
}
