package views

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// keyPress is the press that a terminal reports for a key by its name, such as "x", "enter" or "ctrl+s"; false for what
// names no key.
func keyPress(name string) (tea.KeyPressMsg, bool) {
	var key tea.KeyPressMsg
	for {
		rest, ok := strings.CutPrefix(name, "ctrl+")
		if ok {
			key.Mod |= tea.ModCtrl
		} else if rest, ok = strings.CutPrefix(name, "alt+"); ok {
			key.Mod |= tea.ModAlt
		} else if rest, ok = strings.CutPrefix(name, "shift+"); ok {
			key.Mod |= tea.ModShift
		}
		if !ok || rest == "" {
			break
		}
		name = rest
	}
	if code, ok := namedKey(name); ok {
		key.Code = code
		if code == tea.KeySpace && key.Mod == 0 {
			key.Text = " "
		}
		return key, true
	}
	r, size := utf8.DecodeRuneInString(name)
	if size != len(name) || r == utf8.RuneError {
		return tea.KeyPressMsg{}, false
	}
	key.Code = r
	if key.Mod == 0 {
		key.Text = name
	}
	return key, true
}

func namedKey(name string) (rune, bool) {
	switch name {
	case "enter":
		return tea.KeyEnter, true
	case "esc":
		return tea.KeyEscape, true
	case "tab":
		return tea.KeyTab, true
	case "space", " ":
		return tea.KeySpace, true
	case "backspace":
		return tea.KeyBackspace, true
	case "up":
		return tea.KeyUp, true
	case "down":
		return tea.KeyDown, true
	case "left":
		return tea.KeyLeft, true
	case "right":
		return tea.KeyRight, true
	case "home":
		return tea.KeyHome, true
	case "end":
		return tea.KeyEnd, true
	case "pgup":
		return tea.KeyPgUp, true
	case "pgdown":
		return tea.KeyPgDown, true
	}
	return 0, false
}
