package views

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// thingRow is a thing with what is known of the ways to it.
type thingRow struct {
	key     client.ThingKey
	context client.Context
	// presence is the registry's word, and unasked why there is none, nil while there may be.
	presence client.Presence
	unasked  error
	// tunnel is the open one that would be used, unless it has none. unsure: some open tunnels were not described yet.
	tunnel tunnelRow
	unsure bool
	used   time.Time // zero for never by this adit
}

func (r thingRow) name() string    { return client.Clean(r.key.Name) }
func (r thingRow) hasTunnel() bool { return r.tunnel.Key != client.Key{} }

// thingsView is the list that on-call starts from: devices, whether they have a tunnel or not.
type thingsView struct {
	scene *scene
	// tunnels draws what both lists show of a tunnel.
	tunnels *tunnelsView
	table   *ui.Table[client.ThingKey, thingRow]
	search  search
	all     int
}

func newThingsView(s *scene, tunnels *tunnelsView) *thingsView {
	v := &thingsView{scene: s, tunnels: tunnels}
	v.table = ui.NewTable(func(r thingRow) client.ThingKey { return r.key }, v.columns())
	return v
}

// refillThings joins the registry's things, those of the tunnels, and those that were used before. It costs a pass over
// all of them, so that it is done only while somebody looks.
func (a *app) refillThings() {
	if a.things == nil || a.front != keymap.ScopeThings {
		return
	}
	known, none := map[client.ThingKey]*thingRow{}, noTunnel()
	row := func(where client.Context, name string) *thingRow {
		key := where.ThingKey(name)
		if known[key] == nil {
			known[key] = &thingRow{key: key, context: where, presence: a.presence(key), tunnel: none}
		}
		return known[key]
	}
	for _, list := range a.roster.Lists {
		for _, name := range list.Names {
			row(list.Context, name.Raw())
		}
	}
	for where, m := range a.memory {
		for _, r := range m.Recents {
			row(where, r.Thing).used = r.At
		}
	}
	for _, name := range a.connection.backend.Things {
		row(a.context(), name)
	}
	proxies, unsure := a.proxiesByTunnel(), map[client.Context]bool{}
	for _, r := range a.snapshot.Rows {
		t := tunnelRow{a.withTrouble(r), a.sessions.Opened(r.Key), proxies[r.Key]}
		if r.Thing == "" {
			unsure[r.Context] = unsure[r.Context] || r.Open() && !r.Described
			continue
		}
		if of := row(r.Context, r.Thing.Raw()); r.Open() && better(t, of.tunnel) {
			of.tunnel = t
		}
	}
	rows := make([]thingRow, 0, len(known))
	for _, r := range known {
		r.unsure = unsure[r.context]
		for _, list := range a.roster.Lists {
			if list.Context == r.context {
				r.unasked = list.PresenceErr
			}
		}
		if a.things.search.finds(r.name()) {
			rows = append(rows, *r)
		}
	}
	slices.SortFunc(rows, func(x, y thingRow) int {
		return cmp.Or(y.used.Compare(x.used), cmp.Compare(x.key.Name, y.key.Name), cmp.Compare(x.key.Region, y.key.Region))
	})
	a.things.all = len(known)
	a.things.table.SetRows(rows)
}

// better tells which of two open tunnels of a thing would be used first: one held by this adit, then one whose source is
// free, and of equals the one that lives longest.
func better(t, than tunnelRow) bool {
	if than.Key == (client.Key{}) {
		return true
	}
	rank := func(r tunnelRow) int {
		switch {
		case r.proxy != nil:
			return 0
		case !r.Source.Connected:
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(t), rank(than)), than.Ends().Compare(t.Ends())) < 0
}

func (v *thingsView) view(a *app, room int) ([]string, *tea.Cursor) {
	s := v.scene
	var under []string
	if v.search.typing || v.search.text != "" {
		count := "  " + plural(v.table.Len(), "match", "matches")
		if !v.search.typing {
			count += ", esc shows all"
		}
		under = append(under, s.theme.Spans(s.width, ui.Span{Text: " / ", Tone: ui.Accent}, ui.Span{Text: v.search.text, Tone: ui.Strong}, ui.Span{Text: count, Tone: ui.Dim}))
	}
	if s.height >= 20 && s.width >= 60 {
		under = append(append(append(under, s.rule()), v.preview(a)...), s.rule())
	}
	height := max(room-len(under), 2)
	v.table.SetSize(s.width, height)
	body := strings.Split(v.table.View(s.theme), "\n")
	if v.table.Len() == 0 {
		copy(body[min(2, len(body)):], v.empty(a))
		body = s.fit(body)
	}
	var cursor *tea.Cursor
	if v.search.typing {
		cursor = tea.NewCursor(min(3+cellsOf(v.search.text), s.width-1), height)
	}
	return append(body, s.fit(under)...)[:room], cursor
}

