package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// ChoiceField is a row of options of which one is on.
type ChoiceField struct {
	id, name string
	options  []string
	selected int
}

// NewChoiceField picks one of the options with left and right, or with space the next one round.
func NewChoiceField(id, label string, options []string, selected int) *ChoiceField {
	return &ChoiceField{id: id, name: label, options: options, selected: min(max(selected, 0), max(len(options)-1, 0))}
}

// ID is the name the form knows the field by.
func (f *ChoiceField) ID() string { return f.id }

// Err is nil unless there is nothing to choose from: one option is always on.
func (f *ChoiceField) Err() error {
	if len(f.options) == 0 {
		return fmt.Errorf("there is nothing to choose from")
	}
	return nil
}

// Selected is the index of the option that is on.
func (f *ChoiceField) Selected() int { return f.selected }

func (f *ChoiceField) label() string { return f.name }

func (f *ChoiceField) update(msg tea.Msg) bool {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok || len(f.options) == 0 {
		return false
	}
	before := f.selected
	switch press.String() {
	case "left":
		f.selected = max(f.selected-1, 0)
	case "right":
		f.selected = min(f.selected+1, len(f.options)-1)
	case "space":
		f.selected = (f.selected + 1) % len(f.options)
	}
	return f.selected != before
}

func (f *ChoiceField) step(int, bool) bool { return false }
func (f *ChoiceField) enter(int)           {}
func (f *ChoiceField) leave()              {}

// chip is an option with its button.
func (f *ChoiceField) chip(th *Theme, i int) Span {
	if i == f.selected {
		return Span{"(" + th.Symbols.Radio[1] + ") " + plain(f.options[i]), Strong}
	}
	return Span{"(" + th.Symbols.Radio[0] + ") " + plain(f.options[i]), Plain}
}

// chips are all options with their buttons.
func (f *ChoiceField) chips(th *Theme) []Span {
	chips := make([]Span, len(f.options))
	for i := range f.options {
		chips[i] = f.chip(th, i)
	}
	return chips
}

func (f *ChoiceField) view(th *Theme, width int, _ bool) []string {
	lines, _ := flow(th, f.chips(th), width, 3)
	return lines
}

// cursor stands on the button that is on, so that a screen reader reads it.
func (f *ChoiceField) cursor(th *Theme, width int) (x, y int, ok bool) {
	if len(f.options) == 0 {
		return 0, 0, false
	}
	_, at := flow(th, f.chips(th), width, 3)
	return min(at[f.selected].x+1, width-1), at[f.selected].y, true
}
