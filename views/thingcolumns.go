package views

import (
	"slices"

	"adit/client"
	"adit/ui"
)

// columns of the things: name, what tells contexts apart, presence and tunnel are never dropped.
func (v *thingsView) columns() []ui.Column[thingRow] {
	columns := []ui.Column[thingRow]{
		{ID: "thing", Title: "THING", Min: 10, Max: 32, Less: func(a, b thingRow) bool { return a.key.Name < b.key.Name },
			Cell: func(r thingRow) ui.Cell { return text(ui.Strong, r.name()) }},
		{ID: "device", Title: "DEVICE", Min: 14, Max: 16, Cell: v.device, Less: func(a, b thingRow) bool { return presenceRank(a) < presenceRank(b) }},
		{ID: "tunnel", Title: "TUNNEL", Min: 9, Max: 16, Cell: v.tunnel, Less: func(a, b thingRow) bool { return a.hasTunnel() && !b.hasTunnel() }},
		{ID: "left", Title: "LEFT", Min: 4, Max: 6, Priority: 1, Cell: v.left, Less: func(a, b thingRow) bool { return a.tunnel.Ends().Before(b.tunnel.Ends()) }},
		{ID: "used", Title: "USED", Min: 5, Max: 8, Priority: 2, Cell: v.used, Less: func(a, b thingRow) bool { return a.used.After(b.used) }},
		{ID: "services", Title: "SERVICES", Min: 8, Max: 16, Priority: 3, Cell: func(r thingRow) ui.Cell { return text(ui.Plain, servicesOf(r.tunnel)) }},
		{ID: "description", Title: "DESCRIPTION", Min: 16, Priority: 4, Cell: func(r thingRow) ui.Cell { return text(ui.Dim, r.tunnel.Description.String()) }},
	}
	return slices.Insert(columns, 1, v.whereColumns()...)
}

func (v *thingsView) whereColumns() []ui.Column[thingRow] {
	return whereColumns(v.tunnels.contexts, func(r thingRow) client.Context { return r.context })
}

// sorts are the columns to sort by, in the order of the key; "" is used last first, then by name.
func (v *thingsView) sorts() []string {
	ids := []string{"", "thing", "device", "tunnel", "left"}
	for _, c := range v.whereColumns() {
		ids = append(ids, c.ID)
	}
	return ids
}

// presenceRank puts the things that are there first.
func presenceRank(r thingRow) int {
	switch {
	case r.presence.State == client.PresenceOnline, r.tunnel.Destination.Connected:
		return 0
	case r.presence.State == client.PresenceNotSeen:
		return 2
	}
	return 1
}

// device is the registry's word; a device that is in its tunnel is there whatever the registry knows.
func (v *thingsView) device(r thingRow) ui.Cell {
	sy := v.scene.theme.Symbols
	age := ""
	if !r.presence.Since.IsZero() {
		age = " " + ui.Age(v.scene.now.Sub(r.presence.Since))
	}
	switch {
	case r.tunnel.Destination.Connected:
		return text(ui.Good, sy.On+" in tunnel")
	case r.presence.State == client.PresenceOnline:
		return text(ui.Good, sy.On+" online"+age)
	case r.presence.State == client.PresenceNotSeen:
		return text(ui.Warn, sy.Off+" not seen"+age)
	}
	return text(ui.Dim, sy.Unknown+" unknown")
}

// tunnel is the open one that would be used.
func (v *thingsView) tunnel(r thingRow) ui.Cell {
	sy := v.scene.theme.Symbols
	switch {
	case !r.hasTunnel() && r.unsure:
		return text(ui.Dim, sy.Ellipsis)
	case !r.hasTunnel():
		return text(ui.Dim, "none")
	case r.tunnel.proxy != nil:
		return v.tunnels.source(r.tunnel)
	case r.tunnel.Source.Connected:
		return text(ui.Warn, sy.On+" in use")
	}
	return text(ui.Plain, sy.Off+" "+shortID(r.tunnel.Key.ID))
}

func (v *thingsView) left(r thingRow) ui.Cell {
	if !r.hasTunnel() || r.tunnel.Ends().IsZero() {
		return nil
	}
	return v.tunnels.left(r.tunnel)
}

func (v *thingsView) used(r thingRow) ui.Cell {
	if r.used.IsZero() {
		return nil
	}
	return text(ui.Dim, ui.Age(v.scene.now.Sub(r.used)))
}
