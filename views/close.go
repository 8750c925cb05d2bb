package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// closeTunnels asks, and closes the marked tunnels, or else the selected one.
func (a *app) closeTunnels(remove bool) tea.Cmd {
	if a.busyWithBulk() {
		return nil
	}
	rows := a.chosen()
	if len(rows) == 0 {
		return nil
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
		a.confirm(rows[0].Context, a.closeQuestion(rows[0], remove), func() tea.Cmd { return a.closeTunnel(rows[0], remove) })
		return nil
	}
	rows, unchecked := checked(rows)
	rows, woken := a.tunnels.marked.woken(rows)
	if len(rows) == 0 {
		a.toast(ui.Warn, "The marked tunnels are not checked yet, or became connected since, and stay open: try again in a moment.")
		return nil
	}
	spec := session.BatchSpec{Errand: session.ErrandClose, Items: a.itemsOf(rows)}
	if remove {
		spec.Errand = session.ErrandDelete
	}
	a.chooseIn(contextsOf(rows), a.bulkQuestion(rows, unchecked, len(woken), remove), func(answer string) tea.Cmd {
		if answer != "yes" {
			return nil
		}
		a.unmark()
		return a.startBulk(spec)
	})
	return nil
}

// closeQuestion names the thing, the tunnel, the region and what follows.
func (a *app) closeQuestion(r tunnelRow, remove bool) *ui.Dialog {
	where := " (tunnel " + shortID(r.Key.ID) + ", " + r.Context.Region + ")"
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
	if r.Open() && r.proxy != nil {
		d.Body = append(d.Body, ui.Span{Text: "Your own local proxy is cut off. " + listens(*r.proxy), Tone: ui.Warn})
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
	otherwise := a.scene.endsItself(t)
	return func() tea.Msg {
		return changedMsg{done: done, err: running.CloseTunnel(ctx, service, t.Key, remove), otherwise: otherwise}
	}
}

// endsItself says when a tunnel that could not be closed is over all the same, "" where that is not known.
func (s *scene) endsItself(t client.Tunnel) string {
	if ends := t.Ends(); t.Open() && !ends.IsZero() {
		return "It closes itself at " + s.clock(ends) + "."
	}
	return ""
}
