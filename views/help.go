package views

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// help shows every key of the front view first, then those that hold everywhere, then the others, and about lines. What
// it lists it runs.
func (a *app) help() tea.Cmd {
	groups := []keymap.Scope{a.front, keymap.ScopeGlobal, keymap.ScopeDialog, keymap.ScopeForm}
	var entries []ui.Entry
	if a.connection.backend != nil {
		for _, line := range a.connection.backend.About {
			entries = append(entries, ui.Entry{Title: client.Clean(line), Group: "about"})
		}
	}
	listed := a.scene.keys.All()
	var bound []ui.Entry
	for _, scope := range groups {
		for _, b := range listed {
			if b.Scope == scope {
				bound = append(bound, a.entry(b))
			}
		}
	}
	a.menu("Keys", append(bound, entries...))
	return nil
}

// palette offers every action, also those of other views and those without a key.
func (a *app) palette() tea.Cmd {
	var entries []ui.Entry
	for _, b := range a.scene.keys.All() {
		if _, ok := perform(b.Action); ok {
			entries = append(entries, a.entry(b))
		}
	}
	// What can be run now comes first.
	slices.SortStableFunc(entries, func(x, y ui.Entry) int {
		switch {
		case (x.Disabled == "") == (y.Disabled == ""):
			return 0
		case x.Disabled == "":
			return -1
		}
		return 1
	})
	a.menu("Commands", entries)
	return nil
}

func (a *app) entry(b keymap.Binding) ui.Entry {
	e := ui.Entry{Keys: strings.Join(b.Keys, " "), Title: b.Title, Group: place(b.Scope)}
	if _, ok := perform(b.Action); ok {
		e.Answer = string(b.Action)
		e.Disabled = strings.TrimSuffix(a.disabled(b.Action), ".")
	} else {
		e.Disabled = "only " + place(b.Scope)
	}
	return e
}

// place is where a scope's keys hold, in words.
func place(scope keymap.Scope) string {
	switch scope {
	case keymap.ScopeTunnels:
		return "on the tunnels"
	case keymap.ScopeThings:
		return "on the things"
	case keymap.ScopeProxies:
		return "on the local proxies"
	case keymap.ScopeActivity:
		return "on what adit did"
	case keymap.ScopeLog:
		return "on the log"
	case keymap.ScopeDialog:
		return "while something is under way"
	case keymap.ScopeBulk:
		return "while many tunnels are worked on"
	case keymap.ScopeForm:
		return "in a form"
	case keymap.ScopeConnect:
		return "before adit is connected"
	}
	return "everywhere"
}

func (a *app) menu(title string, entries []ui.Entry) {
	a.show(&menu{list: ui.NewMenu(title, entries), chosen: func(name string) tea.Cmd {
		return a.run(keymap.Action(name))
	}})
}
