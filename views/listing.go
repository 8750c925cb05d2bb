package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// narrow asks for the thing whose tunnels are to be listed; an empty name lists all.
func (a *app) narrow() tea.Cmd {
	field := proposed("thing", "Thing", a.snapshot.Thing, "empty lists all", client.ValidateThing)
	field.SetSuggestions(a.things())
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

// sort goes to the next column, ascending and then descending; after the last it is the service's order again.
func (a *app) sort() tea.Cmd {
	v := a.tunnels
	id, descending := v.table.Sorting()
	all := sorts(a.contexts())
	if id != "" && !descending {
		v.table.SortBy(id)
	} else {
		id = all[(slices.Index(all, id)+1)%len(all)]
		v.table.SortBy(id)
	}
	word := "in the service's order, newest first"
	if id, descending := v.table.Sorting(); id != "" {
		word = "by " + id
		if descending {
			word += ", the other way round"
		}
	}
	a.tell(keymap.TunnelSort, ui.Plain, "Sorted "+word+".")
	return nil
}

func (a *app) startDemo() tea.Cmd { return a.connect(a.opts.Demo, "the demo") }
