package views

import (
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
)

// cellsOf is the width of a text on the screen.
func cellsOf(s string) int { return ansi.StringWidth(s) }

// tunnelRow is a tunnel with what this adit has to do with it. The row itself is the snapshot's and is not changed: of ten
// thousand only a pointer each is kept and sorted.
type tunnelRow struct {
	*client.Row
	mine  bool           // this adit opened it
	proxy *session.Proxy // this adit holds its source
}

// noTunnel is the row of no tunnel: nothing is known of it.
func noTunnel() tunnelRow { return tunnelRow{Row: &client.Row{}} }

// tunnelsView is the list of tunnels with its filter, its preview and its sort order.
type tunnelsView struct {
	scene    *scene
	contexts []client.Context // whose tunnels are listed
	table    *ui.Table[client.Key, tunnelRow]
	finding  finding
	checking checking
	all      int
	marked   marked
}

func newTunnelsView(s *scene, contexts []client.Context) *tunnelsView {
	v := &tunnelsView{scene: s, contexts: contexts, finding: newFinding(), marked: marked{}}
	v.table = ui.NewTable(func(r tunnelRow) client.Key { return r.Key }, nil)
	v.rearrange(nil)
	return v
}

// refill gives the table the latest rows. The table keeps selection, marks and scroll with their keys.
func (a *app) refill() {
	if a.tunnels == nil {
		return
	}
	proxies := a.proxiesByTunnel()
	rows := make([]tunnelRow, 0, len(a.snapshot.Rows))
	a.tally = tally{}
	a.tunnels.checking = checking{sought: map[client.Key]bool{}}
	sorted := a.tunnels.sortedBy()
	for _, r := range a.snapshot.Rows {
		row := tunnelRow{a.withTrouble(r), a.sessions.Opened(r.Key), proxies[r.Key]}
		a.tally.count(row)
		if a.tunnels.judge(row, sorted) {
			rows = append(rows, row)
		}
	}
	a.tunnels.all = len(a.snapshot.Rows)
	a.tunnels.table.SetRows(rows)
	a.proxies.fill(a.sessions.Proxies())
	a.refillThings()
}

// proxiesByTunnel are the local proxies that have not stopped.
func (a *app) proxiesByTunnel() map[client.Key]*session.Proxy {
	proxies := map[client.Key]*session.Proxy{}
	for _, p := range a.sessions.Proxies() {
		if p.State != tunnelconn.Stopped {
			proxies[p.Tunnel] = &p
		}
	}
	return proxies
}

// rowFor joins a tunnel with what this adit has to do with it.
func (a *app) rowFor(r client.Row) tunnelRow {
	return tunnelRow{a.withTrouble(&r), a.sessions.Opened(r.Key), a.proxiesByTunnel()[r.Key]}
}

// withTrouble gives a row that nobody could ask for the reason that holds for all of its context: without a login or a
// network the watcher does not try each.
func (a *app) withTrouble(r *client.Row) *client.Row {
	if r.Err != nil || !r.Open() {
		return r
	}
	for _, c := range a.snapshot.Contexts {
		if c.Err == nil || c.Context != r.Context {
			continue
		}
		switch client.KindOf(c.Err) {
		case client.KindOffline, client.KindExpired, client.KindNoCredentials:
			troubled := *r
			troubled.Err = c.Err
			return &troubled
		}
	}
	return r
}

// view is the table with the line of the filter and the preview under it.
func (v *tunnelsView) view(a *app, room int) ([]string, *tea.Cursor) {
	s := v.scene
	var under []string
	var cursor *tea.Cursor
	if a.more() {
		under = append(under, s.theme.Spans(s.width, ui.Span{Text: "   more on the server: " + s.key("tunnel.more") + " loads the next page", Tone: ui.Dim}))
	}
	if c := v.checking; !v.finding.shown() && c.text() != "" {
		under = append(under, s.theme.Spans(s.width, ui.Span{Text: "   sorted by " + v.sortedBy().name + ": " + c.text(), Tone: ui.Dim}))
	}
	at := len(under)
	if v.finding.shown() {
		line, typed := v.filterLine()
		under = append(under, line)
		cursor = typed
	}
	if line := v.markedLine(); line != "" {
		under = append(under, line)
	}
	if s.height >= 20 && s.width >= 60 {
		under = append(under, append([]string{s.rule()}, a.preview()...)...)
		under = append(under, s.rule())
	}
	height := max(room-len(under), 2)
	v.table.SetSize(s.width, height)
	body := strings.Split(v.table.View(s.theme), "\n")
	if v.table.Len() == 0 {
		body = s.fit(v.empty(a, body))
	}
	if cursor != nil {
		cursor.Y = height + at
	}
	// The table's lines are as wide as the screen already: measuring them again would cost more than drawing them.
	lines := append(body, s.fit(under)...)
	return lines[:room], cursor
}

