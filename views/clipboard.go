package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// copiedMsg: a text was put on the clipboard, or the way there failed and another is to be tried.
type copiedMsg struct {
	what      string
	err       error
	otherwise tea.Cmd
}

// clip puts a text on the clipboard. The text is one line without control characters: it will be pasted into a shell.
func (a *app) clip(what, text string) tea.Cmd { return a.put(what, client.Clean(text)) }

// put takes the way that suits where adit runs, and else that of the terminal (OSC 52), which works through ssh too but
// says nothing of its success.
func (a *app) put(what, text string) tea.Cmd {
	terminal, way := tea.SetClipboard(text), a.opts.Copy
	if way == nil {
		a.tell(keymap.TunnelCopy, ui.Good, "Copied the "+what+".")
		return terminal
	}
	return func() tea.Msg { return copiedMsg{what, way(text), terminal} }
}

func (a *app) copied(msg copiedMsg) tea.Cmd {
	if msg.err == nil {
		a.tell(keymap.TunnelCopy, ui.Good, "Copied the "+msg.what+".")
		return nil
	}
	a.tell(keymap.TunnelCopy, ui.Warn, "Copied the "+msg.what+" by the terminal's own way, since the clipboard refused it ("+msg.err.Error()+").")
	return msg.otherwise
}
