package client

import (
	"context"
	"errors"
	"time"
)

const (
	// rosterPause is how long a lane rests after a failure that may pass, such as a network that is away.
	rosterPause = 30 * time.Second
	// unknownFor is how long a thing is not asked for again that the service's index does not have.
	unknownFor = 10 * time.Minute
)

// rosterLane asks the registry of one context, one call after the other.
type rosterLane struct {
	roster   *Roster
	registry Registry
	budget   *budget
	// again cuts the pause short.
	again signal

	// Under the roster's lock.
	state ThingList
	// due is when to list next; afresh has it be now.
	due    time.Time
	afresh bool
	// rest is until when nothing is asked after a failure.
	rest time.Time
}

func newRosterLane(r *Roster, service Service) *rosterLane {
	return &rosterLane{
		roster: r, registry: service.Registry(), budget: newBudget(r.opts.Rate, r.opts.Rate, r.opts.Burst, r.opts.Random), again: newSignal(),
		state: ThingList{Context: service.Context()},
	}
}

func (l *rosterLane) run(ctx context.Context) {
	for ctx.Err() == nil {
		list, thing, wake := l.choose(time.Now())
		switch {
		case list:
			l.list(ctx)
		case thing != (ThingKey{}):
			l.ask(ctx, thing)
		case !l.again.wait(ctx, wake):
			return
		}
	}
}

// choose is what to ask for now: the list, or the presence of a thing, or nothing before wake, which is zero for never.
func (l *rosterLane) choose(now time.Time) (list bool, thing ThingKey, wake time.Time) {
	r := l.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case l.afresh && r.looked.Listed:
		l.afresh, l.rest = false, time.Time{}
		return true, ThingKey{}, time.Time{}
	case now.Before(l.rest):
		return false, ThingKey{}, l.rest
	case r.looked.Listed && l.state.Err == nil && !l.due.After(now):
		return true, ThingKey{}, time.Time{}
	}
	if r.looked.Listed && l.state.Err == nil {
		wake = l.due
	}
	if l.state.PresenceErr != nil {
		return false, ThingKey{}, wake
	}
	every := r.opts.PresenceEvery
	wanted := []ThingKey{r.looked.Selected}
	if !r.looked.Blurred {
		wanted = append(wanted, r.looked.Visible...)
	}
	for i, key := range wanted {
		if key.Name == "" || key != l.state.Context.ThingKey(key.Name) {
			continue
		}
		age := every
		if i == 0 {
			age = every / 4
		}
		known, ok := r.presence[key]
		if ok && known.State == PresenceUnknown && !known.AskedAt.IsZero() {
			age = unknownFor
		}
		again := known.AskedAt.Add(age)
		if !ok || !again.After(now) {
			return false, key, time.Time{}
		}
		if wake.IsZero() || again.Before(wake) {
			wake = again
		}
	}
	return false, ThingKey{}, wake
}

// list takes the registry's pages. A list that failed keeps what was known.
func (l *rosterLane) list(ctx context.Context) {
	var names []Text
	next, more := "", false
	for page := 0; ; page++ {
		if l.budget.wait(ctx) != nil {
			return
		}
		answer, err := l.registry.Things(polling(ctx), next)
		l.budget.heard(err)
		if err != nil {
			l.failed(ctx, err, func() { l.state.Err = err })
			return
		}
		names = append(names, answer.Names...)
		if answer.Next == "" || answer.Next == next || page+1 == l.roster.opts.Pages {
			more = answer.Next != "" && answer.Next != next
			break
		}
		next = answer.Next
	}
	r := l.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	l.state.Names, l.state.More, l.state.ListedAt, l.state.Err = names, more, now, nil
	l.due = now.Add(r.opts.ListEvery)
	r.publish()
}

// ask asks for the presence of one thing.
func (l *rosterLane) ask(ctx context.Context, thing ThingKey) {
	if l.budget.wait(ctx) != nil {
		return
	}
	presence, err := l.registry.Presence(polling(ctx), thing.Name)
	l.budget.heard(err)
	r := l.roster
	switch {
	case err == nil, KindOf(err) == KindNotFound, KindOf(err) == KindInvalid && ValidateThing(thing.Name) != nil:
		// What the index does not have, or could not have, is not known: it is not asked for at every look.
		r.mu.Lock()
		defer r.mu.Unlock()
		presence.AskedAt = time.Now()
		r.presence[thing] = presence
		r.publish()
	default:
		l.failed(ctx, err, func() { l.state.PresenceErr = err })
	}
}

// failed waits out what may pass. What is for good, such as a denial, is kept by the given function and not asked for again
// before Refresh.
func (l *rosterLane) failed(ctx context.Context, err error, keep func()) {
	if ctx.Err() != nil {
		return
	}
	r := l.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	if !forGood(err) {
		l.rest = time.Now().Add(rosterPause)
		return
	}
	r.opts.Log.Info("the registry does not help", "region", l.state.Context.Region, "error", err)
	keep()
	r.publish()
}

// forGood tells a failure that the next try would only repeat: a denial, an endpoint without a registry, or things that
// are not indexed.
func forGood(err error) bool {
	var known *Error
	switch KindOf(err) {
	case KindDenied, KindInvalid, KindConfig, KindNotFound:
		return true
	}
	return errors.As(err, &known) && known.Code == "IndexNotReadyException"
}
