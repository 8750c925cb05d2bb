package ui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// ListField is a list of short texts without spaces, shown as chips, with a line to add to it.
type ListField struct {
	id, name string
	values   []string
	in       input
	max      int
	validate func(string) error
	check    func([]string) error
}

// NewListField holds up to max texts separated by spaces or commas, shown as chips. Backspace before the first
// character takes the last chip away. validate may be nil.
func NewListField(id, label string, values []string, max int, validate func(string) error) *ListField {
	return &ListField{id: id, name: label, values: slices.Clone(values), in: newInput("", "add"), max: max, validate: validate}
}

// ID is the name the form knows the field by.
func (f *ListField) ID() string { return f.id }

// Values are the texts, with what is still being typed.
func (f *ListField) Values() []string {
	return append(slices.Clone(f.values), words(f.in.value())...)
}

// SetValues replaces the texts, and what is being typed.
func (f *ListField) SetValues(values []string) {
	f.values = slices.Clone(values)
	f.in.set("")
}

// Check adds a validation of the list as a whole, for what no single text can be blamed for.
func (f *ListField) Check(check func([]string) error) { f.check = check }

// Err is the first mistake in the list, nil when it is good.
func (f *ListField) Err() error {
	if err := f.mistake(); err != nil || f.check == nil {
		return err
	}
	return f.check(f.Values())
}

// mistake is the first one in the texts themselves.
func (f *ListField) mistake() error {
	values := f.Values()
	if len(values) > f.max {
		return fmt.Errorf("at most %d", f.max)
	}
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return fmt.Errorf("%s is there twice", v)
		}
		if f.validate == nil {
			continue
		}
		if err := f.validate(v); err != nil {
			return err
		}
	}
	return nil
}

// words parts a text at spaces and commas.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

func (f *ListField) label() string { return f.name }

func (f *ListField) update(msg tea.Msg) bool {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch press.String() {
		case "space", ",":
			return f.commit()
		case "backspace":
			if f.in.value() == "" && len(f.values) > 0 {
				f.values = f.values[:len(f.values)-1]
				return true
			}
		}
	}
	return f.in.update(msg)
}

// commit turns what is typed into chips. While there is a mistake it stays where it can be mended.
func (f *ListField) commit() bool {
	typed := words(f.in.value())
	if len(typed) == 0 || f.mistake() != nil {
		return len(typed) > 0
	}
	f.values = append(f.values, typed...)
	f.in.set("")
	return true
}

func (f *ListField) step(int, bool) bool { return false }
func (f *ListField) enter(int)           {}
func (f *ListField) leave()              { f.commit() }

// chips are the values and, last, the place where the next one is typed: one cell wider than its text, for the cursor.
func (f *ListField) chips(th *Theme, width int) []Span {
	var chips []Span
	for _, v := range f.values {
		chips = append(chips, Span{clip("["+plain(v)+"]", width, th.Symbols.Ellipsis), Strong})
	}
	typing := max(cells(plain(f.in.model.Value())), cells(f.in.placeholder)) + 1
	return append(chips, Span{blank(min(typing, width)), Plain})
}

func (f *ListField) view(th *Theme, width int, focused bool) []string {
	chips := f.chips(th, width)
	lines, at := flow(th, chips, width, 1)
	if !focused && f.in.value() == "" && len(f.values) > 0 {
		lines, _ = flow(th, chips[:len(chips)-1], width, 1)
		return lines
	}
	last := at[len(at)-1]
	lines[last.y] = Fit(lines[last.y], last.x, "") + f.in.view(th, width-last.x, focused)
	return lines
}

func (f *ListField) cursor(th *Theme, width int) (x, y int, ok bool) {
	_, at := flow(th, f.chips(th, width), width, 1)
	last := at[len(at)-1]
	return last.x + f.in.column(width-last.x), last.y, true
}
