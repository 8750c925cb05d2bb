package views

import (
	"fmt"
	"strings"
	"time"

	"adit/client"
	"adit/ui"
)

const previewLines = 4

// preview tells more about the selected tunnel, in as many lines whatever is selected: nothing moves.
func (a *app) preview() []string {
	s := a.scene
	lines := make([]string, previewLines)
	row, ok := a.selected()
	if !ok {
		return lines
	}
	dot := " " + s.theme.Symbols.Dot + " "
	head := name(row)
	if services := servicesOf(row); services != "" {
		head += dot + services
	}
	opened := "tunnel " + shortID(row.Key.ID)
	if !row.CreatedAt.IsZero() {
		opened += "   opened " + s.clock(row.CreatedAt)
	}
	switch {
	case row.mine && s.width >= roomy:
		opened += " by this adit"
	case row.mine:
		opened += ", mine"
	}
	lines[0] = s.columns(ui.Span{Text: " " + head, Tone: ui.Accent}, ui.Span{Text: opened, Tone: ui.Dim})
	lines[1] = s.columns(labelled("device", a.deviceText(row)), labelled("tags", tagsText(row.Tags)))
	lines[2] = s.columns(labelled("source", a.sourceText(row)), labelled("lifetime", a.lifetime(row)))
	lines[3] = a.proxyLine(row)
	return lines
}

// deviceText says how the device stands, and from when on it may be sent another token.
func (a *app) deviceText(row tunnelRow) string {
	text := a.sideText(row, row.Destination, row.Destination.Never())
	if wait := a.sessions.ResendAfter(row.Key).Sub(a.scene.now); wait > 0 && row.Open() && !row.Destination.Connected {
		text += ", token sent, again in " + ui.Countdown(wait)
	}
	if _, watched := a.notices.watched[row.Key]; watched {
		text += ", watched"
	}
	return text
}

// sourceText says who has the source.
func (a *app) sourceText(row tunnelRow) string {
	if row.proxy == nil {
		return a.sideText(row, row.Source, false)
	}
	text := a.scene.theme.Symbols.On + " held by this adit"
	if a.scene.width >= roomy {
		text += ", " + a.scene.clock(row.proxy.Since)
	}
	return text
}

// columns sets two texts side by side, each on its part of the screen.
func (s *scene) columns(left, right ui.Span) string {
	half := min(s.width*9/20, 70)
	return s.theme.Spans(half-2, left) + "  " + s.theme.Spans(s.width-half, right)
}

func labelled(label, value string) ui.Span {
	return ui.Span{Text: fmt.Sprintf("   %-8s %s", label, value), Tone: ui.Plain}
}

func (a *app) sideText(row tunnelRow, side client.Side, never bool) string {
	sy := a.scene.theme.Symbols
	switch {
	case !side.Known:
		return "not described yet"
	case side.Connected && side.Since.IsZero():
		return sy.On + " connected"
	case side.Connected:
		return sy.On + " connected " + a.scene.clock(side.Since)
	case never:
		return sy.Never + " never connected"
	case side.Since.IsZero():
		return sy.Off + " none"
	}
	return sy.Off + " left " + a.scene.clock(side.Since)
}

func (a *app) lifetime(row tunnelRow) string {
	if row.Lifetime == 0 {
		return ""
	}
	if !row.Open() {
		return minutes(row.Lifetime) + ", closed"
	}
	return minutes(row.Lifetime) + ", closes " + a.scene.clock(row.Ends())
}

// proxyLine shows the local proxy of the tunnel with its counters, or what the row's refresh failed with.
func (a *app) proxyLine(row tunnelRow) string {
	s := a.scene
	if row.proxy == nil {
		if row.Err != nil {
			sentence, _ := explain(row.Err)
			return s.theme.Spans(s.width, ui.Span{Text: "   not up to date: " + sentence, Tone: ui.Warn})
		}
		return ""
	}
	r := a.proxies.rates.total(row.Key)
	var where []string
	live := 0
	for _, service := range row.proxy.Services {
		live += service.Live
		if service.Address != "" {
			where = append(where, a.shortAddress(service.Address)+" "+s.theme.Symbols.Into+" "+client.Clean(service.Service))
		}
	}
	sy, chart, count, trip := s.theme.Symbols, 6, plural(live, "connection", "connections"), roundTrip(row.proxy.RoundTrip)
	if s.width < 140 {
		chart = 0
	}
	if s.width < roomy {
		count, trip = plural(live, "conn", "conns"), milliseconds(row.proxy.RoundTrip)
	}
	measured := []ui.Span{
		{Text: "   " + count},
		{Text: "   " + sy.Up + " " + ui.Rate(r.up()) + " "}, {Text: s.theme.Sparkline(r.sent, chart), Tone: ui.Accent},
		{Text: "   " + sy.Down + " " + ui.Rate(r.down()) + " "}, {Text: s.theme.Sparkline(r.received, chart), Tone: ui.Accent},
		{Text: "   " + trip},
	}
	// Of many addresses the last give way, never what is measured.
	at := labelled("proxy", strings.Join(where, ", "))
	room := s.width
	for _, span := range measured {
		room -= cellsOf(span.Text)
	}
	room = max(min(room, cellsOf(at.Text)), 0)
	return s.theme.Spans(room, at) + s.theme.Spans(s.width-room, measured...)
}

// shortAddress leaves loopback out where the screen is narrow.
func (a *app) shortAddress(address string) string {
	if a.scene.width < roomy {
		return strings.TrimPrefix(address, "127.0.0.1")
	}
	return address
}

func roundTrip(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "round trip " + milliseconds(d)
}

func milliseconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	if d < time.Millisecond {
		return "<1 ms"
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

func tagsText(tags []client.Tag) string {
	// A person's tags first: what is cut off at the end is adit's own.
	users, own := apart(tags)
	words := make([]string, len(tags))
	for i, t := range append(users, own...) {
		words[i] = t.Key.String() + "=" + t.Value.String()
	}
	return strings.Join(words, "  ")
}

// clock is a time of day, with the day where it is not today.
func (s *scene) clock(t time.Time) string {
	t, today := t.Local(), s.now.Local()
	if t.YearDay() == today.YearDay() && t.Year() == today.Year() {
		return t.Format("15:04")
	}
	return t.Format("2 Jan 15:04")
}

// shortID is enough of an id to tell two tunnels apart.
func shortID(id string) string {
	if len(id) > 8 {
		id = id[:8]
	}
	return client.Clean(id)
}
