package views

import (
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
)

// proxyKey names a line of the proxies: one service of one local proxy.
type proxyKey struct {
	tunnel  client.Key
	service string
}

// proxyRow is that line.
type proxyRow struct {
	session.Proxy
	service tunnelconn.ServiceStatus
}

func (r proxyRow) key() proxyKey { return proxyKey{r.Tunnel, r.service.Service} }

func (r proxyRow) target() string {
	if r.Thing == "" {
		return shortID(r.Tunnel.ID)
	}
	return client.Clean(r.Thing)
}

// proxiesView lists the running local proxies and keeps their rates.
type proxiesView struct {
	scene *scene
	table *ui.Table[proxyKey, proxyRow]
	rates rates
	// states are those the proxies were last seen in.
	states map[client.Key]tunnelconn.State
}

func newProxiesView(s *scene) *proxiesView {
	v := &proxiesView{scene: s, rates: newRates()}
	v.table = ui.NewTable(proxyRow.key, v.columns())
	return v
}

func (v *proxiesView) columns() []ui.Column[proxyRow] {
	plain := func(of func(proxyRow) string) func(proxyRow) ui.Cell {
		return func(r proxyRow) ui.Cell { return text(ui.Plain, of(r)) }
	}
	return []ui.Column[proxyRow]{
		{ID: "thing", Title: "THING", Min: 9, Max: 24, Cell: func(r proxyRow) ui.Cell { return text(ui.Strong, r.target()) }},
		{ID: "service", Title: "SERVICE", Min: 7, Max: 12, Priority: 4, Cell: plain(func(r proxyRow) string { return client.Clean(r.service.Service) })},
		{ID: "address", Title: "ADDRESS", Min: 15, Max: 21, Cell: v.address},
		{ID: "state", Title: "STATE", Min: 12, Max: 14, Priority: 1, Cell: v.state},
		{ID: "live", Title: "LIVE", Min: 4, Max: 5, Priority: 2, Right: true, Cell: plain(func(r proxyRow) string { return fmt.Sprint(r.service.Live) })},
		{ID: "sent", Title: "SENT", Min: 8, Max: 8, Priority: 3, Right: true, Cell: plain(func(r proxyRow) string { return ui.Bytes(r.service.Sent) })},
		{ID: "received", Title: "RECEIVED", Min: 8, Max: 8, Priority: 3, Right: true, Cell: plain(func(r proxyRow) string { return ui.Bytes(r.service.Received) })},
		{ID: "up", Title: "SEND/S", Min: 9, Max: 9, Priority: 6, Right: true, Cell: plain(func(r proxyRow) string { return ui.Rate(v.rates.of(r.key()).up()) })},
		{ID: "down", Title: "RECV/S", Min: 9, Max: 9, Priority: 6, Right: true, Cell: plain(func(r proxyRow) string { return ui.Rate(v.rates.of(r.key()).down()) })},
		{ID: "rtt", Title: "TRIP", Min: 7, Max: 7, Priority: 5, Right: true, Cell: plain(func(r proxyRow) string { return milliseconds(r.RoundTrip) })},
		{ID: "again", Title: "RECONN", Min: 6, Max: 6, Priority: 7, Right: true, Cell: plain(func(r proxyRow) string { return fmt.Sprint(r.Reconnects) })},
		{ID: "error", Title: "LAST ERROR", Min: 14, Priority: 8, Cell: v.lastError},
	}
}

func (v *proxiesView) address(r proxyRow) ui.Cell {
	if r.service.Address == "" {
		return text(ui.Dim, "ssh only")
	}
	if !loopback(r.service.Address) {
		return text(ui.Bad, r.service.Address)
	}
	return text(ui.Plain, r.service.Address)
}

// loopback tells whether an address is reachable from this computer alone.
func loopback(address string) bool {
	return strings.HasPrefix(address, "127.") || strings.HasPrefix(address, "[::1]") || strings.HasPrefix(address, "localhost:")
}

func (v *proxiesView) state(r proxyRow) ui.Cell {
	sy := v.scene.theme.Symbols
	switch r.State {
	case tunnelconn.Connected:
		return text(ui.Good, sy.On+" connected")
	case tunnelconn.Reconnecting:
		return text(ui.Warn, sy.Stale+" reconnecting")
	case tunnelconn.Stopped:
		return text(ui.Bad, sy.Closed+" stopped")
	}
	return text(ui.Warn, sy.Never+" connecting")
}

func (v *proxiesView) lastError(r proxyRow) ui.Cell {
	if r.Err == nil {
		return nil
	}
	return text(ui.Warn, client.Clean(r.Err.Error()))
}

