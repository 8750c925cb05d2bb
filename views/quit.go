package views

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/tunnelconn"
	"adit/ui"
)

// quit asks first where something would be cut, and lists it.
func (a *app) quit() tea.Cmd {
	if a.connection.backend == nil {
		return tea.Quit
	}
	if slices.ContainsFunc(a.overlays, func(o overlay) bool { d, ok := o.(*dialog); return ok && d.ask.Title == quitTitle }) {
		return nil
	}
	var lines []ui.Span
	for _, p := range a.sessions.Proxies() {
		if p.State == tunnelconn.Stopped {
			continue
		}
		live, where := 0, []string{}
		for _, s := range p.Services {
			live += s.Live
			if s.Address != "" {
				where = append(where, s.Address)
			}
		}
		name := client.Clean(p.Thing)
		if name == "" {
			name = shortID(p.Tunnel.ID)
		}
		lines = append(lines, ui.Span{Text: name + "  " + strings.Join(where, " ") + "  " + plural(live, "connection", "connections"), Tone: ui.Warn})
	}
	if len(lines) == 0 {
		return tea.Quit
	}
	verb := "Quitting stops these local proxies. Their tunnels stay open until they end:"
	a.confirm(&ui.Dialog{
		Title:   quitTitle,
		Body:    append([]ui.Span{{Text: verb}}, lines...),
		Choices: []ui.Choice{{Key: "n", Label: "stay", Answer: "cancel"}, {Key: "y", Label: "quit", Answer: "yes", Danger: true}},
	}, func() tea.Cmd { return tea.Quit })
	return nil
}

const quitTitle = "Quit adit"
