package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// narrow asks for the thing whose tunnels are to be listed; an empty name lists all.
func (a *app) narrow() tea.Cmd {
	field := proposed("thing", "Thing", a.snapshot.Thing, "empty lists all", client.ValidateThing)
	field.SetSuggestions(a.thingNames())
	f := ui.NewForm("The service lists the tunnels of this thing only", field)
	a.show(&form{title: "Narrow the list", form: f, height: 5, submit: func() tea.Cmd {
		a.connection.backend.Watcher.Narrow(field.Value())
		return nil
	}})
	return nil
}

// refresh lists now, and describes the selected tunnel first. What could not be connected, and what was denied, is tried
// again.
func (a *app) refresh() tea.Cmd {
	a.forgive()
	var keys []client.Key
	if row, ok := a.selected(); ok {
		keys = append(keys, row.Key)
	}
	a.connection.backend.Watcher.Refresh(keys...)
	if roster := a.connection.backend.Roster; roster != nil && a.front == keymap.ScopeThings {
		roster.Refresh()
	}
	a.tell(keymap.AppRefresh, ui.Plain, "Listing again"+a.scene.theme.Symbols.Ellipsis)
	if len(a.connection.backend.Failed) > 0 || a.loggedOut() != nil {
		return a.renew()
	}
	return nil
}

// loadMore asks for a page more than so far.
func (a *app) loadMore() tea.Cmd {
	a.connection.backend.Watcher.More()
	a.tell(keymap.TunnelMore, ui.Plain, "Loading the next page"+a.scene.theme.Symbols.Ellipsis)
	return nil
}

func (a *app) startDemo() tea.Cmd { return a.connect(a.opts.Demo, "the demo") }
