package ui

import tea "charm.land/bubbletea/v2"

// Line is one line of text that is edited outside of a form, such as a filter.
type Line struct{ in input }

// NewLine is a line with a text in it; the placeholder stands where there is none.
func NewLine(value, placeholder string) *Line { return &Line{newInput(value, placeholder)} }

// Update takes a key or a paste and tells whether it changed the text.
func (l *Line) Update(msg tea.Msg) bool { return l.in.update(msg) }

// Value is the text.
func (l *Line) Value() string { return l.in.value() }

// SetValue replaces the text and puts the cursor at its end.
func (l *Line) SetValue(value string) { l.in.set(value) }

// AtEnd tells whether the cursor stands behind the last character.
func (l *Line) AtEnd() bool { return l.in.atEnd() }

// View is the text in exactly width cells, with what would complete it, dim, behind it.
func (l *Line) View(th *Theme, completion string, width int) string {
	return l.in.ghost(th, completion, width)
}

// Width is how many cells the text needs, with one for the cursor.
func (l *Line) Width() int { return cells(plain(l.in.model.Value())) + 1 }

// Column is where the cursor stands in the view.
func (l *Line) Column(width int) int { return l.in.column(width) }
