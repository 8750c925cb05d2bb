package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/keymap"
	"adit/ui"
)

// wheelLines is how far a turn of the wheel goes in a list.
const wheelLines = 3

// toggleMouse gives the mouse to adit, or back to the terminal, whose own selection of text needs it.
func (a *app) toggleMouse() tea.Cmd {
	a.mouse = !a.mouse
	text := "The mouse is the terminal's again: it selects text."
	if a.mouse {
		text = "The mouse is adit's: it selects rows, scrolls, and presses the keys below. " + a.scene.key(keymap.AppMouse) + " gives it back."
	}
	a.tell(keymap.AppMouse, ui.Plain, text)
	return nil
}

// click selects the row under the mouse, or presses the key whose hint it is on.
func (a *app) click(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	if msg.Y == a.scene.height-1 {
		if key, ok := a.hintAt(msg.X); ok {
			return a.press(key)
		}
		return nil
	}
	if len(a.overlays) == 0 && a.connection.backend != nil && a.front != keymap.ScopeConnect {
		// Under the header's lines stands the table, under its own header its rows.
		a.list().Point(msg.Y - len(a.header()) - 1)
	}
	return nil
}

// wheel scrolls what is in front.
func (a *app) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	step, key := 0, tea.KeyPressMsg{}
	switch msg.Button {
	case tea.MouseWheelUp:
		step, key.Code = -1, tea.KeyUp
	case tea.MouseWheelDown:
		step, key.Code = 1, tea.KeyDown
	default:
		return nil
	}
	if len(a.overlays) > 0 {
		return a.answer(key)
	}
	if a.connection.backend != nil && a.front != keymap.ScopeConnect {
		a.list().Move(step * wheelLines)
	}
	return nil
}

// hintAt is the key whose hint stands in a column of the last line.
func (a *app) hintAt(x int) (tea.KeyPressMsg, bool) {
	at := 0
	for _, h := range fitting(a.barHints(), a.scene.width) {
		next := at + hintWidth([]hint{h})
		if x >= at && x < next {
			return keyPress(h.key)
		}
		at = next
	}
	return tea.KeyPressMsg{}, false
}
