package views

import (
	"slices"
	"time"

	"adit/client"
	"adit/ui"
)

// mostEvents bounds what is kept of one tunnel, mostChronicled of how many tunnels.
const mostEvents, mostChronicled = 60, 2000

// event is a change that was seen, at the time the service gives it or else that of the snapshot that showed it.
type event struct {
	at   time.Time
	tone ui.Tone
	text string
}

// chronicle keeps what was seen to change of each tunnel since adit is connected. What changed twice between two looks was
// seen once.
type chronicle struct {
	before []*client.Row
	listed bool
	events map[client.Key][]event
}

func newChronicle() chronicle { return chronicle{events: map[client.Key][]event{}} }

// of is what was seen of a tunnel, the oldest first.
func (c *chronicle) of(key client.Key) []event { return c.events[key] }

// see compares a snapshot with the one before. Both are in the same order but for a few, so that a row's predecessor is
// mostly where the last one's ended: ten thousand rows cost no more than a walk.
func (c *chronicle) see(now *client.Snapshot) {
	var places map[client.Key]int
	next := 0
	for _, row := range now.Rows {
		if next >= len(c.before) || c.before[next] != row && c.before[next].Key != row.Key {
			if places == nil {
				places = make(map[client.Key]int, len(c.before))
				for at := range c.before {
					places[c.before[at].Key] = at
				}
			}
			at, known := places[row.Key]
			if !known {
				if c.listed {
					c.note(row.Key, event{now.At, ui.Plain, "listed for the first time"})
				}
				continue
			}
			next = at
		}
		if before := c.before[next]; before != row {
			for _, e := range changes(before, row, now.At) {
				c.note(row.Key, e)
			}
		}
		next++
	}
	c.before, c.listed = now.Rows, c.listed || len(now.Rows) > 0
}

func (c *chronicle) note(key client.Key, e event) {
	if _, known := c.events[key]; !known && len(c.events) >= mostChronicled {
		c.forgetUnlisted()
	}
	events := append(c.events[key], e)
	c.events[key] = events[max(len(events)-mostEvents, 0):]
}

// forgetUnlisted makes room: what no list shows any more goes, and where all are listed, everything.
func (c *chronicle) forgetUnlisted() {
	kept := map[client.Key][]event{}
	for i := range c.before {
		if events, ok := c.events[c.before[i].Key]; ok && len(kept) < mostChronicled/2 {
			kept[c.before[i].Key] = events
		}
	}
	c.events = kept
}

// changes are what tells two looks at a tunnel apart.
func changes(before, now *client.Row, at time.Time) []event {
	var seen []event
	add := func(when time.Time, tone ui.Tone, text string) {
		if when.IsZero() {
			when = at
		}
		seen = append(seen, event{when, tone, text})
	}
	if (before.Err == nil) != (now.Err == nil) || now.Err != nil && client.KindOf(before.Err) != client.KindOf(now.Err) {
		if now.Err == nil {
			add(at, ui.Good, "refreshed again")
		} else {
			_, word, tone := trouble(ui.Symbols{}, now.Err)
			add(at, tone, "not refreshed: "+word)
		}
	}
	switch {
	case before.Open() && !now.Open() && !now.Ends().IsZero() && !at.Before(now.Ends()):
		add(now.Ends(), ui.Dim, "closed: its lifetime was over")
	case before.Open() && !now.Open():
		add(at, ui.Dim, "closed")
	case now.Open():
		if tone, text := sideChange("source", before.Source, now.Source); text != "" {
			add(now.Source.Since, tone, text)
		}
		if tone, text := sideChange("device", before.Destination, now.Destination); text != "" {
			add(now.Destination.Since, tone, text)
		}
	}
	if before.Described && now.Described {
		for _, text := range tagChanges(before.Tags, now.Tags) {
			add(at, ui.Plain, text)
		}
	}
	return seen
}

// sideChange says how a side changed, "" where it did not.
func sideChange(name string, before, now client.Side) (ui.Tone, string) {
	switch {
	case !before.Known || !now.Known:
	case !before.Connected && now.Connected:
		return ui.Good, name + " connected"
	case before.Connected && !now.Connected:
		return ui.Warn, name + " disconnected"
	case now.Connected && now.Since.After(before.Since):
		return ui.Plain, name + " connected anew"
	}
	return ui.Plain, ""
}

// tagChanges says of each tag how it changed.
func tagChanges(before, now []client.Tag) []string {
	if slices.Equal(before, now) {
		return nil
	}
	var texts []string
	for _, t := range now {
		i := slices.IndexFunc(before, func(old client.Tag) bool { return old.Key == t.Key })
		switch {
		case i < 0:
			texts = append(texts, "tag + "+t.Key.String()+" = "+t.Value.String())
		case before[i].Value != t.Value:
			texts = append(texts, "tag ~ "+t.Key.String()+" = "+t.Value.String()+" (was "+before[i].Value.String()+")")
		}
	}
	for _, t := range before {
		if !slices.ContainsFunc(now, func(left client.Tag) bool { return left.Key == t.Key }) {
			texts = append(texts, "tag - "+t.Key.String())
		}
	}
	return texts
}
