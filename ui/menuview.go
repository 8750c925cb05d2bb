package ui

import tea "charm.land/bubbletea/v2"

// View draws the menu as a box of exactly width×height cells, with the line chosen always in sight.
func (m *Menu) View(th *Theme, width, height int) string {
	if height <= 0 {
		return ""
	}
	inner := width - 4
	lines, at := m.lines(th, inner)
	room := max(height-4, 0) // border, search line and the empty line under it
	start := max(min(at-room/2, len(lines)-room), 0)
	lines = lines[start:min(start+room, len(lines))]
	if len(m.found) == 0 {
		lines = th.Paragraph(Span{"Nothing matches. Esc leaves.", Dim}, inner)
	}
	search := []string{th.Text(Accent, "/") + " " + m.query.view(th, inner-2, true), ""}
	return th.Frame(m.title, append(search, lines...), width, height)
}

// Cursor is where the search is typed, counted from the box's upper left corner.
func (m *Menu) Cursor(_ *Theme, width, height int) *tea.Cursor {
	if width < 8 || height < 3 {
		return nil
	}
	return tea.NewCursor(4+m.query.column(width-6), 1)
}

// lines are all that match, with the names of their groups while nothing is searched for, and where the cursor is.
func (m *Menu) lines(th *Theme, width int) (lines []string, at int) {
	keys := 0
	for _, e := range m.entries {
		keys = max(keys, cells(plain(e.Keys)))
	}
	keys = min(keys, width/3)
	group := ""
	for n, i := range m.found {
		e := m.entries[i]
		if m.query.value() == "" && e.Group != group {
			group = e.Group
			lines = append(lines, th.Spans(width, Span{group, Dim}))
		}
		if n == m.cursor {
			at = len(lines)
		}
		lines = append(lines, m.line(th, e, keys, width, n == m.cursor))
		if room := width - 4 - keys; n == m.cursor && e.Disabled != "" && cells(plain(e.Title+e.Disabled))+3 > room {
			// What was cut off of the reason is told where it is asked for.
			for _, line := range wrap(e.Disabled, room) {
				lines = append(lines, th.Spans(width, Span{blank(4 + keys), Plain}, Span{line, Warn}))
			}
		}
	}
	return lines, at
}

// line is one entry: its keys, its title, and why it cannot run.
func (m *Menu) line(th *Theme, e Entry, keys, width int, chosen bool) string {
	marker, tone := " ", Plain
	if chosen {
		marker = th.Symbols.Cursor
	}
	shown := clip(plain(e.Keys), keys, th.Symbols.Ellipsis)
	spans := []Span{{marker + " ", Accent}, {shown, Accent}, {blank(keys + 2 - cells(shown)), Plain}}
	if m.Many() {
		box := "[ ] "
		if m.marks[e.Answer] {
			box = "[x] "
		}
		spans = []Span{{marker + " ", Accent}, {box, Accent}}
	}
	if e.Disabled != "" {
		tone = Dim
	}
	spans = append(spans, Span{e.Title, tone})
	if e.Disabled != "" {
		spans = append(spans, Span{" (" + e.Disabled + ")", Dim})
	}
	return th.line(spans, width, chosen)
}
