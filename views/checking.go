package views

import (
	"fmt"

	"adit/client"
	"adit/filter"
	"adit/session"
)

// checking is how far a filter, or an order, that hangs on what DescribeTunnel alone tells has come.
type checking struct {
	// of are the rows that had to be known, done those that are.
	of, done int
	// sought are the rows that are not.
	sought map[client.Key]bool
}

// text is "" once everything is known.
func (c checking) text() string {
	if c.done == c.of {
		return ""
	}
	return fmt.Sprintf("checked %d of %d", c.done, c.of)
}

// judge tells whether a row is listed, and counts whether it could be judged.
func (v *tunnelsView) judge(r *tunnelRow, sorted tunnelColumn) bool {
	verdict, sought := v.finding.inForce.Match(&filter.Subject{Row: &r.Row, Mine: r.mine || r.proxy != nil, Held: r.proxy != nil, Owner: session.OwnerOf(r.Tunnel).String(), Now: v.scene.now})
	unknown := verdict == filter.Maybe
	if verdict == filter.Yes && sorted.known != nil {
		sought, unknown = true, unknown || !sorted.known(*r)
	}
	if sought {
		v.checking.of++
		if unknown {
			v.checking.sought[r.Key] = true
		} else {
			v.checking.done++
		}
	}
	return verdict == filter.Yes
}
