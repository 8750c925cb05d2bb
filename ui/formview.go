package ui

import (
	tea "charm.land/bubbletea/v2"
)

// formLayout is a form drawn in full, before the window is cut out of it.
type formLayout struct {
	lines        []string
	focus, until int // lines of the focused field, its message included
	caret        int // the line of it that is being edited
	gutter       int // cells before the fields: marker and label
}

// titleLines stand above the window: the title and an empty line, which gives way when there is no room.
func titleLines(height int) int {
	if height >= 8 {
		return 2
	}
	return min(height, 1)
}

// View draws the form in exactly width×height cells. When it is taller than that, the focused field stays in sight and
// the title says by an arrow where there is more.
func (f *Form) View(th *Theme, width, height int) string {
	l := f.layout(th, width)
	head := titleLines(height)
	room := height - head
	f.follow(l, room)

	out := make([]string, 0, max(height, 0))
	if head > 0 {
		out = append(out, f.heading(th, width, f.scroll > 0, f.scroll+room < len(l.lines)))
	}
	if head > 1 {
		out = append(out, "")
	}
	out = append(out, l.lines[f.scroll:]...)
	return block(out, width, height, th.Symbols.Ellipsis)
}

// Cursor is where the focused field has its cursor in the view, nil for none.
func (f *Form) Cursor(th *Theme, width, height int) *tea.Cursor {
	if len(f.fields) == 0 {
		return nil
	}
	l := f.layout(th, width)
	head := titleLines(height)
	f.follow(l, height-head)
	x, y, ok := f.fields[f.focus].cursor(th, max(width-l.gutter, 1))
	x, y = x+l.gutter, y+l.focus-f.scroll+head
	if !ok || x >= width || y < head || y >= height {
		return nil
	}
	return tea.NewCursor(x, y)
}

// heading is the title with arrows where there is more.
func (f *Form) heading(th *Theme, width int, up, down bool) string {
	more := ""
	if up {
		more += th.Symbols.Up
	}
	if down {
		more += th.Symbols.Down
	}
	return th.Spans(width-cells(more), Span{" " + f.title.Text, f.title.Tone}) + th.Text(Dim, more)
}

// layout draws all fields and the footer.
func (f *Form) layout(th *Theme, width int) formLayout {
	label := 0
	for _, field := range f.fields {
		label = max(label, cells(plain(field.label())))
	}
	label = min(label, width/3)
	l := formLayout{gutter: label + 4}
	for i, field := range f.fields {
		focused := i == f.focus
		if focused {
			l.focus = len(l.lines)
			_, y, _ := field.cursor(th, max(width-l.gutter, 1))
			l.caret = l.focus + y
		}
		for n, line := range field.view(th, max(width-l.gutter, 1), focused) {
			l.lines = append(l.lines, f.labelled(th, field, label, n == 0, focused)+line)
		}
		if err := field.Err(); err != nil && f.touched[field.ID()] {
			for _, line := range th.Paragraph(Span{th.Symbols.Failed + " " + err.Error(), Bad}, max(width-l.gutter, 1)) {
				l.lines = append(l.lines, blank(l.gutter)+line)
			}
		}
		if focused {
			l.until = len(l.lines)
		}
	}
	if len(f.footer) > 0 {
		l.lines = append(l.lines, "")
	}
	for _, span := range f.footer {
		for _, line := range th.Paragraph(span, width-2) {
			l.lines = append(l.lines, " "+line)
		}
	}
	return l
}

// labelled is the left part of a field's line: the marker of the focus and on the first line the label.
func (f *Form) labelled(th *Theme, field Field, width int, first, focused bool) string {
	name, tone, marker := "", Dim, " "
	if first {
		name = field.label()
	}
	if focused {
		tone, marker = Accent, th.Symbols.Cursor
	}
	return th.Spans(width+4, Span{marker + " ", Accent}, Span{clip(plain(name), width, th.Symbols.Ellipsis), tone})
}

// follow scrolls as little as brings the focused field into a window of room lines, and with the last field what stands
// under it when it fits as well. Of a field taller than that, the line being edited is what must be in sight.
func (f *Form) follow(l formLayout, room int) {
	until := l.until
	if f.focus == len(f.fields)-1 && len(l.lines)-l.focus <= room {
		until = len(l.lines)
	}
	f.scroll = max(f.scroll, until-room)
	f.scroll = min(f.scroll, l.focus, max(len(l.lines)-room, 0))
	f.scroll = max(min(f.scroll, l.caret), l.caret-room+1, 0)
}
