package ui

import "time"

// What opens by itself under typing hands takes no key until they rested for grace, so that a stray one cannot confirm; after
// graceLimit it takes keys whatever happens.
const (
	grace      = 425 * time.Millisecond
	graceLimit = 1500 * time.Millisecond
)

// Quiet holds keys back for a moment after something opened by itself. The zero value holds none.
type Quiet struct{ since, lastHeld time.Time }

// NewQuiet begins at now.
func NewQuiet(now time.Time) Quiet { return Quiet{since: now} }

// Holds tells whether a key comes too early; each one that does makes the wait run on.
func (q *Quiet) Holds(now time.Time) bool {
	if q.since.IsZero() {
		return false
	}
	from := q.since
	if q.lastHeld.After(from) {
		from = q.lastHeld
	}
	if now.Sub(q.since) >= graceLimit || now.Sub(from) >= grace {
		*q = Quiet{}
		return false
	}
	q.lastHeld = now
	return true
}
