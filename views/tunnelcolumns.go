package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// columns of the tunnels. Priorities follow what is read first: thing, device and time left are never dropped.
// Where several contexts are shown, what tells them apart is never dropped either.
func (v *tunnelsView) columns(contexts []client.Context) []ui.Column[tunnelRow] {
	columns := []ui.Column[tunnelRow]{
		{ID: "thing", Title: "THING", Min: 11, Max: 24, Cell: v.thing, Less: func(a, b tunnelRow) bool { return a.Thing < b.Thing }},
		{ID: "services", Title: "SERVICES", Min: 8, Max: 12, Priority: 2, Cell: v.services, Less: byText(servicesOf)},
		{ID: "source", Title: "SOURCE", Min: 14, Max: 17, Priority: 1, Cell: v.source},
		{ID: "device", Title: "DEVICE", Min: 15, Max: 17, Cell: v.device, Less: func(a, b tunnelRow) bool { return rank(a) < rank(b) }},
		{ID: "left", Title: "LEFT", Min: 6, Max: 6, Cell: v.left, Less: func(a, b tunnelRow) bool { return v.remaining(a) < v.remaining(b) }},
		{ID: "bar", Title: "", Min: 6, Max: 6, Priority: 4, Cell: v.bar},
		{ID: "age", Title: "AGE", Min: 5, Max: 5, Priority: 3, Cell: v.age, Less: func(a, b tunnelRow) bool { return a.CreatedAt.After(b.CreatedAt) }},
		{ID: "owner", Title: "OWNER", Min: 10, Max: 16, Priority: 7, Cell: v.owner, Less: byText(func(r tunnelRow) string { return session.OwnerOf(r.Tunnel).String() })},
		{ID: "asof", Title: "AS OF", Min: 5, Max: 9, Priority: 6, Cell: v.asOf, Less: func(a, b tunnelRow) bool { return a.DescribedAt.After(b.DescribedAt) }},
		{ID: "description", Title: "DESCRIPTION", Min: 16, Priority: 5, Cell: v.description, Less: byText(func(r tunnelRow) string { return r.Description.String() })},
	}
	return slices.Insert(columns, 1, whereColumns(contexts)...)
}

// whereColumns are the profile and the region, each where contexts differ in it.
func whereColumns(contexts []client.Context) []ui.Column[tunnelRow] {
	profile := func(r tunnelRow) string { return client.Clean(cmp.Or(r.Context.Profile, r.Context.Account)) }
	region := func(r tunnelRow) string { return client.Clean(r.Context.Region) }
	var columns []ui.Column[tunnelRow]
	profiles, regions := several(contexts)
	if profiles {
		columns = append(columns, ui.Column[tunnelRow]{ID: "profile", Title: "PROFILE", Min: 8, Max: 14, Cell: func(r tunnelRow) ui.Cell {
			if r.Context.Production {
				return text(ui.Bad, profile(r))
			}
			return text(ui.Plain, profile(r))
		}, Less: byText(profile)})
	}
	if regions {
		columns = append(columns, ui.Column[tunnelRow]{ID: "region", Title: "REGION", Min: 9, Max: 14,
			Cell: func(r tunnelRow) ui.Cell { return text(ui.Plain, region(r)) }, Less: byText(region)})
	}
	return columns
}

// sorts are the columns to sort by, in the order of the key; "" is the service's own order, newest first.
func sorts(contexts []client.Context) []string {
	ids := []string{"", "thing", "device", "left", "age", "services", "owner", "asof", "description"}
	for _, c := range whereColumns(contexts) {
		ids = append(ids, c.ID)
	}
	return ids
}

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
	return text(v.urgency(r), v.scene.theme.Bar(float64(v.remaining(r))/float64(r.Lifetime), 6))
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

// things are the names that are known, for suggestions.
func (a *app) things() []string {
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
