package views

import (
	"net"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// copyMenu offers what is worth copying of the selected tunnel. A token is not among what is shown: who wants one is asked.
func (a *app) copyMenu() tea.Cmd {
	row, _ := a.selected()
	texts := map[string]string{
		"id": row.Key.ID, "ARN": row.ARN, "thing": row.Thing.String(),
		"aws command": client.CommandDescribe(row.Context, row.Key.ID),
	}
	order := []string{"id", "ARN", "thing", "proxy address", "ssh command", "aws command"}
	if row.proxy != nil {
		for _, s := range row.proxy.Services {
			ssh := s.Service == sshService || s.Service == ""
			if s.Address != "" && (ssh || texts["proxy address"] == "") { // as the row's source names it
				texts["proxy address"] = s.Address
			}
			if ssh {
				texts["ssh command"] = session.SSHCommand(row.Context, row.Thing.Raw(), s.Address)
			}
		}
	}
	var entries []ui.Entry
	for _, what := range order {
		e := ui.Entry{Title: what + "  " + client.Clean(texts[what]), Answer: what}
		if texts[what] == "" {
			e.Disabled = "there is none"
			if row.proxy == nil && (what == "proxy address" || what == "ssh command") && row.Open() {
				e.Disabled = a.scene.key(keymap.TunnelProxy) + " starts a local proxy first"
			}
		}
		entries = append(entries, e)
	}
	secret := ui.Entry{Title: "source token  ********", Answer: "token", Disabled: strings.TrimSuffix(a.needToken(row), ".")}
	a.show(&menu{list: ui.NewMenu("Copy of "+label(row.Tunnel), append(entries, secret)), chosen: func(what string) tea.Cmd {
		if what == "token" {
			return a.copyToken(row)
		}
		return a.clip(what, texts[what])
	}})
	return nil
}

// needToken says why no token can be had.
func (a *app) needToken(row tunnelRow) string {
	switch {
	case !row.Open():
		return "This tunnel is closed."
	case a.withheld(keymap.TunnelRotate):
		return "adit is read-only, and a token can only be had by rotating."
	}
	return a.denied(keymap.TunnelRotate)
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
