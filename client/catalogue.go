package client

import (
	"cmp"
	"slices"
	"time"
)

// grace is for lists that lag behind: a tunnel recorded is kept though the list does not show it yet, and one forgotten
// stays away though the list still shows it.
const grace = 30 * time.Second

// lag is how long what our own local proxy saw counts more than what DescribeTunnel says of its side.
const lag = 5 * time.Second

// record is a Row with what the poller needs to know of it.
type record struct {
	// Row is shared with the snapshots and is not written to any more once it was published: edit makes it one of its own.
	*Row
	// hidden: it is not of the thing the list is narrowed to.
	hidden bool
	// asked: the user wants it now. moved: the list says that it has changed since it was described.
	asked, moved bool
	// final: it was described after it was closed, and cannot change any more.
	final bool
	// describing: a DescribeTunnel is under way.
	describing bool
	// acted is when an answer of our own was last recorded; older answers of the poller do not count against it.
	acted time.Time
	// hot is when something was last done to it, or wanted to be known of it.
	hot time.Time
	// held: our own local proxy is the source. The times are when one of ours last told about the source and the device.
	held                                bool
	observedSource, observedDestination time.Time
	// listedUpdate is UpdatedAt by the list, which need not be as precise as DescribeTunnel's.
	listedUpdate time.Time
	// retry is when a failed describe may be tried again.
	retry    time.Time
	failures int
}

// edit lets the row be written to until the next snapshot.
func (r *record) edit() {
	own := *r.Row
	r.Row = &own
}

// catalogue is all that is known of the tunnels, newest first. It knows no clock and calls nothing.
type catalogue struct {
	records   map[Key]*record
	order     []*record
	forgotten map[Key]time.Time
	facts     *facts
}

func newCatalogue() *catalogue {
	return &catalogue{records: map[Key]*record{}, forgotten: map[Key]time.Time{}, facts: newFacts()}
}

func (c *catalogue) add(t Tunnel) *record {
	c.facts.recall(&t)
	r := &record{Row: &Row{Tunnel: t}}
	c.records[t.Key] = r
	at, _ := slices.BinarySearchFunc(c.order, r, newestFirst)
	c.order = slices.Insert(c.order, at, r)
	return r
}

func newestFirst(a, b *record) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.Key.ID, b.Key.ID), cmp.Compare(a.Key.Region, b.Key.Region),
		cmp.Compare(a.Key.Account, b.Key.Account), cmp.Compare(a.Key.Endpoint, b.Key.Endpoint))
}

// moveTo changes when a tunnel was created, which the order hangs on, in a row that is being edited.
func (c *catalogue) moveTo(r *record, created time.Time) {
	if created.IsZero() || created.Equal(r.CreatedAt) {
		return
	}
	r.CreatedAt = created
	slices.SortFunc(c.order, newestFirst)
}

func (c *catalogue) drop(gone func(*record) bool) {
	c.order = slices.DeleteFunc(c.order, func(r *record) bool {
		if gone(r) {
			delete(c.records, r.Key)
			return true
		}
		return false
	})
}

// listed takes one page of a sweep that was asked for at asked.
func (c *catalogue) listed(tunnels []Tunnel, asked, now time.Time) {
	for _, t := range tunnels {
		if left, ok := c.forgotten[t.Key]; ok && now.Sub(left) < grace {
			continue
		}
		r := c.records[t.Key]
		if r == nil {
			r = c.add(t)
		}
		r.edit()
		// The profile may have changed.
		r.hidden, r.ListedAt, r.Context = false, now, t.Context
		stale := asked.Before(r.acted) || !r.Open() && t.Open() // CLOSED is final.
		if stale {
			continue
		}
		r.moved = r.moved || r.Described && (r.Status != t.Status || !r.listedUpdate.IsZero() && !r.listedUpdate.Equal(t.UpdatedAt))
		r.listedUpdate = t.UpdatedAt
		r.ARN, r.Status, r.Description, r.UpdatedAt = t.ARN, t.Status, t.Description, t.UpdatedAt
		c.moveTo(r, t.CreatedAt)
	}
}

