package tunnels

import (
	"slices"
	"time"
)

// Remember keeps what is needed to read the past, for so long from now on; 0 keeps nothing.
func (s *Store) Remember(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.keep = d
	if d == 0 {
		s.journal.changes = nil
	}
}

// journal has what records were before they changed, oldest first, so that changes can be undone for a reader.
type journal struct {
	keep    time.Duration
	changes []change
}

type change struct {
	at      time.Time
	record  *record
	before  Tunnel
	existed bool
}

// note comes before each change of a record; existed is false before it is opened.
func (j *journal) note(now time.Time, r *record, existed bool) {
	if j.keep == 0 {
		return
	}
	j.changes = append(j.changes, change{now, r, r.clone(), existed})
	young := slices.IndexFunc(j.changes, func(c change) bool { return now.Sub(c.at) <= j.keep })
	j.changes = j.changes[young:]
}

// Past reads a store as it was Lag ago, as far back as it remembers: so reads a client whose read does not follow its
// write.
type Past struct {
	Store *Store
	Lag   time.Duration
}

// records of a scope as they were. The caller holds the lock.
func (p Past) records(scope Scope) []*record {
	now := p.Store.advance()
	then := slices.Clone(p.Store.scopes[scope])
	for _, c := range slices.Backward(p.Store.journal.changes) {
		if now.Sub(c.at) >= p.Lag {
			break
		}
		if c.record.Scope != scope {
			continue
		}
		at, found := slices.BinarySearchFunc(then, c.record, byAge)
		before := &record{seq: c.record.seq, Tunnel: c.before}
		switch {
		case c.existed && found:
			then[at] = before
		case c.existed:
			then = slices.Insert(then, at, before)
		case found:
			then = slices.Delete(then, at, at+1)
		}
	}
	return then
}

// Describe is Store.Describe.
func (p Past) Describe(scope Scope, id string) (Tunnel, error) {
	p.Store.mu.Lock()
	defer p.Store.mu.Unlock()
	for _, r := range p.records(scope) {
		if r.ID == id {
			return r.clone(), nil
		}
	}
	return Tunnel{}, scope.notFound(id)
}

// List is Store.List.
func (p Past) List(scope Scope, thing string, limit int, next string) (page []Tunnel, more string, err error) {
	p.Store.mu.Lock()
	defer p.Store.mu.Unlock()
	return p.Store.pageOf(p.records(scope), thing, limit, next)
}

// Tags is Store.Tags.
func (p Past) Tags(scope Scope, arn string) ([]Tag, error) {
	id, err := p.Store.idOf(scope, arn)
	if err != nil {
		return nil, err
	}
	t, err := p.Describe(scope, id)
	if err != nil {
		return nil, err
	}
	return t.Tags, p.Store.readable(t)
}
