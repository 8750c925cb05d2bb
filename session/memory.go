package session

import (
	"slices"
	"time"

	"adit/client"
)

const (
	// forgetBilled is how long an open is counted: "today" is at most a day and a clock that is put forward.
	forgetBilled = 48 * time.Hour
	// forgetUsed and mostUsed bound the things that are remembered as used, the newest of all contexts.
	forgetUsed = 90 * 24 * time.Hour
	mostUsed   = 300
)

// visit is a thing that something was done with at a time: it was used, or a tunnel to it was opened and billed.
type visit struct {
	Scope scope     `json:"scope"`
	Thing string    `json:"thing,omitempty"`
	At    time.Time `json:"at"`
}

// Memory is what adit remembers on the disk of one context.
type Memory struct {
	// Recents are the things that adit took its user to, the last one first.
	Recents []Recent
	// OpensToday is how many tunnels adit opened in the account since midnight, whether they are still open or not. Each
	// was billed.
	OpensToday int
}

// Recent is a thing and when it was last used.
type Recent struct {
	Thing string
	At    time.Time
}

// Memory reads what is known of a context.
func (s *Sessions) Memory(where client.Context) (Memory, error) {
	now, err := s.opts.Store.read()
	if err != nil {
		return Memory{}, err
	}
	return now.memory(scopeOf(where), time.Now()), nil
}

func (s *state) memory(where scope, now time.Time) Memory {
	var m Memory
	for _, v := range s.Used {
		if v.Scope == where {
			m.Recents = append(m.Recents, Recent{v.Thing, v.At})
		}
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	for _, v := range s.Billed {
		if v.Scope.Endpoint == where.Endpoint && v.Scope.Account == where.Account && !v.At.Before(midnight) {
			m.OpensToday++
		}
	}
	return m
}

// use notes that a thing was used just now, in place of what was noted of it before.
func (s *state) use(v visit) {
	s.Used = slices.DeleteFunc(s.Used, func(old visit) bool { return old.Scope == v.Scope && old.Thing == v.Thing })
	s.Used = slices.Insert(s.Used, 0, v)
	s.Used = s.Used[:min(len(s.Used), mostUsed)]
}

// noteUsed remembers a thing that an attempt has reached.
func (s *Sessions) noteUsed(t client.Tunnel) {
	if t.Thing == "" {
		return
	}
	v := visit{Scope: scopeOf(t.Context), Thing: t.Thing.Raw(), At: time.Now()}
	if err := s.opts.Store.change(func(now *state) { now.use(v) }); err != nil {
		s.log.Warn("the use of a thing could not be noted", "error", err)
	}
}
