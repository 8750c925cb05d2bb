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
	selected    bool // the whole text is, and what is typed takes its place
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
func (f *TextField) SetValue(value string) {
	f.in.set(value)
	f.selected = false
}

// SelectAll has the first character or paste take the place of the whole text, as suits a value that is only proposed.
// Any other key, such as end, right or backspace, goes on with the text as it is.
func (f *TextField) SelectAll() { f.selected = f.in.model.Value() != "" }

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
	if f.selected && f.unselect(msg) {
		return false
	}
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

// unselect ends the selection by a key or a paste, and tells whether that is all it did: right behind a selected text only
// keeps it.
func (f *TextField) unselect(msg tea.Msg) (only bool) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		f.selected = false
		if msg.Text != "" {
			f.in.set("")
		}
		return msg.String() == "right"
	case tea.PasteMsg:
		f.selected = false
		if msg.Content != "" {
			f.in.set("")
		}
	}
	return false
}

func (f *TextField) step(int, bool) bool { return false }
func (f *TextField) enter(int)           {}
func (f *TextField) leave()              {}

func (f *TextField) view(th *Theme, width int, focused bool) []string {
	if !focused || len(f.suggestions) == 0 {
		return []string{f.line(th, width, focused)}
	}
	// The line of suggestions stays while there is none to show: the fields under it must not jump as one types.
	found := f.completions()
	line := f.line(th, width, true)
	if typed := f.in.model.Value(); typed != "" && len(found) > 0 && !f.selected {
		line = f.in.ghost(th, found[0][len(typed):], width)
	}
	return []string{line, th.Spans(width, Span{strings.Join(found, "  "), Dim})}
}

// line is the text, on the selected row's background where typing takes its place.
func (f *TextField) line(th *Theme, width int, focused bool) string {
	text := f.in.view(th, width, focused)
	if !focused || !f.selected {
		return text
	}
	var b strings.Builder
	p := painter{b: &b, theme: th, selected: true}
	p.write(Plain, strings.TrimRight(text, " "))
	p.end()
	return Fit(b.String(), width, "")
}

func (f *TextField) cursor(_ *Theme, width int) (x, y int, ok bool) {
	return f.in.column(width), 0, true
}
