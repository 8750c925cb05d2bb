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
		switch next := l.choose(time.Now()); {
		case next.list:
			l.list(ctx)
		case next.things != nil && next.indexed:
			l.search(ctx, next)
		case next.things != nil:
			l.ask(ctx, next.things[0])
		case !l.again.wait(ctx, next.wake):
			return
		}
	}
}

// rosterTurn is what a lane does next: it lists, or asks for the presence of things, or waits until wake, which is zero for
// ever.
type rosterTurn struct {
	list   bool
	things []ThingKey
	// indexed: the index is asked, and with whole for all that it has.
	indexed, whole bool
	wake           time.Time
}

func (l *rosterLane) choose(now time.Time) rosterTurn {
	r := l.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case l.afresh && r.looked.Listed:
		l.afresh, l.rest = false, time.Time{}
		return rosterTurn{list: true}
	case now.Before(l.rest):
		return rosterTurn{wake: l.rest}
	case r.looked.Listed && l.state.Err == nil && !l.due.After(now):
		return rosterTurn{list: true}
	}
	var next rosterTurn
	if r.looked.Listed && l.state.Err == nil {
		next.wake = l.due
	}
	if l.state.PresenceErr != nil {
		return next
	}
	due, wake := l.duePresence(now)
	switch {
	case len(due) > 0:
		return l.batch(due)
	case next.wake.IsZero() || !wake.IsZero() && wake.Before(next.wake):
		next.wake = wake
	}
	return next
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
