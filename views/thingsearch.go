package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
)

// search is a text that narrows a list as it is typed.
type search struct {
	text   string
	typing bool
}

// press edits the text and tells whether the key was one for it: the arrows still move the selection.
func (s *search) press(key tea.KeyPressMsg) bool {
	switch k := key.String(); {
	case k == "enter":
		s.typing = false
	case k == "esc":
		*s = search{}
	case k == "backspace":
		if runes := []rune(s.text); len(runes) > 0 {
			s.text = string(runes[:len(runes)-1])
		}
	case k == "ctrl+u":
		s.text = ""
	case key.Text != "":
		s.text += client.Clean(key.Text)
	default:
		return false
	}
	return true
}

// finds tells whether every word of the text stands somewhere in what is searched, in whatever case.
func (s *search) finds(in string) bool {
	in = strings.ToLower(in)
	for word := range strings.FieldsSeq(strings.ToLower(s.text)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return true
}
