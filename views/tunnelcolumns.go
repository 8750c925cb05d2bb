package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// tunnelColumn is a column with what is to be known of it beside how it is drawn.
type tunnelColumn struct {
	ui.Column[tunnelRow]
	// name in menus and sentences.
	name string
	// off: it is not shown until it is chosen.
	off bool
	// known tells whether what the rows are sorted by is known of one; nil where the list tells it of all.
	known func(tunnelRow) bool
}

// columns of the tunnels, as shipped. Priorities follow what is read first: thing, device and time left are never dropped.
// Where several contexts are shown, what tells them apart is never dropped either.
func (v *tunnelsView) columns() []tunnelColumn {
	columns := []tunnelColumn{
		{name: "thing", known: factual, Column: ui.Column[tunnelRow]{ID: "thing", Title: "THING", Min: 11, Max: 24, Cell: v.thing,
			Less: func(a, b tunnelRow) bool { return a.Thing < b.Thing }}},
		{name: "services", known: factual, Column: ui.Column[tunnelRow]{ID: "services", Title: "SERVICES", Min: 8, Max: 12, Priority: 2, Cell: v.services, Less: byText(servicesOf)}},
		{name: "source", known: described, Column: ui.Column[tunnelRow]{ID: "source", Title: "SOURCE", Min: 14, Max: 17, Priority: 1, Cell: v.source,
			Less: func(a, b tunnelRow) bool { return sourceRank(a) < sourceRank(b) }}},
		{name: "device", known: described, Column: ui.Column[tunnelRow]{ID: "device", Title: "DEVICE", Min: 15, Max: 17, Cell: v.device,
			Less: func(a, b tunnelRow) bool { return rank(a) < rank(b) }}},
		{name: "time left", known: timed, Column: ui.Column[tunnelRow]{ID: "left", Title: "LEFT", Min: 6, Max: 6, Cell: v.left,
			Less: func(a, b tunnelRow) bool { return v.remaining(a) < v.remaining(b) }}},
		{name: "share of the time left", known: timed, Column: ui.Column[tunnelRow]{ID: "bar", Min: 6, Max: 6, Priority: 4, Cell: v.bar,
			Less: func(a, b tunnelRow) bool { return v.share(a) < v.share(b) }}},
		{name: "age", Column: ui.Column[tunnelRow]{ID: "age", Title: "AGE", Min: 5, Max: 5, Priority: 3, Cell: v.age,
			Less: func(a, b tunnelRow) bool { return a.CreatedAt.After(b.CreatedAt) }}},
		{name: "owner", known: described, Column: ui.Column[tunnelRow]{ID: "owner", Title: "OWNER", Min: 10, Max: 16, Priority: 7, Cell: v.owner,
			Less: byText(func(r tunnelRow) string { return session.OwnerOf(r.Tunnel).String() })}},
		{name: "age of what is known", known: described, Column: ui.Column[tunnelRow]{ID: "asof", Title: "AS OF", Min: 5, Max: 9, Priority: 6, Cell: v.asOf,
			Less: func(a, b tunnelRow) bool { return a.DescribedAt.After(b.DescribedAt) }}},
		{name: "description", Column: ui.Column[tunnelRow]{ID: "description", Title: "DESCRIPTION", Min: 16, Priority: 5, Cell: v.description,
			Less: byText(func(r tunnelRow) string { return r.Description.String() })}},
	}
	for i, c := range whereColumns(v.contexts, func(r tunnelRow) client.Context { return r.Context }) {
		columns = slices.Insert(columns, 1+i, tunnelColumn{name: c.ID, Column: c})
	}
	return columns
}

// described tells whether DescribeTunnel has told of a row, factual whether it has, also in an earlier run, told what never
// changes, and timed whether it is known when it ends.
func described(r tunnelRow) bool { return r.Described }
func factual(r tunnelRow) bool   { return r.Described || r.Lifetime > 0 }
func timed(r tunnelRow) bool     { return !r.Open() || !r.Ends().IsZero() }

func byText(of func(tunnelRow) string) func(a, b tunnelRow) bool {
	return func(a, b tunnelRow) bool { return of(a) < of(b) }
}

func servicesOf(r tunnelRow) string {
	names := make([]string, len(r.Services))
	for i, s := range r.Services {
		names[i] = s.String()
	}
	return strings.Join(names, " ")
}

// sourceRank puts sources that are free first.
func sourceRank(r tunnelRow) int {
	switch {
	case !r.Open():
		return 3
	case r.proxy != nil:
		return 1
	case r.Source.Connected:
		return 2
	}
	return 0
}

// rank puts devices that can be used first.
func rank(r tunnelRow) int {
	switch {
	case !r.Open():
		return 3
	case r.Destination.Connected:
		return 0
	case r.Described:
		return 1
	}
	return 2
}

func text(tone ui.Tone, s string) ui.Cell { return ui.Cell{{Text: s, Tone: tone}} }

// name is the thing as it is shown.
func name(r tunnelRow) string {
	if r.Thing == "" {
		return "(no thing)"
	}
	return r.Thing.String()
}

