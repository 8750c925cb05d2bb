package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// rearrange gives the table its columns in the order and the widths that were chosen.
func (v *tunnelsView) rearrange(choices []session.ColumnChoice) {
	var columns []ui.Column[tunnelRow]
	for _, line := range arranged(v.columns(), choices) {
		c := line.column.Column
		c.Hidden = line.Hidden
		if known := line.column.known; known != nil {
			c.Last = func(r tunnelRow) bool { return !known(r) }
		}
		if line.Width > 0 {
			c.Min, c.Max = line.Width, line.Width
		}
		columns = append(columns, c)
	}
	v.table.SetColumns(columns)
}

// columnLine is a column with what was chosen for it.
type columnLine struct {
	column tunnelColumn
	session.ColumnChoice
}

// arranged puts columns in the order that was chosen. One that nothing was chosen for, such as one that this adit brings
// anew, stands behind the one it is shipped behind.
func arranged(columns []tunnelColumn, choices []session.ColumnChoice) []columnLine {
	var lines []columnLine
	for _, choice := range choices {
		if i := slices.IndexFunc(columns, func(c tunnelColumn) bool { return c.ID == choice.ID }); i >= 0 {
			lines = append(lines, columnLine{columns[i], choice})
		}
	}
	before := ""
	for _, c := range columns {
		if !slices.ContainsFunc(lines, func(l columnLine) bool { return l.ID == c.ID }) {
			at := slices.IndexFunc(lines, func(l columnLine) bool { return l.ID == before }) + 1
			lines = slices.Insert(lines, at, columnLine{c, session.ColumnChoice{ID: c.ID, Hidden: c.off}})
		}
		before = c.ID
	}
	return lines
}

// keep changes how the list is left, here at once and on the disk.
func (a *app) keep(edit func(*session.Arrangement)) tea.Cmd {
	edit(&a.arrangement)
	arrange := a.connection.backend.Arrange
	if arrange == nil {
		return nil
	}
	return func() tea.Msg {
		if err := arrange(edit); err != nil {
			return changedMsg{err: err}
		}
		return nil
	}
}

// sortedBy is the column that the rows are sorted by, zero for none.
func (v *tunnelsView) sortedBy() tunnelColumn {
	id, _ := v.table.Sorting()
	for _, c := range v.columns() {
		if c.ID == id {
			return c
		}
	}
	return tunnelColumn{}
}

// sortMenu offers the columns to sort by; the one that is sorted by turns round.
func (a *app) sortMenu() tea.Cmd {
	v := a.tunnels
	now, descending := v.table.Sorting()
	arrow := a.scene.theme.Symbols.Sorted
	if descending {
		arrow = a.scene.theme.Symbols.SortedDown
	}
	const own = "-"
	first := ui.Entry{Title: "the service's order, newest first", Answer: own}
	if now == "" {
		first.Keys = arrow
	}
	entries := []ui.Entry{first}
	for _, line := range arranged(v.columns(), a.arrangement.Columns) {
		e := ui.Entry{Title: line.column.name, Answer: line.ID}
		if line.ID == now {
			e.Keys, e.Title = arrow, e.Title+", the other way round"
		}
		entries = append(entries, e)
	}
	a.show(&menu{list: ui.NewMenu("Sort by", entries), chosen: func(id string) tea.Cmd {
		if id == own {
			id = ""
		}
		return a.sortBy(id)
	}})
	return nil
}

// sortBy sorts by a column, or turns its order round.
func (a *app) sortBy(id string) tea.Cmd {
	v := a.tunnels
	v.table.SortBy(id)
	a.refill()
	word := "in the service's order, newest first"
	id, descending := v.table.Sorting()
	if id != "" {
		word = "by " + v.sortedBy().name
		if descending {
			word += ", the other way round"
		}
	}
	a.tell(keymap.TunnelSort, ui.Plain, "Sorted "+word+".")
	return a.keep(func(kept *session.Arrangement) { kept.Sort, kept.Descending = id, descending })
}

// reverse turns the order of the rows round.
func (a *app) reverse() tea.Cmd {
	id, _ := a.tunnels.table.Sorting()
	return a.sortBy(id)
}

// restore brings the list back to how it was left.
func (a *app) restore() {
	a.arrangement = a.connection.backend.Arrangement
	v := a.tunnels
	v.rearrange(a.arrangement.Columns)
	v.table.SortBy(a.arrangement.Sort)
	if a.arrangement.Descending {
		v.table.SortBy(a.arrangement.Sort)
	}
}
