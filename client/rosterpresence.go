package client

import (
	"context"
	"slices"
	"time"
)

// duePresence are the things that are looked at and whose presence is too old, and when the next one's is. The roster's lock
// is held.
func (l *rosterLane) duePresence(now time.Time) (due []ThingKey, wake time.Time) {
	r := l.roster
	wanted := []ThingKey{r.looked.Selected}
	if !r.looked.Blurred {
		wanted = append(wanted, r.looked.Visible...)
	}
	for i, key := range wanted {
		if key.Name == "" || key != l.state.Context.ThingKey(key.Name) || slices.Contains(due, key) {
			continue
		}
		age := r.opts.PresenceEvery
		if i == 0 {
			age /= 4
		}
		known, ok := r.presence[key]
		if ok && known.State == PresenceUnknown && !known.AskedAt.IsZero() {
			age = unknownFor
		}
		again := known.AskedAt.Add(age)
		switch {
		case !ok || !again.After(now):
			due = append(due, key)
		case wake.IsZero() || again.Before(wake):
			wake = again
		}
	}
	return due, wake
}

// batch is how to ask for things of which there is one at least: for all that the index has where the registry is that
// small, else for as many as a query can name, and without an index for the first. The roster's lock is held.
func (l *rosterLane) batch(due []ThingKey) rosterTurn {
	if l.state.IndexErr != nil {
		return rosterTurn{things: due[:1]}
	}
	if n := len(l.state.Names); n > 0 && n <= indexPage && !l.state.More {
		listed := slices.DeleteFunc(slices.Clone(due), func(key ThingKey) bool { return !slices.Contains(l.state.Names, Text(key.Name)) })
		if len(listed) > 0 {
			return rosterTurn{things: listed, indexed: true, whole: true}
		}
	}
	next := rosterTurn{indexed: true}
	var names []string
	for _, key := range due {
		named := ValidateThing(key.Name) == nil
		if named {
			names = append(names, key.Name)
		}
		if named && len(names) > 1 && (len(names) > indexTerms || len(queryOf(names)) > indexQuery) {
			break
		}
		next.things = append(next.things, key)
	}
	return next
}

// search asks the fleet index. What it does not have, or could not have, is not known: it is not asked for at every look.
func (l *rosterLane) search(ctx context.Context, turn rosterTurn) {
	var names []string
	for _, key := range turn.things {
		if !turn.whole && ValidateThing(key.Name) == nil {
			names = append(names, key.Name)
		}
	}
	var found map[string]Presence
	if turn.whole || len(names) > 0 {
		if l.budget.wait(ctx) != nil {
			return
		}
		var err error
		found, err = l.registry.Search(polling(ctx), names)
		l.budget.heard(err)
		if err != nil {
			l.failed(ctx, err, func() { l.state.IndexErr = err })
			return
		}
	}
	r := l.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for name, presence := range found {
		if key := l.state.Context.ThingKey(name); turn.whole || slices.Contains(turn.things, key) {
			presence.AskedAt = now
			r.presence[key] = presence
		}
	}
	for _, key := range turn.things {
		if _, ok := found[key.Name]; !ok {
			r.presence[key] = Presence{AskedAt: now}
		}
	}
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
