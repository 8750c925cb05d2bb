package views

import (
	"fmt"
	"slices"
	"strings"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
)

// reusable is the open tunnel of the same thing that lives longest, if there is one that carries the services.
func (f *openForm) reusable() (tunnelRow, bool) {
	a, in := f.app, f.input()
	best := noTunnel()
	for _, r := range a.snapshot.Rows {
		row := tunnelRow{Row: r}
		if in.Thing == "" || r.Thing.Raw() != in.Thing || !r.Open() || a.tunnels.remaining(row) <= a.tunnels.remaining(best) {
			continue
		}
		carried := rawServices(r.Services)
		if !slices.ContainsFunc(in.Services, func(s string) bool { return !slices.Contains(carried, s) }) {
			best = row
		}
	}
	return best, best.Key != client.Key{}
}

// remark says of a suggested thing whether it is there.
func (f *openForm) remark(thing string) ui.Span {
	return f.app.scene.seen(f.app.presence(f.where.ThingKey(thing)))
}

// seen is presence in a few words, none where it is not known.
func (s *scene) seen(p client.Presence) ui.Span {
	sy := s.theme.Symbols
	switch {
	case p.State == client.PresenceOnline:
		return ui.Span{Text: sy.On + " online", Tone: ui.Good}
	case p.State == client.PresenceNotSeen && p.Since.IsZero():
		return ui.Span{Text: sy.Off + " not seen", Tone: ui.Warn}
	case p.State == client.PresenceNotSeen:
		return ui.Span{Text: sy.Off + " not seen since " + s.clock(p.Since), Tone: ui.Warn}
	}
	return ui.Span{}
}

// refresh renews what the footer says about what stands in the fields.
func (f *openForm) refresh() {
	f.follow()
	if f.proposed != nil && !slices.Equal(f.services.Values(), f.proposed) {
		f.proposed = nil
	}
	if next := f.propose(strings.TrimSpace(f.thing.Value())); f.proposed != nil && !slices.Equal(next, f.proposed) {
		f.proposed = next
		f.services.SetValues(next)
	}
	f.form.Footer(f.footer())
}

// footer warns of what was open already and of who is not there, counts what was billed, and is the command that does the
// same.
func (f *openForm) footer() []ui.Span {
	a, in := f.app, f.input()
	var lines []ui.Span
	if row, ok := f.reusable(); ok {
		use := ""
		switch {
		case slices.ContainsFunc(a.sessions.Proxies(), func(p session.Proxy) bool { return p.Tunnel == row.Key && p.State != tunnelconn.Stopped }):
			use = ", and its source is in use by you"
		case row.Source.Connected:
			use = ", and its source is in use"
		}
		lines = append(lines, ui.Span{Tone: ui.Warn, Text: fmt.Sprintf("%s %s already has an open tunnel with %s left%s.  %s reuse it instead",
			a.scene.theme.Symbols.Warning, client.Clean(in.Thing), ui.Age(a.tunnels.remaining(row)), use, a.scene.key(keymap.FormReuse))})
	}
	if in.Thing == "" && f.wanted() == session.ThenNothing {
		lines = append(lines, ui.Span{Tone: ui.Warn, Text: "Without a thing no device is told of the tunnel."})
	}
	if seen := a.scene.seen(a.presence(f.about())); seen.Text != "" && in.Thing != "" {
		lines = append(lines, ui.Span{Tone: seen.Tone, Text: client.Clean(in.Thing) + " " + seen.Text})
	}
	if f.where.NotAWS() && !f.where.Demo {
		lines = append(lines, ui.Span{Tone: ui.Warn, Text: notAWS(f.where)})
	}
	if n := a.opensToday(f.where); n > 0 {
		lines = append(lines, ui.Span{Text: "AWS bills every open; this is your " + ordinal(n+1) + " today."})
	}
	return append(lines, ui.Span{Tone: ui.Dim, Text: "$ " + client.CommandOpen(f.where, in)})
}

// ordinal is a number as one counts: 1st, 2nd, 3rd, 4th.
func ordinal(n int) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		ending = [...]string{"th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th"}[n%10]
	}
	return itoa(n) + ending
}
