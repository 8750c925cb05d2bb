package tunnels

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// reader is a store or its past.
type reader interface {
	List(Scope, string, int, string) ([]Tunnel, string, error)
	Describe(Scope, string) (Tunnel, error)
	Tags(Scope, string) ([]Tag, error)
}

// seen is all that can be read of a scope.
func seen(t *testing.T, from reader, scope Scope) (all []Tunnel) {
	t.Helper()
	for next := ""; ; {
		page, more, err := from.List(scope, "", 2, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, listed := range page {
			described, err := from.Describe(scope, listed.ID)
			tags, err2 := from.Tags(scope, listed.ARN())
			if err != nil || err2 != nil || !reflect.DeepEqual(described, listed) || !slices.Equal(tags, listed.Tags) {
				t.Fatalf("listed %+v, described %+v with tags %v: %v, %v", listed, described, tags, err, err2)
			}
			all = append(all, described)
		}
		if next = more; next == "" {
			return all
		}
	}
}

func TestThePastIsWhatReadsGaveThen(t *testing.T) {
	m := &manual{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	s := New(m.config())
	s.Remember(time.Hour)
	scope, other := Scope{"1", "here"}, Scope{"2", "here"}
	var opened []Opened
	open := func(scope Scope) func() error {
		return func() error {
			out, err := s.Open(scope, OpenInput{Lifetime: time.Minute})
			opened = append(opened, out)
			return err
		}
	}
	var seat *Seat
	var then [][]Tunnel
	var times []time.Time
	for i, step := range []func() error{
		open(scope), open(scope), open(other), open(scope),
		func() (err error) { seat, err = s.Take(Source, opened[0].SourceToken, ""); return err },
		func() error { s.Connected(seat); return nil },
		func() error { s.Displace(seat); return nil },
		func() (err error) { seat, err = s.Take(Destination, opened[0].DestinationToken, ""); return err },
		func() error { s.Connected(seat); s.Leave(seat); return nil },
		func() error { return s.Tag(scope, opened[1].Tunnel.ARN(), []Tag{{"a", "b"}}) },
		func() error { _, err := s.Rotate(scope, opened[1].Tunnel.ID, RotateAll, nil); return err },
		func() error { return s.Untag(scope, opened[1].Tunnel.ARN(), []string{"a"}) },
		func() error { return s.Close(scope, opened[3].Tunnel.ID, true) },
		func() error { return s.Close(scope, opened[1].Tunnel.ID, false) },
		func() error { m.now = m.now.Add(time.Minute); return nil }, // the first ends by itself
	} {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		then = append(then, seen(t, s, scope))
		times = append(times, m.now)
		m.now = m.now.Add(time.Second)
	}
	for i, want := range then {
		past := Past{s, m.now.Sub(times[i])}
		if got := seen(t, past, scope); !reflect.DeepEqual(got, want) {
			t.Errorf("after step %d reads gave\n%+v\nand later they give\n%+v", i, want, got)
		}
		for _, o := range opened {
			_, err := past.Describe(scope, o.Tunnel.ID)
			known := slices.ContainsFunc(want, func(t Tunnel) bool { return t.ID == o.Tunnel.ID })
			if (err == nil) != known {
				t.Errorf("after step %d tunnel %s: %v", i, o.Tunnel.ID, err)
			}
		}
	}
}

func TestNothingIsRememberedUnasked(t *testing.T) {
	s := New(new(manual).config())
	for range 3 {
		if _, err := s.Open(Scope{}, OpenInput{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.journal.changes); n != 0 {
		t.Errorf("%d changes are remembered", n)
	}
	s.Remember(time.Minute)
	if _, err := s.Open(Scope{}, OpenInput{}); err != nil || len(s.journal.changes) != 1 {
		t.Errorf("%d changes are remembered, %v", len(s.journal.changes), err)
	}
	s.Remember(0)
	if n := len(s.journal.changes); n != 0 {
		t.Errorf("%d changes are still remembered", n)
	}
}
