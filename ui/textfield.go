package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// TextField is one line of text.
type TextField struct {
	id, name    string
	in          input
	validate    func(string) error
	suggestions []string
}

// NewTextField is one line; validate may be nil. Suggestions complete it with right or ctrl+e.
func NewTextField(id, label, value, placeholder string, validate func(string) error) *TextField {
	return &TextField{id: id, name: label, in: newInput(value, placeholder), validate: validate}
}

// ID is the name the form knows the field by.
func (f *TextField) ID() string { return f.id }

// Err is what the validation says of the text, nil when it is good.
func (f *TextField) Err() error {
	if f.validate == nil {
		return nil
	}
	return f.validate(f.in.value())
}

// Value is the text; one that nobody edited is exactly what was given.
func (f *TextField) Value() string { return f.in.value() }

// SetValue replaces the text.
func (f *TextField) SetValue(value string) { f.in.set(value) }

// SetSuggestions replaces the texts that complete what is typed, best first.
func (f *TextField) SetSuggestions(s []string) { f.suggestions = s }

// completions are the suggestions that begin with what is typed, in whatever case; all of them before anything is.
func (f *TextField) completions() []string {
	typed := f.in.model.Value()
	var found []string
	for _, s := range f.suggestions {
		if len(s) > len(typed) && strings.EqualFold(s[:len(typed)], typed) {
			found = append(found, s)
		}
	}
	return found
}

func (f *TextField) label() string { return f.name }

func (f *TextField) update(msg tea.Msg) bool {
	if press, ok := msg.(tea.KeyPressMsg); ok && f.in.atEnd() && f.in.model.Value() != "" {
		if k := press.String(); k == "right" || k == "ctrl+e" {
			if found := f.completions(); len(found) > 0 {
				f.in.set(found[0])
				return true
			}
		}
	}
	return f.in.update(msg)
}

func (f *TextField) step(int, bool) bool { return false }
func (f *TextField) enter(int)           {}
func (f *TextField) leave()              {}

func (f *TextField) view(th *Theme, width int, focused bool) []string {
	if !focused || len(f.suggestions) == 0 {
		return []string{f.in.view(th, width, focused)}
	}
	// The line of suggestions stays while there is none to show: the fields under it must not jump as one types.
	found := f.completions()
	completion := ""
	if typed := f.in.model.Value(); typed != "" && len(found) > 0 {
		completion = found[0][len(typed):]
	}
	return []string{f.in.ghost(th, completion, width), th.Spans(width, Span{strings.Join(found, "  "), Dim})}
}

func (f *TextField) cursor(_ *Theme, width int) (x, y int, ok bool) {
	return f.in.column(width), 0, true
}
