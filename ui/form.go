package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// Form is a column of fields with one focused. Tab and shift+tab, up and down move; ctrl+s or enter on the last field
// submit; esc leaves. What stands in it is checked as it is typed, and a form with a mistake in it is not submitted:
// the mistake gets the focus.
type Form struct {
	title   Span
	fields  []Field
	touched map[string]bool // fields whose mistakes are shown: an empty form does not scold
	focus   int
	footer  []Span
	scroll  int // first visible line under the title
}

// FormResult is what a key did to the form.
type FormResult uint8

const (
	FormOpen FormResult = iota
	FormSubmitted
	FormCancelled
)

// Field of a form. Its kinds are TextField, ChoiceField, ListField and PairsField.
type Field interface {
	ID() string
	// Err is the validation of what stands in it now, nil when it is good.
	Err() error

	label() string
	// update edits the field and tells whether that changed what stands in it.
	update(msg tea.Msg) bool
	// step moves within the field, by tab or by line, and tells whether there was anywhere to go.
	step(delta int, byLine bool) bool
	// enter puts the cursor where a move by delta comes in.
	enter(delta int)
	// leave tidies up when the focus goes.
	leave()
	// view is the field in lines of exactly width cells; cursor is where it stands in them.
	view(th *Theme, width int, focused bool) []string
	cursor(th *Theme, width int) (x, y int, ok bool)
}

// NewForm makes a form with the focus on the first field. The identifiers of the fields must be unique.
func NewForm(title string, fields ...Field) *Form {
	return &Form{title: Span{title, Accent}, fields: fields, touched: map[string]bool{}}
}

// SetTitle replaces the title.
func (f *Form) SetTitle(title Span) { f.title = title }

// Update takes a key or a paste; anything else changes nothing.
func (f *Form) Update(msg tea.Msg) (FormResult, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		f.edit(msg)
		return FormOpen, nil
	}
	switch press.String() {
	case "esc":
		return FormCancelled, nil
	case "ctrl+s":
		return f.Submit(), nil
	case "enter":
		if !f.move(1, false) {
			return f.Submit(), nil
		}
	case "tab":
		f.Next()
	case "shift+tab":
		f.Prev()
	case "down":
		f.move(1, true)
	case "up":
		f.move(-1, true)
	default:
		f.edit(msg)
	}
	return FormOpen, nil
}

// edit hands a message to the focused field.
func (f *Form) edit(msg tea.Msg) {
	if len(f.fields) > 0 && f.fields[f.focus].update(msg) {
		f.touched[f.fields[f.focus].ID()] = true
	}
}

// move steps within the focused field, or else to its neighbour; it tells whether there was one.
func (f *Form) move(delta int, byLine bool) bool {
	if len(f.fields) == 0 {
		return false
	}
	if f.fields[f.focus].step(delta, byLine) {
		return true
	}
	next := f.focus + delta
	if next < 0 || next >= len(f.fields) {
		return false
	}
	f.focusOn(next, delta)
	return true
}

// focusOn gives the focus to a field, coming in from above (1) or from below (-1).
func (f *Form) focusOn(i, delta int) {
	if i < 0 || i >= len(f.fields) {
		return
	}
	f.fields[f.focus].leave()
	f.touched[f.fields[f.focus].ID()] = true
	f.focus = i
	f.fields[i].enter(delta)
}

// Next moves on as tab does, from the last field to the first; it is there for whoever put it on another key.
func (f *Form) Next() {
	if !f.move(1, false) {
		f.focusOn(0, 1)
	}
}

// Prev moves back as shift+tab does, from the first field to the last.
func (f *Form) Prev() {
	if !f.move(-1, false) {
		f.focusOn(len(f.fields)-1, -1)
	}
}

// Submit ends the form as ctrl+s does, or shows what is wrong in it and leaves it open.
func (f *Form) Submit() FormResult {
	first := -1
	for i, field := range f.fields {
		f.touched[field.ID()] = true
		if first < 0 && field.Err() != nil {
			first = i
		}
	}
	if first < 0 {
		return FormSubmitted
	}
	if first != f.focus {
		f.focusOn(first, 1)
	}
	return FormOpen
}

// Footer puts lines under the fields, such as a warning and the equivalent command.
func (f *Form) Footer(lines []Span) { f.footer = lines }

// Focus gives the focus to a field; an unknown one changes nothing.
func (f *Form) Focus(id string) {
	for i, field := range f.fields {
		if field.ID() == id && i != f.focus {
			f.focusOn(i, 1)
			return
		}
	}
}

// Focused is the field with the focus, "" in a form without fields.
func (f *Form) Focused() string {
	if len(f.fields) == 0 {
		return ""
	}
	return f.fields[f.focus].ID()
}

// Valid is the first mistake in the form with the field's name, nil when it can be submitted.
func (f *Form) Valid() error {
	for _, field := range f.fields {
		if err := field.Err(); err != nil {
			return fmt.Errorf("%s: %w", field.label(), err)
		}
	}
	return nil
}