func (v *tunnelsView) thing(r tunnelRow) ui.Cell {
	cell := text(ui.Strong, name(r))
	switch {
	case !r.Described && r.Thing == "":
		return text(ui.Dim, v.scene.theme.Symbols.Ellipsis)
	case !r.Open() || r.Thing == "":
		cell[0].Tone = ui.Dim
	}
	if r.Err != nil && !r.DescribedAt.IsZero() {
		symbol, _, tone := trouble(v.scene.theme.Symbols, r.Err)
		cell = append(cell, ui.Span{Text: " " + symbol + ui.Age(v.scene.now.Sub(r.DescribedAt)), Tone: tone})
	}
	return cell
}

func (v *tunnelsView) services(r tunnelRow) ui.Cell { return text(ui.Plain, servicesOf(r)) }

func (v *tunnelsView) source(r tunnelRow) ui.Cell {
	sy := v.scene.theme.Symbols
	if r.proxy != nil {
		port := ""
		for _, s := range r.proxy.Services {
			// One port fits: that of ssh, or else the first.
			if i := strings.LastIndexByte(s.Address, ':'); i >= 0 && (port == "" || s.Service == "SSH") {
				port = s.Address[i:]
			}
		}
		return text(ui.Good, strings.TrimRight(sy.On+" you  "+port, " "))
	}
	return v.side(r, r.Source, "none")
}

func (v *tunnelsView) device(r tunnelRow) ui.Cell { return v.side(r, r.Destination, "gone") }

// side is a symbol and a word; the word alone tells the state, too.
func (v *tunnelsView) side(r tunnelRow, side client.Side, off string) ui.Cell {
	sy := v.scene.theme.Symbols
	switch {
	case !r.Open():
		return text(ui.Dim, sy.Closed+" closed")
	case !side.Known:
		return text(ui.Dim, sy.Ellipsis)
	case side.Connected:
		return text(ui.Good, sy.On+" connected"+v.since(side))
	case off == "none":
		return text(ui.Plain, sy.Off+" none")
	case side.Never():
		return text(ui.Warn, sy.Never+" never")
	}
	return text(ui.Warn, sy.Off+" "+off+v.since(side))
}

// since is the age of a side's state, "" where the service does not tell it.
func (v *tunnelsView) since(side client.Side) string {
	if side.Since.IsZero() {
		return ""
	}
	return " " + ui.Age(v.scene.now.Sub(side.Since))
}

// remaining is the life a tunnel has left, 0 for none and for one whose lifetime is not known yet.
func (v *tunnelsView) remaining(r tunnelRow) time.Duration {
	if !r.Open() || r.Ends().IsZero() {
		return 0
	}
	return max(r.Ends().Sub(v.scene.now), 0)
}

func (v *tunnelsView) left(r tunnelRow) ui.Cell {
	switch {
	case !r.Open():
		return text(ui.Dim, "closed")
	case r.Ends().IsZero():
		return text(ui.Dim, v.scene.theme.Symbols.Ellipsis)
	}
	return text(v.urgency(r), ui.Age(v.remaining(r)))
}

// urgency warns from a half hour on, the least life that is worth reusing.
func (v *tunnelsView) urgency(r tunnelRow) ui.Tone {
	switch left := v.remaining(r); {
	case left < 5*time.Minute:
		return ui.Bad
	case left < 30*time.Minute:
		return ui.Warn
	}
	return ui.Plain
}

func (v *tunnelsView) bar(r tunnelRow) ui.Cell {
	if !r.Open() || r.Lifetime == 0 {
		return nil
	}
	return text(v.urgency(r), v.scene.theme.Bar(v.share(r), 6))
}

// share of its lifetime that a tunnel has left.
func (v *tunnelsView) share(r tunnelRow) float64 {
	if r.Lifetime == 0 {
		return 0
	}
	return float64(v.remaining(r)) / float64(r.Lifetime)
}

func (v *tunnelsView) age(r tunnelRow) ui.Cell {
	if r.CreatedAt.IsZero() {
		return nil
	}
	return text(ui.Dim, ui.Age(v.scene.now.Sub(r.CreatedAt)))
}

func (v *tunnelsView) owner(r tunnelRow) ui.Cell {
	return text(ui.Dim, session.OwnerOf(r.Tunnel).String())
}

// asOf is how old the row's knowledge is, or the word for what keeps it old: its age stands beside the thing then.
func (v *tunnelsView) asOf(r tunnelRow) ui.Cell {
	if r.Err != nil {
		_, word, tone := trouble(v.scene.theme.Symbols, r.Err)
		return text(tone, strings.TrimPrefix(word, "login "))
	}
	if r.DescribedAt.IsZero() {
		return text(ui.Dim, v.scene.theme.Symbols.Ellipsis)
	}
	return text(ui.Dim, ui.Age(v.scene.now.Sub(r.DescribedAt)))
}

func (v *tunnelsView) description(r tunnelRow) ui.Cell { return text(ui.Dim, r.Description.String()) }

// thingNames are the names that are known, for suggestions.
func (a *app) thingNames() []string {
	names := make([]string, 0, len(a.seen))
	for name := range a.seen {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// minutes is a lifetime as the API counts it.
func minutes(d time.Duration) string { return strconv.Itoa(int(d/time.Minute)) + " min" }
