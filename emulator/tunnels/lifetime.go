package tunnels

import (
	"container/heap"
	"slices"
	"time"

	"adit/emulator/choices"
)

// advance brings the store up to the clock and returns the time. Every operation begins with it, so that an answer is right
// even when the timer is late, as it is after a laptop has slept. It must be called with the lock.
func (s *Store) advance() time.Time {
	now := s.cfg.Now().Truncate(time.Millisecond)
	for len(s.agenda.entries) > 0 && !now.Before(s.agenda.entries[0].at) {
		e := heap.Pop(&s.agenda).(entry)
		switch {
		case s.byID[e.record.ID] != e.record || !e.at.Equal(e.record.due): // closed or removed since
		case e.record.Status == Open:
			s.end(e.record, e.at, Expired)
		default:
			s.remove(e.record)
		}
	}
	s.arm(now)
	return now
}

// arm sets the one timer to the next entry of the agenda.
func (s *Store) arm(now time.Time) {
	if len(s.agenda.entries) == 0 || s.agenda.stopped {
		return
	}
	next := s.agenda.entries[0].at
	if s.agenda.stop != nil {
		if s.agenda.alarm.Equal(next) {
			return
		}
		s.agenda.stop()
	}
	s.agenda.alarm = next
	s.agenda.stop = s.cfg.After(next.Sub(now), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.agenda.alarm.Equal(next) {
			s.agenda.stop = nil
		}
		s.advance()
	})
}

// Stop stops the timer, for good.
func (s *Store) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agenda.stopped = true
	if s.agenda.stop != nil {
		s.agenda.stop()
	}
}

func (s *Store) schedule(r *record, at time.Time) {
	r.due = at
	heap.Push(&s.agenda, entry{at, r})
	s.arm(s.cfg.Now())
}

// end closes an open tunnel as of a time and cuts both sides.
func (s *Store) end(r *record, at time.Time, reason Reason) {
	s.journal.note(s.cfg.Now(), r, true)
	r.Status, r.closedAt, r.UpdatedAt = Closed, at, at
	for _, side := range []Side{Source, Destination} {
		if r.dismiss(side, reason) {
			r.Connections[side] = Connection{Since: at}
		}
	}
	for _, key := range r.clients {
		delete(s.clients, key)
	}
	r.clients = nil
	s.schedule(r, at.Add(s.cfg.Choices.Time(choices.KeepClosed)))
}

// Expire ends the lifetime of a tunnel now, of whatever scope, and tells whether one was open.
func (s *Store) Expire(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r := s.byID[id]
	if r == nil || r.Status != Open {
		return false
	}
	s.end(r, now, Expired)
	return true
}

// remove forgets a closed tunnel.
func (s *Store) remove(r *record) {
	s.journal.note(s.cfg.Now(), r, true)
	s.revoke(r, Source)
	s.revoke(r, Destination)
	delete(s.byID, r.ID)
	inScope := s.scopes[r.Scope]
	if at, found := slices.BinarySearchFunc(inScope, r, byAge); found {
		s.scopes[r.Scope] = slices.Delete(inScope, at, at+1)
	}
	if len(s.scopes[r.Scope]) == 0 {
		delete(s.scopes, r.Scope)
	}
}

// agenda is what the clock will change, soonest first. An entry whose time is no longer its record's is void.
type agenda struct {
	entries []entry
	alarm   time.Time
	stop    func() bool
	stopped bool
}

type entry struct {
	at     time.Time
	record *record
}

func (a *agenda) Len() int           { return len(a.entries) }
func (a *agenda) Less(i, j int) bool { return a.entries[i].at.Before(a.entries[j].at) }
func (a *agenda) Swap(i, j int)      { a.entries[i], a.entries[j] = a.entries[j], a.entries[i] }
func (a *agenda) Push(x any)         { a.entries = append(a.entries, x.(entry)) }
func (a *agenda) Pop() any {
	last := len(a.entries) - 1
	e := a.entries[last]
	a.entries[last] = entry{}
	a.entries = a.entries[:last]
	return e
}
