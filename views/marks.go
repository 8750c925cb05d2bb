package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// marked are the marked tunnels with what was known of each when it was marked.
type marked map[client.Key]client.Tunnel

// toggleMark marks the selected tunnel, or takes its mark away; a range that was begun is marked as a whole.
func (a *app) toggleMark() tea.Cmd {
	v := a.tunnels
	if v.table.Ranging() {
		return a.markRange()
	}
	row, _ := a.selected()
	v.table.ToggleMark()
	if v.table.IsMarked(row.Key) {
		v.marked[row.Key] = row.Tunnel
	} else {
		delete(v.marked, row.Key)
	}
	v.table.Move(1)
	return nil
}

// markRange begins a range at the selected tunnel, or marks the one that was begun.
func (a *app) markRange() tea.Cmd {
	v := a.tunnels
	if !v.table.Ranging() {
		v.table.BeginRange()
		return nil
	}
	a.mark(v.table.Range())
	v.table.EndRange()
	return nil
}

// markAll marks every tunnel that is listed and was checked: who is connected to the others is not known. Where all of
// them are marked it takes the marks away.
func (a *app) markAll() tea.Cmd {
	v := a.tunnels
	v.table.EndRange()
	rows, unchecked := checked(v.table.Rows())
	if len(rows) > 0 && len(rows) == len(v.table.Marked()) {
		a.unmark()
		return nil
	}
	a.mark(rows)
	said := "Marked " + plural(len(rows), "tunnel", "tunnels") + "."
	if unchecked > 0 {
		said = "Marked " + itoa(len(rows)) + " of " + itoa(len(rows)+unchecked) + ". " + plural(unchecked, "is", "are") + " not checked yet."
	}
	a.tell(keymap.TunnelMarkAll, ui.Plain, said)
	return nil
}

func (a *app) mark(rows []tunnelRow) {
	v := a.tunnels
	for _, r := range rows {
		if !v.table.IsMarked(r.Key) {
			v.marked[r.Key] = r.Tunnel
		}
		v.table.Mark(r.Key)
	}
}

func (a *app) unmark() {
	a.tunnels.table.ClearMarks()
	a.tunnels.table.EndRange()
	a.tunnels.marked = marked{}
}

// woken parts the rows that came to life since they were marked from the others.
func (m marked) woken(rows []tunnelRow) (asleep, woken []tunnelRow) {
	for _, r := range rows {
		before, ok := m[r.Key]
		came := func(was, is client.Side) bool { return was.Known && !was.Connected && is.Connected }
		if ok && r.Open() && (came(before.Source, r.Source) && r.proxy == nil || came(before.Destination, r.Destination)) {
			woken = append(woken, r)
		} else {
			asleep = append(asleep, r)
		}
	}
	return asleep, woken
}

// markedLine says how many are marked and what can be done with them, "" while none are.
func (v *tunnelsView) markedLine() string {
	s := v.scene
	all := v.table.MarkCount()
	switch {
	case v.table.Ranging():
		n := len(v.table.Range())
		return s.theme.Spans(s.width, ui.Span{Text: "   " + s.key(keymap.TunnelRange) + " marks these " + itoa(n) + "; esc does not", Tone: ui.Accent})
	case all == 0:
		return ""
	}
	shown := len(v.table.Marked())
	text := "   " + itoa(shown) + " marked"
	if all > shown {
		text += ", " + itoa(all-shown) + " more that are not listed now"
	}
	more := s.theme.Symbols.Ellipsis
	keys := "   " + s.key(keymap.TunnelClose) + " close" + more + "  " + s.key(keymap.TunnelDelete) + " delete" + more + "  " +
		s.key(keymap.TunnelTags) + " tags" + more
	if v.finding.text() == "" { // The first esc takes a filter away, and its line says so.
		keys += "  esc unmark"
	}
	return s.theme.Spans(s.width, ui.Span{Text: text, Tone: ui.Accent}, ui.Span{Text: keys, Tone: ui.Dim})
}

// chosen are the marked tunnels, or else the selected one.
func (a *app) chosen() []tunnelRow {
	if rows := a.tunnels.table.Marked(); len(rows) > 0 {
		return rows
	}
	if row, ok := a.selected(); ok {
		return []tunnelRow{row}
	}
	return nil
}

// bulkRuns tells whether an errand is under way.
func (a *app) bulkRuns() bool { return a.bulk != nil && !a.bulk.ended() }

// busyWithBulk shows the errand that is under way: there is one at a time.
func (a *app) busyWithBulk() bool {
	if !a.bulkRuns() {
		return false
	}
	a.drop(a.bulk)
	a.show(a.bulk)
	return true
}

// stillToDo says what quitting leaves undone of an errand, "" for nothing.
func (a *app) stillToDo() string {
	if !a.bulkRuns() {
		return ""
	}
	doing, _ := words(a.bulk.spec.Errand)
	left := a.bulk.progress.Count(session.ItemWaiting)
	return doing + " is under way: " + plural(left, "tunnel is", "tunnels are") + " left alone."
}
