package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// restartMsg: a local proxy has ended, and is to be started again.
type restartMsg struct {
	epoch    uint64
	request  session.Request
	services []string
	err      error
}

// restartProxy asks, stops the selected local proxy and starts it again on the same addresses, with a new source token.
func (a *app) restartProxy() tea.Cmd {
	row, _ := a.proxies.table.Selected()
	service := a.serviceAt(row.Tunnel.Place())
	services := make([]string, len(row.Services))
	bind := map[string]string{}
	for i, s := range row.Services {
		services[i] = s.Service
		if s.Address != "" {
			bind[s.Service] = s.Address
		}
	}
	cut, typed := cuts(row.Proxy), ""
	if a.displaced(row.Tunnel) {
		if known, listed := a.known.Row(row.Tunnel); listed {
			cut = a.sessions.Cuts(known.Tunnel, client.ModeSource)
		}
		if service.Context().Production {
			typed = row.target() // it takes the source over
		}
	}
	// The source was ours, or the question says whom it cuts.
	req := session.Request{Service: service, Key: row.Tunnel, Thing: row.Thing, Then: session.ThenProxy, Bind: bind, TakeOver: true}
	a.confirm(service.Context(), &ui.Dialog{
		Typed: typed,
		Title: "Restart the local proxy",
		Body: []ui.Span{{Text: "Restart the local proxy to " + row.target() + " (tunnel " + shortID(row.Tunnel.ID) + ", " + service.Context().Region +
			") with a new source token? " + listens(row.Proxy) + cut + " Rotating is free, and the old token is void."}},
		Choices: []ui.Choice{{Key: "n", Label: "leave it", Answer: "cancel"}, {Key: "y", Label: "restart it", Answer: "yes", Danger: true}},
	}, func() tea.Cmd {
		epoch, running := a.connection.epoch, a.sessions
		return func() tea.Msg { return restartMsg{epoch, req, services, running.StopProxy(req.Key)} }
	})
	return nil
}

func (a *app) restart(msg restartMsg) tea.Cmd {
	a.sample()
	if msg.err != nil {
		a.fail(msg.err)
		return nil
	}
	if msg.epoch != a.connection.epoch {
		return nil
	}
	return a.start(msg.request, msg.services)
}
