package ui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// input is one line of text being edited. The editing is that of bubbles' textinput; it is drawn here, because there
// the cursor's column counts characters instead of cells and the width is that of the text plus one.
type input struct {
	model       textinput.Model
	placeholder string

	// given is the text as it came, shown the form of it that the model could hold: text that nobody edited comes back
	// as it was, unprintable characters included.
	given, shown string
}

func newInput(value, placeholder string) input {
	m := textinput.New()
	m.SetVirtualCursor(false)
	// Terminals paste by themselves; reading the clipboard here would read that of the machine adit runs on.
	m.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	m.KeyMap.AcceptSuggestion = key.NewBinding(key.WithDisabled())
	m.KeyMap.NextSuggestion = key.NewBinding(key.WithDisabled())
	m.KeyMap.PrevSuggestion = key.NewBinding(key.WithDisabled())
	m.Focus()
	in := input{model: m, placeholder: plain(placeholder)}
	in.set(value)
	return in
}

// set replaces the text and puts the cursor at its end.
func (in *input) set(value string) {
	in.model.SetValue(value)
	in.model.CursorEnd()
	in.given, in.shown = value, in.model.Value()
}

func (in *input) value() string {
	if v := in.model.Value(); v != in.shown {
		return v
	}
	return in.given
}

// atEnd tells whether the cursor stands behind the last character.
func (in *input) atEnd() bool { return in.model.Position() == len([]rune(in.model.Value())) }

// update edits the text and tells whether it changed.
func (in *input) update(msg tea.Msg) bool {
	before := in.model.Value()
	in.model, _ = in.model.Update(msg)
	return in.model.Value() != before
}

// view is the text in exactly width cells, moved so far to the left that the cursor is in sight.
func (in *input) view(th *Theme, width int, focused bool) string {
	text := plain(in.model.Value())
	if text == "" {
		return Fit(th.Text(Dim, clip(in.placeholder, width, th.Symbols.Ellipsis)), width, "")
	}
	start := 0
	if focused {
		start = in.start(width)
	}
	if start > 0 {
		return th.Symbols.Ellipsis + skip(text, start+1, width-1)
	}
	return Fit(text, width, th.Symbols.Ellipsis)
}

// column is where the cursor stands in the view.
func (in *input) column(width int) int {
	return min(in.before()-in.start(width), max(width-1, 0))
}

// before is the width of the text before the cursor.
func (in *input) before() int {
	runes := []rune(in.model.Value())
	return cells(plain(string(runes[:in.model.Position()])))
}

// start is the first cell of the text that is in sight; the cursor needs one behind the last character.
func (in *input) start(width int) int {
	return max(in.before()-width+1, 0)
}

// ghost is the view with what would complete the text, dim, behind it.
func (in *input) ghost(th *Theme, completion string, width int) string {
	rest := width - in.before()
	if completion == "" || rest < 2 || !in.atEnd() {
		return in.view(th, width, true)
	}
	return Fit(plain(in.model.Value())+th.Text(Dim, ansi.Truncate(plain(completion), rest, "")), width, "")
}
