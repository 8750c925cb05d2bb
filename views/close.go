package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// closeTunnels asks, and closes the marked tunnels, or else the selected one.
func (a *app) closeTunnels(remove bool) tea.Cmd {
	rows := a.tunnels.table.Marked()
	if len(rows) == 0 {
		row, ok := a.selected()
		if !ok {
			return nil
		}
		rows = []tunnelRow{row}
	}
	if !remove {
		open := rows[:0:0]
		for _, r := range rows {
			if r.Open() {
				open = append(open, r)
			}
		}
		if rows = open; len(rows) == 0 {
			a.toast(ui.Warn, "The marked tunnels are closed already. "+a.scene.key("tunnel.delete")+" deletes their records.")
			return nil
		}
	}
	if len(rows) == 1 {
		a.confirm(a.closeQuestion(rows[0], remove), func() tea.Cmd { return a.closeTunnel(rows[0], remove) })
		return nil
	}
	a.confirm(a.bulkQuestion(rows, remove), func() tea.Cmd { return a.startBulk(rows, remove) })
	return nil
}

// closeQuestion names the thing, the tunnel, the region and what follows.
func (a *app) closeQuestion(r tunnelRow, remove bool) *ui.Dialog {
	where := " (tunnel " + shortID(r.Key.ID) + ", " + a.context().Region + ")"
	first := "Close the tunnel to " + label(r.Tunnel) + where + "? Both sides are cut and it cannot be reopened; opening another is billed."
	d := &ui.Dialog{
		Title:   "Close the tunnel",
		Choices: []ui.Choice{{Key: "n", Label: "keep it", Answer: "cancel"}, {Key: "y", Label: "close it", Answer: "yes", Danger: true}},
	}
	if !r.Open() {
		first = "Delete the record of the closed tunnel to " + label(r.Tunnel) + where + "?"
	}
	d.Body = append(d.Body, ui.Span{Text: first})
	if r.Open() && r.Source.Connected && r.proxy == nil {
		d.Body = append(d.Body, ui.Span{Text: "Somebody is connected through it and is cut off.", Tone: ui.Warn})
	}
	if remove {
		d.Title = "Delete the tunnel"
		d.Choices[1].Label = "delete it"
		d.Body = append(d.Body, ui.Span{Text: "Its record leaves every list now instead of in about 3 hours."})
	}
	return d
}

func (a *app) closeTunnel(r tunnelRow, remove bool) tea.Cmd {
	ctx, service, running, t := a.ctx, a.service(r.Context), a.sessions, r.Tunnel
	done := "The tunnel to " + label(t) + " is closed."
	if remove {
		done = "The tunnel to " + label(t) + " is closed and its record deleted."
	}
	return func() tea.Msg { return changedMsg{done, running.CloseTunnel(ctx, service, t.Key, remove)} }
}

func (a *app) bulkQuestion(rows []tunnelRow, remove bool) *ui.Dialog {
	verb, label := "Close ", "close them"
	if remove {
		verb, label = "Close and delete the records of ", "delete them"
	}
	inUse := 0
	for _, r := range rows {
		if r.Open() && r.Source.Connected {
			inUse++
		}
	}
	d := &ui.Dialog{
		Title: verb + plural(len(rows), "tunnel", "tunnels"),
		Body: []ui.Span{{Text: verb + itoa(len(rows)) + " marked tunnels in " + a.context().Region +
			"? Both sides of each are cut and none can be reopened; opening others is billed."}},
		Typed:   itoa(len(rows)),
		Choices: []ui.Choice{{Key: "n", Label: "keep them", Answer: "cancel"}, {Key: "y", Label: label, Answer: "yes", Danger: true}},
	}
	if inUse > 0 {
		d.Body = append(d.Body, ui.Span{Text: plural(inUse, "of them has", "of them have") + " somebody connected as source, who is cut off.", Tone: ui.Warn})
	}
	return d
}

// bulk closes tunnels one after the other and shows what became of each. Leaving it does not stop it.
type bulk struct {
	rows    []tunnelRow
	remove  bool
	results []error
	step    func(i int) tea.Cmd
}

type bulkMsg struct {
	of  *bulk
	err error
}

func (a *app) startBulk(rows []tunnelRow, remove bool) tea.Cmd {
	a.tunnels.table.ClearMarks()
	ctx, running := a.ctx, a.sessions
	services := make([]client.Service, len(rows))
	for i, r := range rows {
		services[i] = a.service(r.Context)
	}
	b := &bulk{rows: rows, remove: remove}
	b.step = func(i int) tea.Cmd {
		return func() tea.Msg {
			return bulkMsg{b, running.CloseTunnel(ctx, services[i], rows[i].Key, remove)}
		}
	}
	a.show(b)
	return b.step(0)
}

func (a *app) bulkStep(msg bulkMsg) tea.Cmd {
	b := msg.of
	b.results = append(b.results, msg.err)
	if len(b.results) < len(b.rows) {
		return b.step(len(b.results))
	}
	failed := 0
	for _, err := range b.results {
		if err != nil {
			failed++
		}
	}
	if failed > 0 {
		a.toast(ui.Bad, itoa(len(b.rows)-failed)+" closed, "+itoa(failed)+" could not be closed.")
	} else {
		a.toast(ui.Good, plural(len(b.rows), "tunnel is closed.", "tunnels are closed."))
	}
	return nil
}

func (b *bulk) update(msg tea.Msg, _ *scene) (bool, func() tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	return ok && (key.String() == "esc" || key.String() == "enter"), nil
}

func (b *bulk) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(84)
	room := max(s.height-6, 1)
	first := max(min(len(b.results)-room/2, len(b.rows)-room), 0)
	var lines []string
	for i, r := range b.rows[first:min(first+room, len(b.rows))] {
		lines = append(lines, b.line(s, first+i, r, width-4))
	}
	return s.theme.Frame(itoa(len(b.results))+" of "+itoa(len(b.rows)), lines, width, 0), nil
}

func (b *bulk) line(s *scene, i int, r tunnelRow, width int) string {
	sy := s.theme.Symbols
	name := label(r.Tunnel) + " " + shortID(r.Key.ID)
	switch {
	case i >= len(b.results):
		return s.theme.Spans(width, ui.Span{Text: "  " + name, Tone: ui.Dim})
	case b.results[i] != nil:
		sentence, _ := explain(b.results[i])
		return s.theme.Spans(width, ui.Span{Text: sy.Failed + " " + name + "  ", Tone: ui.Bad}, ui.Span{Text: sentence})
	}
	return s.theme.Spans(width, ui.Span{Text: sy.Done + " ", Tone: ui.Good}, ui.Span{Text: name})
}

func (b *bulk) hints(*scene) []hint { return []hint{{"esc", "back"}} }
