// Package filter is the language in which a list of tunnels is narrowed down: words that must stand somewhere in a row,
// and terms about what is known of it.
//
//	pump !test            the text pump, and not the text test; "two words" in quotes
//	device:never,gone     a field and what it may begin with or hold; a comma stands for or
//	tag:team=ops          a tag and its value
//	left<30m age>2h       times
//	mine /^gate-\d+$/     opened or held by this adit; a regular expression
//
// All terms must hold. Much of a tunnel is told by DescribeTunnel alone and is not known at first: then a term neither
// holds nor fails, and Match says so. Upper and lower case are the same. The package reads no clock.
package filter

import (
	"time"

	"adit/client"
)

// Filter is a parsed filter. The zero value matches everything.
type Filter struct {
	terms []term
	text  string
}

// Verdict is whether a row matches.
type Verdict uint8

const (
	No    Verdict = iota
	Maybe         // nobody knows yet
	Yes
)

// Subject is a row that is looked at.
type Subject struct {
	*client.Row
	// Mine tells that this adit opened it or holds its source, Held the latter.
	Mine, Held bool
	// Owner is who opened it, "" where that is not known.
	Owner string
	Now   time.Time
}

// term is one condition.
type term struct {
	not bool
	// described: it is about what DescribeTunnel alone tells.
	described bool
	holds     func(*Subject) Verdict
}

// String is the text the filter was made of.
func (f Filter) String() string { return f.text }

// Empty tells whether it matches everything.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// Match tells whether a row matches. It asks about what is known by the list first; sought tells that no such term speaks
// against the row, and that there are others, so that the row had to be described to be judged.
func (f Filter) Match(s *Subject) (v Verdict, sought bool) {
	v = Yes
	for _, described := range []bool{false, true} {
		for i := range f.terms {
			if f.terms[i].described != described {
				continue
			}
			sought = described
			switch f.terms[i].verdict(s) {
			case No:
				return No, described
			case Maybe:
				v = Maybe
			}
		}
	}
	return v, sought
}

func (t *term) verdict(s *Subject) Verdict {
	v := t.holds(s)
	switch {
	case !t.not || v == Maybe:
		return v
	case v == Yes:
		return No
	}
	return Yes
}

// verdict makes one of what is known.
func verdict(holds bool) Verdict {
	if holds {
		return Yes
	}
	return No
}
