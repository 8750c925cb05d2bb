package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

func performThing(name keymap.Action) (action, bool) {
	// An action may be chosen from elsewhere: the things are shown before it runs.
	one := func(run func(*app) tea.Cmd, why func(*app) string) (action, bool) {
		return action{connected: true, why: why, run: func(a *app) tea.Cmd {
			if a.front != keymap.ScopeThings {
				goTo(keymap.ScopeThings)(a)
			}
			return run(a)
		}}, true
	}
	switch name {
	case keymap.ThingSSH:
		return one((*app).thingShell, needThing)
	case keymap.ThingOpen:
		return one((*app).thingForm, nil)
	case keymap.ThingProxy:
		return one((*app).thingProxy, needThing)
	case keymap.ThingFilter:
		return one(func(a *app) tea.Cmd { a.things.search.typing = true; return nil }, nil)
	case keymap.ThingSort:
		return one((*app).sortThings, nil)
	}
	return action{}, false
}

func needThing(a *app) string {
	if _, ok := a.things.table.Selected(); !ok {
		return "No thing is selected."
	}
	return ""
}

// looked are the tunnels of the things that somebody looks at.
func (v *thingsView) looked() (selected client.Key, visible []client.Key) {
	if row, ok := v.table.Selected(); ok {
		selected = row.tunnel.Key
	}
	for _, row := range v.table.Visible() {
		if row.hasTunnel() {
			visible = append(visible, row.tunnel.Key)
		}
	}
	return selected, visible
}

// thingShell goes to a shell by whatever open tunnel of the thing there is; where there is none it asks before one is
// opened.
func (a *app) thingShell() tea.Cmd {
	row, _ := a.things.table.Selected()
	return a.start(session.Request{Service: a.service(row.context), Thing: row.key.Name, Then: session.ThenShell}, nil)
}

// thingForm is the form for a new tunnel to the selected thing.
func (a *app) thingForm() tea.Cmd {
	var w wish
	if row, ok := a.things.table.Selected(); ok {
		w = wish{where: row.context, thing: row.key.Name, services: rawServices(row.tunnel.Services)}
	}
	return a.openFormFor(w)
}

// thingProxy puts a local proxy on the thing's open tunnel, or asks what a new one shall be.
func (a *app) thingProxy() tea.Cmd {
	row, _ := a.things.table.Selected()
	if row.hasTunnel() {
		return a.proxyFormFor(row.tunnel)
	}
	return a.openFormFor(wish{where: row.context, thing: row.key.Name, then: session.ThenProxy})
}

// sortThings goes to the next column, ascending and then descending; after the last it is the list's own order again.
func (a *app) sortThings() tea.Cmd {
	table, all := a.things.table, a.things.sorts()
	if id, descending := table.Sorting(); id != "" && !descending {
		table.SortBy(id)
	} else {
		table.SortBy(all[(slices.Index(all, id)+1)%len(all)])
	}
	word := "used last first, then by name"
	if id, descending := table.Sorting(); id != "" {
		word = "by " + id
		if descending {
			word += ", the other way round"
		}
	}
	a.tell(keymap.ThingSort, ui.Plain, "Sorted "+word+".")
	return nil
}