// swept ends a sweep of one context: what it should have shown and has not is gone. A sweep that stopped before the last
// page speaks for what is newer than its last tunnel, because the list is newest first.
func (c *catalogue) swept(place Key, start, now, oldest time.Time, complete bool) {
	c.drop(func(r *record) bool {
		covered := complete || !oldest.IsZero() && r.CreatedAt.After(oldest)
		recent := !r.acted.IsZero() && now.Sub(r.acted) < grace
		return r.Key.Place() == place && !r.hidden && covered && !recent && r.ListedAt.Before(start)
	})
	for key, left := range c.forgotten {
		if now.Sub(left) >= grace {
			delete(c.forgotten, key)
		}
	}
}

// described takes an answer of DescribeTunnel that was asked for at start.
func (c *catalogue) described(key Key, t Tunnel, err error, start, now time.Time) {
	r := c.records[key]
	if r == nil {
		return
	}
	r.describing = false
	r.edit()
	switch KindOf(err) {
	case KindCancelled:
		return
	case KindNotFound:
		if r.acted.IsZero() || now.Sub(r.acted) >= grace {
			c.forget(key, now)
			return
		}
	}
	if err != nil {
		r.asked = false
		r.Err = err
		r.retry = now.Add(firstRetry << min(r.failures, mostDoubling))
		r.failures++
		return
	}
	if start.Before(r.acted) || !r.Open() && t.Open() {
		// The question is older than what we know; it is asked again, not at once.
		r.moved, r.retry = true, now.Add(watchedAge)
		return
	}
	created := t.CreatedAt
	t.CreatedAt = r.CreatedAt
	// The service's word on who is connected may lag behind what our own local proxy sees.
	if start.Before(r.observedSource.Add(lag)) {
		t.Source = r.Source
	}
	if start.Before(r.observedDestination.Add(lag)) {
		t.Destination = r.Destination
	}
	r.Tunnel = t
	c.moveTo(r, created)
	c.facts.learn(r.Tunnel)
	r.asked, r.moved, r.final = false, false, !t.Open()
	r.Err, r.failures, r.retry, r.DescribedAt = nil, 0, time.Time{}, now
}

// hurry has the rows of a place that could not be described be asked for again at once.
func (c *catalogue) hurry(place Key) {
	for _, r := range c.order {
		if r.Err != nil && r.Key.Place() == place {
			r.failures, r.retry = 0, time.Time{}
		}
	}
}

// record takes what an answer of our own told. What it does not tell stays.
func (c *catalogue) record(t Tunnel, now time.Time) {
	delete(c.forgotten, t.Key)
	r := c.records[t.Key]
	if r == nil {
		t.CreatedAt = cmp.Or(t.CreatedAt, now)
		r = c.add(t)
	}
	r.edit()
	old := r.Tunnel
	r.Tunnel = t
	r.CreatedAt = old.CreatedAt
	c.moveTo(r, t.CreatedAt)
	r.ARN, r.Status = cmp.Or(t.ARN, old.ARN), cmp.Or(t.Status, old.Status, StatusOpen)
	if !old.Open() && old.Status != "" {
		r.Status = old.Status
	}
	r.Context, r.UpdatedAt = cmp.Or(t.Context, old.Context), cmp.Or(t.UpdatedAt, old.UpdatedAt)
	if !t.Described {
		r.Described, r.Thing, r.Services, r.Lifetime, r.Tags = old.Described, old.Thing, old.Services, old.Lifetime, old.Tags
		r.Description = cmp.Or(t.Description, old.Description)
	}
	if !t.Source.Known {
		r.Source = old.Source
	}
	if !t.Destination.Known {
		r.Destination = old.Destination
	}
	r.hidden, r.acted, r.hot, r.moved, r.final = false, now, now, true, false
	r.Err, r.failures, r.retry = nil, 0, time.Time{}
}

// observe takes what a local proxy of our own sees of its side; false where the tunnel is not known.
func (c *catalogue) observe(key Key, side ClientMode, connected bool, at, now time.Time) bool {
	r := c.records[key]
	if r == nil {
		return false
	}
	r.edit()
	seen := Side{Known: true, Connected: connected, Since: at}
	if side != ModeDestination {
		r.Source, r.observedSource, r.held = seen, now, connected
	}
	if side != ModeSource {
		r.Destination, r.observedDestination = seen, now
	}
	return true
}

func (c *catalogue) forget(key Key, now time.Time) {
	c.forgotten[key] = now
	c.drop(func(r *record) bool { return r.Key == key })
}

// narrow hides what is not known to be of the thing until the list shows it; "" shows all.
func (c *catalogue) narrow(thing string) {
	for _, r := range c.order {
		r.hidden = thing != "" && r.Thing.Raw() != thing
	}
}
