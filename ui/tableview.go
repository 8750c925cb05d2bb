package ui

import "strings"

// View renders header and rows, exactly height lines.
func (t *Table[K, R]) View(th *Theme) string {
	if t.height == 0 {
		return ""
	}
	slots := arrange(t.columns, t.width)
	var b strings.Builder
	b.Grow(t.height * (t.width + 64))
	b.WriteString(t.header(th, slots))
	rows := t.Visible()
	from, to := t.span()
	for i := range t.window() {
		b.WriteByte('\n')
		if i < len(rows) {
			b.WriteString(t.row(th, slots, rows[i], t.offset+i == t.cursor, t.offset+i >= from && t.offset+i < to))
		} else {
			b.WriteString(blank(t.width))
		}
	}
	return b.String()
}

// header names the columns and shows by which one the rows are sorted.
func (t *Table[K, R]) header(th *Theme, slots []slot) string {
	var b strings.Builder
	p := painter{b: &b, theme: th}
	p.write(Dim, blank(gutter))
	for i, s := range slots {
		if i > 0 {
			p.write(Dim, blank(gap))
		}
		c := t.columns[s.column]
		title := Cell{{c.Title, Dim}}
		if c.ID == t.sortID && c.Less != nil {
			arrow := th.Symbols.Sorted
			if t.descending {
				arrow = th.Symbols.SortedDown
			}
			// The arrow stays whole when the title is cut.
			title = Cell{{clip(plain(c.Title), s.width-2, th.Symbols.Ellipsis), Dim}, {" " + arrow, Accent}}
		}
		p.cell(title, s.width, c.Right)
	}
	p.end()
	return Fit(b.String(), t.width, "")
}

// row renders one row. The selected one carries a marker beside its background, so that it shows without colour.
func (t *Table[K, R]) row(th *Theme, slots []slot, row R, selected, ranged bool) string {
	var b strings.Builder
	b.Grow(t.width + 64)
	p := painter{b: &b, theme: th, selected: selected}
	if selected {
		p.write(Accent, th.Symbols.Cursor)
	} else {
		p.write(Plain, " ")
	}
	if _, marked := t.marks[t.key(row)]; marked || ranged {
		p.write(Accent, th.Symbols.Mark)
	} else {
		p.write(Plain, " ")
	}
	p.write(Plain, " ")
	used := gutter
	for i, s := range slots {
		if i > 0 {
			p.write(Plain, blank(gap))
			used += gap
		}
		c := t.columns[s.column]
		p.cell(c.Cell(row), s.width, c.Right)
		used += s.width
	}
	p.write(Plain, blank(t.width-used))
	p.end()
	return Fit(b.String(), t.width, "")
}
