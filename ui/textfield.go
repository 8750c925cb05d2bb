package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// TextField is one line of text.
type TextField struct {
	id, name    string
	in          input
	validate    func(string) error
	suggestions []string
	remark      func(string) Span
	presets     []string
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

// SetPlaceholder replaces what stands there while nothing is typed.
func (f *TextField) SetPlaceholder(text string) { f.in.placeholder = plain(text) }

// SelectAll has the first character or paste take the place of the whole text, as suits a value that is only proposed.
// Any other key, such as end, right or backspace, goes on with the text as it is.
func (f *TextField) SelectAll() { f.selected = f.in.model.Value() != "" }

// SetSuggestions replaces the texts that complete what is typed, best first.
func (f *TextField) SetSuggestions(s []string) { f.suggestions = s }

// Remark says something about each suggestion, such as whether a device is there.
func (f *TextField) Remark(remark func(string) Span) { f.remark = remark }

// SetPresets puts values beside the text of which space takes the next one. The text itself must have no use for spaces.
func (f *TextField) SetPresets(values []string) { f.presets = values }

// completions are those of the suggestions.
func (f *TextField) completions() []string { return completions(f.suggestions, f.in.model.Value()) }

// completions are the suggestions that begin with what is typed, in whatever case, and then those that have it further
// on; all of them before anything is typed. What is typed in full needs none.
func completions(suggestions []string, typed string) []string {
	var begin, within []string
	lower := strings.ToLower(typed)
	for _, s := range suggestions {
		switch at := strings.Index(strings.ToLower(s), lower); {
		case at == 0 && len(s) > len(typed):
			begin = append(begin, s)
		case at > 0:
			within = append(within, s)
		}
	}
	return append(begin, within...)
}

// ghostOf is what is missing of a text that a completion begins with, "" for one that only has it further on.
func ghostOf(typed string, found []string) string {
	if typed == "" || len(found) == 0 || len(found[0]) < len(typed) || !strings.EqualFold(found[0][:len(typed)], typed) {
		return ""
	}
	return found[0][len(typed):]
}

func (f *TextField) label() string { return f.name }

func (f *TextField) update(msg tea.Msg) bool {
	if f.selected && f.unselect(msg) {
		return false
	}
	press, _ := msg.(tea.KeyPressMsg)
	switch k := press.String(); {
	case k == "space" && len(f.presets) > 0:
		f.in.set(f.presets[(slices.Index(f.presets, f.in.model.Value())+1)%len(f.presets)])
		return true
	case (k == "right" || k == "ctrl+e") && f.in.atEnd() && f.in.model.Value() != "":
		if found := f.completions(); len(found) > 0 {
			f.in.set(found[0])
			return true
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
		if msg.Text == " " && len(f.presets) > 0 {
			return false
		}
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
	if len(f.presets) > 0 {
		return []string{f.withPresets(th, width, focused)}
	}
	if !focused || len(f.suggestions) == 0 {
		return []string{f.line(th, width, focused)}
	}
	// The line of suggestions stays while there is none to show: the fields under it must not jump as one types.
	found := f.completions()
	line := f.line(th, width, true)
	if ghost := ghostOf(f.in.model.Value(), found); ghost != "" && !f.selected {
		line = f.in.ghost(th, ghost, width)
	}
	return []string{line, th.Spans(width, f.offers(found, width)...)}
}

// offers are the suggestions with what is said about them, as many as a line holds.
func (f *TextField) offers(found []string, width int) []Span {
	var spans []Span
	for used := 0; len(found) > 0 && used < width; found = found[1:] {
		more := []Span{{found[0], Dim}}
		if f.remark != nil {
			if said := f.remark(found[0]); said.Text != "" {
				more = append(more, Span{" " + said.Text, said.Tone})
			}
		}
		if len(spans) > 0 {
			more = append([]Span{{"  ", Dim}}, more...)
		}
		for _, span := range more {
			used += cells(plain(span.Text))
		}
		spans = append(spans, more...)
	}
	return spans
}

// withPresets is the text with the values that may take its place behind it.
func (f *TextField) withPresets(th *Theme, width int, focused bool) string {
	room := 0
	for _, p := range f.presets {
		room = max(room, cells(p))
	}
	room = min(room+2, width)
	spans := []Span{{"  ", Dim}}
	for _, p := range f.presets {
		if p == f.in.model.Value() {
			spans = append(spans, Span{"[" + p + "] ", Strong})
		} else {
			spans = append(spans, Span{" " + p + "  ", Dim})
		}
	}
	if focused {
		spans = append(spans, Span{" space: the next", Dim})
	}
	return Fit(f.line(th, room, focused)+th.Spans(max(width-room, 0), spans...), width, "")
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