func (v *proxiesView) fill(proxies []session.Proxy) {
	var rows []proxyRow
	for _, p := range proxies {
		services := p.Services
		if len(services) == 0 {
			services = []tunnelconn.ServiceStatus{{}}
		}
		for _, s := range services {
			rows = append(rows, proxyRow{p, s})
		}
	}
	v.table.SetRows(rows)
}

func (v *proxiesView) view(room int, readOnly bool) []string {
	s := v.scene
	under := 0
	row, ok := v.table.Selected()
	if ok && s.height >= 16 {
		under = 2
	}
	v.table.SetSize(s.width, max(room-under, 2))
	lines := strings.Split(v.table.View(s.theme), "\n")
	if !ok {
		next := s.key("view.tunnels") + " goes to the tunnels, " + s.key("tunnel.proxy") + " there starts one."
		if readOnly {
			next = "adit is read-only and starts none: that rotates a token."
		}
		copy(lines[min(2, len(lines)):], s.paragraph(ui.Plain, "No local proxies run. "+next, 3))
	}
	if under > 0 {
		r := v.rates.total(row.Tunnel)
		detail := []ui.Span{
			{Text: " " + row.target() + "  tunnel " + shortID(row.Tunnel.ID) + "  ", Tone: ui.Accent},
			{Text: s.theme.Symbols.Up + " " + ui.Rate(r.up()) + " ", Tone: ui.Plain}, {Text: s.theme.Sparkline(r.sent, 12), Tone: ui.Accent},
			{Text: "  " + s.theme.Symbols.Down + " " + ui.Rate(r.down()) + " ", Tone: ui.Plain}, {Text: s.theme.Sparkline(r.received, 12), Tone: ui.Accent},
		}
		if row.Err != nil {
			detail = append(detail, ui.Span{Text: "  " + client.Clean(row.Err.Error()), Tone: ui.Warn})
		}
		lines = append(lines, s.rule(), s.theme.Spans(s.width, detail...))
	}
	return lines
}

// tellStopped says, once, that a local proxy ended by itself.
func (a *app) tellStopped(proxies []session.Proxy) {
	states := map[client.Key]tunnelconn.State{}
	for _, p := range proxies {
		states[p.Tunnel] = p.State
		before, known := a.proxies.states[p.Tunnel]
		if !known || before == tunnelconn.Stopped || p.State != tunnelconn.Stopped || p.Err == nil {
			continue
		}
		target := proxyRow{Proxy: p}.target()
		if errors.Is(p.Err, tunnelconn.ErrReplaced) {
			a.toast(ui.Warn, "Someone else took the source of "+target+" at "+a.scene.clock(p.Since)+". adit will not fight back: "+
				a.scene.key(keymap.TunnelSSH)+" to choose.")
			continue
		}
		a.toast(ui.Bad, "The local proxy to "+target+" stopped: "+p.Err.Error())
	}
	a.proxies.states = states
}

// running counts the local proxies that have not stopped.
func (a *app) running() int {
	n := 0
	for _, p := range a.sessions.Proxies() {
		if p.State != tunnelconn.Stopped {
			n++
		}
	}
	return n
}

// stopProxy asks, and stops the selected proxy.
func (a *app) stopProxy() tea.Cmd {
	row, ok := a.proxies.table.Selected()
	if !ok {
		return nil
	}
	live := 0
	for _, s := range row.Services {
		live += s.Live
	}
	cut := "Nothing is connected through it."
	if live > 0 {
		cut = "This cuts " + plural(live, "connection", "connections") + "."
	}
	a.confirm(&ui.Dialog{
		Title:   "Stop the local proxy",
		Body:    []ui.Span{{Text: "Stop the local proxy to " + row.target() + " (tunnel " + shortID(row.Tunnel.ID) + ")? " + listens(row.Proxy) + cut + " The tunnel stays open.", Tone: ui.Plain}},
		Choices: []ui.Choice{{Key: "y", Label: "stop it", Answer: "yes", Danger: true}, {Key: "n", Label: "keep it", Answer: "cancel"}},
	}, func() tea.Cmd { return a.endProxy(row.Tunnel, row.target()) })
	return nil
}

// listens names every address that goes with a local proxy: the selected line shows one of them.
func listens(p session.Proxy) string {
	where := addressesOf(p)
	if len(where) == 0 {
		return ""
	}
	return "It listens on " + strings.Join(where, ", ") + ". "
}

func (a *app) endProxy(key client.Key, target string) tea.Cmd {
	running := a.sessions
	return func() tea.Msg {
		return changedMsg{done: "The local proxy to " + target + " is stopped.", err: running.StopProxy(key)}
	}
}
