package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/keymap"
	"adit/ui"
)

// detail is a text in front of the view that is read and scrolled. It is written anew with each frame, so that it stays
// true while it is looked at; what it tells about comes with the app's messages.
type detail struct {
	title string
	// write gives the lines, each at most width cells.
	write func(s *scene, width int) []string
	// keys takes a key before the text does; nil for none.
	keys  func(tea.KeyPressMsg) (done bool, then func() tea.Cmd)
	extra []hint

	top   int // first line in sight
	lines int // how many there were in the last frame
}

func (d *detail) room(s *scene) int { return max(s.height-5, 1) }

func (d *detail) update(msg tea.Msg, s *scene) (bool, func() tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false, nil
	}
	if d.keys != nil {
		if done, then := d.keys(key); done || then != nil {
			return done, then
		}
	}
	b, _ := s.keys.Lookup(key.String(), keymap.ScopeDialog, keymap.ScopeGlobal)
	switch b.Action {
	case keymap.DialogCancel:
		return true, nil
	case keymap.CursorUp:
		d.top--
	case keymap.CursorDown:
		d.top++
	case keymap.CursorPageUp:
		d.top -= d.room(s)
	case keymap.CursorPageDown:
		d.top += d.room(s)
	case keymap.CursorTop:
		d.top = 0
	case keymap.CursorBottom:
		d.top = d.lines
	}
	d.top = max(min(d.top, d.lines-d.room(s)), 0)
	return false, nil
}

func (d *detail) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(110)
	lines := d.write(s, width-4)
	d.lines = len(lines)
	d.top = max(min(d.top, d.lines-d.room(s)), 0)
	shown := lines[d.top:min(d.top+d.room(s), len(lines))]
	title := d.title
	if len(shown) < len(lines) {
		title += "  " + itoa(d.top+1) + "-" + itoa(d.top+len(shown)) + " of " + itoa(len(lines))
	}
	return s.theme.Frame(title, shown, width, 0), nil
}

func (d *detail) hints(s *scene) []hint {
	hints := append([]hint{}, d.extra...)
	if d.lines > d.room(s) {
		hints = append(hints, hint{s.key(keymap.CursorDown), "scroll"})
	}
	return append(hints, hint{s.key(keymap.DialogCancel), "back"})
}

// factWidth is the room for the name of a fact.
const factWidth = 11

// fact is a name and what is known under it, on as many lines as that needs.
func (s *scene) fact(width int, name string, value ui.Span) []string {
	lines := s.theme.Paragraph(value, max(width-factWidth, 1))
	for i, line := range lines {
		label := ""
		if i == 0 {
			label = name
		}
		lines[i] = s.theme.Text(ui.Dim, ui.Fit(label, factWidth, "")) + line
	}
	return lines
}

// heading parts a detail.
func (s *scene) heading(width int, text string) []string {
	return []string{"", s.theme.Spans(width, ui.Span{Text: strings.ToUpper(text[:1]) + text[1:], Tone: ui.Accent})}
}
