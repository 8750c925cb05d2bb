package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// trialView is the screen while adit connects and where it could not: what is tried, what went wrong, and what mends it.
func (a *app) trialView() []string {
	s, t := a.scene, a.trial
	if t == nil {
		return nil // nothing is tried yet
	}
	trying := client.Clean(t.trying)
	if t.err == nil {
		return []string{"", "  " + s.theme.Text(ui.Plain, "connecting: "+trying)}
	}
	sentence, remedy := explain(t.err)
	parts := [][]string{
		s.paragraph(ui.Dim, "tried: "+trying, 2),
		s.paragraph(ui.Bad, s.theme.Symbols.Failed+" "+sentence, 2),
	}
	if remedy != "" {
		parts = append(parts, s.paragraph(ui.Plain, remedy, 2))
	}
	if command := commandOf(t.err); command != "" {
		parts = append(parts, s.paragraph(ui.Accent, "$ "+command, 2))
	}
	if login := a.loginFor(t.err); login.Note != "" {
		parts = append(parts, s.paragraph(ui.Dim, login.Note, 2))
	}
	if a.connection.backend != nil {
		parts = append(parts, s.paragraph(ui.Dim, "Shells and local proxies keep running; "+s.key(keymap.ConnectBack)+" goes back to "+
			whereAll(a.contexts())+".", 2))
	}
	var lines []string
	for _, part := range parts {
		// A low terminal needs every line for words.
		if s.height >= 14 {
			lines = append(lines, "")
		}
		lines = append(lines, part...)
	}
	return lines
}

// back leaves a trial: for what the screen showed before, or else to stand still.
func (a *app) back() tea.Cmd {
	if a.connection.backend != nil {
		a.giveUp()
		a.front = keymap.ScopeTunnels
		return nil
	}
	a.trial.cancel()
	return nil
}
