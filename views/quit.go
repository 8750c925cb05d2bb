package views

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
)

const quitTitle = "Quit adit"

// quit asks first where something would be cut or is left open, and lists it.
func (a *app) quit() tea.Cmd { return a.askToQuit(time.Time{}) }

// askToQuit is quit; a question that opens by itself says when.
func (a *app) askToQuit(byItself time.Time) tea.Cmd {
	if a.connection.backend == nil {
		return tea.Quit
	}
	if slices.ContainsFunc(a.overlays, func(o overlay) bool { d, ok := o.(*dialog); return ok && d.ask.Title == quitTitle }) {
		return nil
	}
	proxies, opened := a.proxyLines(), a.stillOpen()
	windows, undone := a.sessions.Windows(), a.stillToDo()
	if len(proxies) == 0 && len(opened) == 0 && len(windows) == 0 && undone == "" {
		return tea.Quit
	}
	ask := &ui.Dialog{Title: quitTitle, OpenedAt: byItself, Choices: []ui.Choice{{Key: "n", Label: "stay", Answer: "cancel"}}}
	quit := ui.Choice{Key: "y", Label: "quit", Answer: "yes", Danger: len(proxies)+len(windows) > 0}
	if undone != "" {
		ask.Body = append(ask.Body, ui.Span{Text: undone, Tone: ui.Warn})
	}
	if len(proxies) > 0 {
		ask.Body = append(ask.Body, ui.Span{Text: "Quitting stops these local proxies:"})
		ask.Body = append(ask.Body, a.asMany(proxies)...)
	}
	if len(windows) > 0 {
		ask.Body = append(ask.Body, ui.Span{Text: "Quitting ends these shells; their windows stay:"})
		ask.Body = append(ask.Body, a.asMany(windows)...)
	}
	if len(opened) > 0 {
		var lines []string
		for _, row := range opened {
			lines = append(lines, a.openLine(row))
		}
		said := "adit opened these tunnels; they stay open unless you close them:"
		if a.context().Demo {
			said, opened = "The demo's service ends with adit, and these tunnels with it:", nil
		} else {
			quit.Label = "quit, leave them open"
		}
		ask.Body = append(ask.Body, ui.Span{Text: said})
		ask.Body = append(ask.Body, a.asMany(lines)...)
	}
	if what := closable(len(windows), len(opened)); what != "" {
		ask.Choices = append(ask.Choices, ui.Choice{Key: "c", Label: "close " + what + ", then quit", Answer: "close", Danger: true})
	}
	ask.Choices = append(ask.Choices, quit)
	a.choose(a.context(), ask, func(answer string) tea.Cmd {
		switch answer {
		case "yes":
			return tea.Quit
		case "close":
			return a.closeAndQuit(len(windows) > 0, opened)
		}
		return nil
	})
	return nil
}

// closable names what can be closed before quitting.
func closable(windows, tunnels int) string {
	switch {
	case windows > 0 && tunnels > 0:
		return "windows and tunnels"
	case windows > 0:
		return "the windows"
	case tunnels > 0:
		return "them"
	}
	return ""
}

// closeAndQuit closes the windows of shells first, which go through the tunnels.
func (a *app) closeAndQuit(windows bool, opened []tunnelRow) tea.Cmd {
	quit := func() tea.Cmd { return tea.Quit }
	if len(opened) > 0 {
		quit = func() tea.Cmd {
			return a.startBulk(session.BatchSpec{Errand: session.ErrandClose, Items: a.itemsOf(opened), Leaving: true})
		}
	}
	if windows {
		return a.closeWindows(quit)
	}
	return quit()
}

// proxyLines tell of each running local proxy where it listens and what quitting cuts.
func (a *app) proxyLines() []string {
	var lines []string
	for _, p := range a.sessions.Proxies() {
		if p.State == tunnelconn.Stopped {
			continue
		}
		lines = append(lines, proxyRow{Proxy: p}.target()+"  "+strings.Join(addressesOf(p), " ")+"  "+plural(live(p), "connection", "connections"))
	}
	return lines
}

// stillOpen are the tunnels this process opened that nobody closed and whose life is not over.
func (a *app) stillOpen() []tunnelRow {
	var rows []tunnelRow
	for _, o := range a.sessions.OpenedHere() {
		// One that is not listed, because the list is narrowed or has further pages, is open as far as anybody knows.
		row := tunnelRow{Row: &client.Row{Tunnel: client.Tunnel{
			Key: o.Key, Context: a.serviceAt(o.Key.Place()).Context(), Status: client.StatusOpen, Thing: client.Text(o.Thing), CreatedAt: o.At,
		}}}
		if known, ok := a.known.Row(o.Key); ok {
			row.Row = &known
		}
		for _, p := range a.sessions.Proxies() {
			if p.Tunnel == o.Key && p.State != tunnelconn.Stopped {
				row.proxy = &p
			}
		}
		if ends := row.Ends(); row.Open() && (ends.IsZero() || ends.After(a.scene.now)) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (a *app) openLine(row tunnelRow) string {
	line := label(row.Tunnel)
	if row.Thing != "" {
		line += "  tunnel " + shortID(row.Key.ID)
	}
	if ends := row.Ends(); !ends.IsZero() {
		line += "  until " + a.scene.clock(ends)
	}
	return line
}

// asMany are the lines one below the other, as many as leave the question in sight, and how many more there are.
func (a *app) asMany(lines []string) []ui.Span {
	most := max((a.scene.height-14)/4, 1)
	var spans []ui.Span
	for i, line := range lines {
		if i == most && len(lines) > most+1 {
			return append(spans, ui.Span{Text: "and " + itoa(len(lines)-i) + " more", Tone: ui.Warn})
		}
		spans = append(spans, ui.Span{Text: line, Tone: ui.Warn})
	}
	return spans
}