// empty says why there is nothing to see, and the next key.
func (v *thingsView) empty(a *app) []string {
	s := v.scene
	open := " " + s.key(keymap.ThingOpen) + " opens a tunnel to a thing that you name."
	if a.opts.ReadOnly {
		open = ""
	}
	listing, refused := false, ""
	for _, list := range a.roster.Lists {
		listing = listing || list.ListedAt.IsZero() && list.Err == nil
		if list.Err != nil {
			refused, _ = explain(list.Err)
		}
	}
	switch {
	case v.search.text != "" && v.all > 0:
		return s.paragraph(ui.Plain, "No thing matches what you typed.", 3)
	case listing:
		return s.paragraph(ui.Dim, "Listing the things"+s.theme.Symbols.Ellipsis, 3)
	case refused != "":
		return s.paragraph(ui.Plain, refused+" Things that have a tunnel or that you used before are listed here all the same: there are none yet."+open, 3)
	}
	return s.paragraph(ui.Plain, "No things here: the registry has none, no tunnel names one, and you used none before."+open, 3)
}

// preview tells more about the selected thing, in as many lines whatever is selected.
func (v *thingsView) preview(a *app) []string {
	s := v.scene
	row, ok := v.table.Selected()
	if !ok {
		return make([]string, 3)
	}
	used := "not used by this adit yet"
	if !row.used.IsZero() {
		used = "last used " + s.clock(row.used)
	}
	return []string{
		s.columns(ui.Span{Text: " " + row.name(), Tone: ui.Accent}, ui.Span{Text: client.Clean(row.context.Region) + "   " + used, Tone: ui.Dim}),
		s.theme.Spans(s.width, labelled("device", v.presenceText(row))),
		s.theme.Spans(s.width, labelled("tunnel", v.tunnelText(a, row))),
	}
}

// presenceText says where presence comes from, as it is no more than a hint.
func (v *thingsView) presenceText(r thingRow) string {
	s := v.scene
	sy := s.theme.Symbols
	switch {
	case r.presence.State == client.PresenceOnline && r.presence.Since.IsZero():
		return sy.On + " online, says the registry"
	case r.presence.State == client.PresenceOnline:
		return sy.On + " online since " + s.clock(r.presence.Since)
	case r.presence.State == client.PresenceNotSeen && r.presence.Since.IsZero():
		return sy.Off + " not seen: it is not connected to AWS IoT, and nobody remembers when it was"
	case r.presence.State == client.PresenceNotSeen:
		return sy.Off + " last seen at " + s.clock(r.presence.Since)
	case r.unasked != nil:
		why, _ := explain(r.unasked)
		return sy.Unknown + " unknown. " + why
	}
	if r.presence.AskedAt.IsZero() {
		return sy.Unknown + " unknown"
	}
	return sy.Unknown + " unknown: the fleet index does not have this thing"
}

// tunnelText says what the key for a shell comes to.
func (v *thingsView) tunnelText(a *app, r thingRow) string {
	s := v.scene
	enter := s.key(keymap.ThingSSH)
	switch {
	case !r.hasTunnel() && r.unsure:
		return "not all open tunnels are checked yet; " + enter + " looks for one"
	case !r.hasTunnel():
		return "none is open; " + enter + " asks before it opens one (billed)" + s.opens(a.opensToday(r.context))
	}
	t := r.tunnel
	text := shortID(t.Key.ID)
	if services := servicesOf(t); services != "" {
		text += " " + services
	}
	if ends := t.Ends(); !ends.IsZero() {
		text += ", closes " + s.clock(ends)
	}
	switch {
	case t.proxy != nil:
		return text + ", held by this adit"
	case t.Source.Connected:
		return text + ", its source is in use; " + enter + " asks before it cuts anybody off"
	}
	return text + "; " + enter + " takes it (free)"
}

// opens counts what was billed today, as an addition to a sentence.
func (s *scene) opens(today int) string {
	if today == 0 {
		return ""
	}
	return " (" + plural(today, "open", "opens") + " today)"
}
