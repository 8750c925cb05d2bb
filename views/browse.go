package views

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/keymap"
	"adit/ui"
)

// browsedMsg: a browser was asked to show a page.
type browsedMsg struct {
	url string
	err error
}

// webAddress is where a browser finds the service of a line, "" for what is no web service by its name.
func (r proxyRow) webAddress() string {
	name := strings.ToUpper(r.service.Service)
	switch {
	case r.service.Address == "":
		return ""
	case strings.Contains(name, "HTTPS"):
		return "https://" + r.service.Address + "/"
	case strings.Contains(name, "HTTP"), strings.Contains(name, "WEB"):
		return "http://" + r.service.Address + "/"
	}
	return ""
}

// needWeb says why the selected line cannot be opened in a browser.
func needWeb(a *app) string {
	row, _ := a.proxies.table.Selected()
	if row.webAddress() == "" {
		return "A browser needs a service with HTTP or WEB in its name and a local port."
	}
	return ""
}

// browse opens the selected service in the browser; without one it copies where it is, and says so.
func (a *app) browse() tea.Cmd {
	row, _ := a.proxies.table.Selected()
	url, open := row.webAddress(), a.opts.Browse
	if open == nil {
		return a.clip("address "+url+", since there is no browser on this computer", url)
	}
	return func() tea.Msg { return browsedMsg{url, open(url)} }
}

func (a *app) browsed(msg browsedMsg) {
	if msg.err != nil {
		a.tell(keymap.ProxyBrowse, ui.Warn, "The browser did not start ("+msg.err.Error()+"). The page is at "+msg.url+".")
		return
	}
	a.tell(keymap.ProxyBrowse, ui.Good, "The browser opens "+msg.url+".")
}
