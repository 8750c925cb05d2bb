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
func (v *tunnelsView) judge(row tunnelRow, sorted tunnelColumn) bool {
	if v.finding.inForce.Empty() && sorted.known == nil {
		return true
	}
	held := row.proxy != nil
	verdict, sought := v.finding.inForce.Match(&filter.Subject{
		Row: row.Row, Mine: row.mine || held, Held: held, Owner: session.OwnerOf(row.Tunnel).String(), Now: v.scene.now,
	})
	unknown := verdict == filter.Maybe
	if verdict == filter.Yes && sorted.known != nil {
		sought, unknown = true, unknown || !sorted.known(row)
	}
	if sought {
		v.checking.of++
		if unknown {
			v.checking.sought[row.Key] = true
		} else {
			v.checking.done++
		}
	}
	return verdict == filter.Yes
}
