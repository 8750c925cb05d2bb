package views

import (
	"net"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// copyMenu offers what is worth copying of the selected tunnel. Tokens are not: they are never on the screen.
func (a *app) copyMenu() tea.Cmd {
	row, _ := a.selected()
	texts := map[string]string{
		"id": row.Key.ID, "ARN": row.ARN, "thing": row.Thing.String(),
		"aws command": client.CommandDescribe(row.Context, row.Key.ID),
	}
	order := []string{"id", "ARN", "thing", "proxy address", "aws command"}
	if row.proxy != nil {
		for _, s := range row.proxy.Services {
			if s.Address != "" && texts["proxy address"] == "" {
				texts["proxy address"] = s.Address
			}
		}
	}
	var entries []ui.Entry
	for _, what := range order {
		e := ui.Entry{Title: what + "  " + client.Clean(texts[what]), Answer: what}
		if texts[what] == "" {
			e.Disabled = "there is none"
		}
		entries = append(entries, e)
	}
	a.show(&menu{list: ui.NewMenu("Copy of "+label(row.Tunnel), entries), chosen: func(what string) tea.Cmd {
		return a.clip(what, texts[what])
	}})
	return nil
}

// clip puts a text on the clipboard by way of the terminal, which works through ssh too. The text is one line without
// control characters: it will be pasted into a shell.
func (a *app) clip(what, text string) tea.Cmd {
	a.tell(keymap.TunnelCopy, ui.Good, "Copied the "+what+".")
	return tea.SetClipboard(client.Clean(text))
}

// copyAddress copies the selected local proxy's address.
func (a *app) copyAddress() tea.Cmd {
	row, _ := a.proxies.table.Selected()
	if _, _, err := net.SplitHostPort(row.service.Address); err != nil {
		a.toast(ui.Warn, "This proxy has no local port; it carries ssh alone.")
		return nil
	}
	return a.clip("address", row.service.Address)
}
