package views

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/filter"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// savedFilters lists the filters that have a name, those of the settings and those that were saved here, and applies one.
func (a *app) savedFilters() tea.Cmd {
	var entries []ui.Entry
	texts := map[string]string{}
	add := func(name, text, group string) {
		answer := "use " + group + name
		texts[answer] = text
		e := ui.Entry{Title: client.Clean(name) + "   " + client.Clean(text), Group: group, Answer: answer}
		if _, err := filter.Parse(text); err != nil {
			e.Disabled = err.Error()
		}
		entries = append(entries, e)
	}
	for _, f := range a.opts.Filters {
		add(f.Name, f.Text, "from the settings")
	}
	for _, f := range a.arrangement.Filters {
		add(f.Name, f.Text, "saved")
	}
	for _, f := range a.arrangement.Filters {
		entries = append(entries, ui.Entry{Title: "Forget " + client.Clean(f.Name), Group: "forget", Answer: "forget " + f.Name})
	}
	a.show(&menu{list: ui.NewMenu("Saved filters", entries), chosen: func(answer string) tea.Cmd {
		if name, ok := strings.CutPrefix(answer, "forget "); ok {
			a.tell(keymap.TunnelFilters, ui.Plain, "The filter "+name+" is forgotten.")
			return a.keep(func(kept *session.Arrangement) { kept.ForgetFilter(name) })
		}
		a.tunnels.finding.set(texts[answer])
		a.refill()
		return nil
	}})
	return nil
}

// needFilters says why there is no filter to choose.
func needFilters(a *app) string {
	if len(a.opts.Filters)+len(a.arrangement.Filters) == 0 {
		return "No filter was saved yet. " + a.scene.key(keymap.TunnelFilter) + " filters, and " + a.scene.key(keymap.TunnelFilterSave) + " saves the filter by a name."
	}
	return ""
}

// saveFilter asks for a name for the filter in force.
func (a *app) saveFilter() tea.Cmd {
	text := a.tunnels.finding.inForce.String()
	name := ui.NewTextField("name", "Name", "", "such as night shift", func(name string) error {
		if strings.TrimSpace(name) == "" {
			return errors.New("Give the filter a name.")
		}
		return nil
	})
	f := ui.NewForm("The filter "+client.Clean(text), name)
	a.show(&form{title: "Save the filter", form: f, height: 6, refresh: func() {
		f.Footer(nil)
		for _, saved := range a.arrangement.Filters {
			if saved.Name == strings.TrimSpace(name.Value()) {
				f.Footer([]ui.Span{{Text: "There is one of this name: " + client.Clean(saved.Text) + ". It is replaced.", Tone: ui.Warn}})
			}
		}
	}, submit: func() tea.Cmd {
		chosen := strings.TrimSpace(name.Value())
		a.tell(keymap.TunnelFilterSave, ui.Good, "The filter is saved as "+chosen+". "+a.scene.key(keymap.TunnelFilters)+" lists the saved ones.")
		return a.keep(func(kept *session.Arrangement) { kept.SaveFilter(chosen, text) })
	}})
	return nil
}

// needFilter says why there is nothing to save.
func needFilter(a *app) string {
	if a.tunnels.finding.inForce.Empty() {
		return "There is no filter to save: " + a.scene.key(keymap.TunnelFilter) + " filters the list."
	}
	return ""
}