// empty says why there is nothing to see, and the next key.
func (v *tunnelsView) empty(a *app, body []string) []string {
	s := v.scene
	lines := []string{}
	say := func(tone ui.Tone, text string) { lines = append(lines, s.paragraph(tone, text, 3)...) }
	switch {
	case !v.finding.inForce.Empty() && v.all > 0:
		say(ui.Plain, "No tunnel matches the filter.")
		if c := v.checking.text(); c != "" {
			say(ui.Dim, c+": the others are asked for.")
		}
	case len(a.failures()) > 0:
		for _, err := range a.failures() {
			sentence, _ := explain(err)
			say(ui.Bad, s.theme.Symbols.Failed+" "+sentence)
			say(ui.Plain, advice(err))
		}
	case slices.ContainsFunc(a.snapshot.Contexts, func(c client.ContextState) bool { return c.ListedAt.IsZero() }):
		say(ui.Dim, "Listing the tunnels"+s.theme.Symbols.Ellipsis)
	case a.snapshot.Thing != "" && a.onlyRead():
		say(ui.Plain, "No tunnels of "+client.Clean(a.snapshot.Thing)+". "+s.key("tunnel.narrow")+" lists another thing or all.")
	case a.snapshot.Thing != "":
		say(ui.Plain, "No tunnels of "+client.Clean(a.snapshot.Thing)+". "+s.key("tunnel.open")+" opens one, "+s.key("tunnel.narrow")+" lists another thing or all.")
	case a.onlyRead():
		say(ui.Plain, "No tunnels here.")
	default:
		say(ui.Plain, "No tunnels here. "+s.key("tunnel.open")+" opens one.")
	}
	copy(body[min(2, len(body)):], lines)
	return body
}

// failures are why contexts cannot be listed, one of each kind.
func (a *app) failures() []error {
	var errs []error
	for _, c := range a.snapshot.Contexts {
		if c.Err != nil && !slices.ContainsFunc(errs, func(err error) bool { return client.KindOf(err) == client.KindOf(c.Err) }) {
			errs = append(errs, c.Err)
		}
	}
	return errs
}

// selected is the row under the cursor.
func (a *app) selected() (tunnelRow, bool) {
	if a.tunnels == nil {
		return noTunnel(), false
	}
	row, ok := a.tunnels.table.Selected()
	if !ok {
		return noTunnel(), false
	}
	return row, true
}

// look tells the watcher what is looked at, when that has changed.
func (a *app) look() {
	if a.connection.backend == nil {
		return
	}
	a.lookAtThings()
	at := client.Attention{Blurred: a.blurred, Places: a.connection.places, Sought: a.tunnels.checking.sought}
	if a.front == keymap.ScopeThings {
		at.Selected, at.Visible = a.things.looked()
	} else {
		at.Selected = a.selectedKey()
		for _, row := range a.tunnels.table.Visible() {
			at.Visible = append(at.Visible, row.Key)
		}
	}
	for _, p := range a.sessions.Proxies() {
		at.Watched = append(at.Watched, p.Tunnel)
	}
	for _, key := range slices.SortedFunc(maps.Keys(a.notices.watched), func(x, y client.Key) int { return strings.Compare(x.ID, y.ID) }) {
		if !slices.Contains(at.Watched, key) {
			at.Watched = append(at.Watched, key)
		}
	}
	if a.trip != nil && a.trip.progress.Key != (client.Key{}) && !slices.Contains(at.Watched, a.trip.progress.Key) {
		at.Watched = append(at.Watched, a.trip.progress.Key)
	}
	same := at.Blurred == a.looked.Blurred && at.Selected == a.looked.Selected &&
		slices.Equal(at.Places, a.looked.Places) && slices.Equal(at.Visible, a.looked.Visible) && slices.Equal(at.Watched, a.looked.Watched) &&
		maps.Equal(at.Sought, a.looked.Sought)
	if !same {
		a.looked = at
		a.connection.backend.Watcher.Look(at)
	}
}

// plural counts things in words.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// selectedKey is the key of the row under the cursor, zero without one.
func (a *app) selectedKey() client.Key {
	row, _ := a.selected()
	return row.Key
}
