package views

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

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

// failure is what went wrong last: with the link, or else with a connection of the line's service.
func (r proxyRow) failure() (error, time.Time) {
	switch {
	case r.Err != nil:
		return r.Err, cmp.Or(r.LastErrAt, r.Since)
	case r.service.LastErr != nil && r.service.LastErrAt.After(r.LastErrAt):
		return r.service.LastErr, r.service.LastErrAt
	}
	return r.LastErr, r.LastErrAt
}

// proxiesView lists the running local proxies and keeps their rates.
type proxiesView struct {
	scene *scene
	table *ui.Table[proxyKey, proxyRow]
	rates rates
	// all are the proxies as they were last sampled.
	all []session.Proxy
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
		{ID: "sending", Title: "", Min: 6, Max: 6, Priority: 9, Cell: func(r proxyRow) ui.Cell { return v.spark(v.rates.of(r.key()).sent) }},
		{ID: "down", Title: "RECV/S", Min: 9, Max: 9, Priority: 6, Right: true, Cell: plain(func(r proxyRow) string { return ui.Rate(v.rates.of(r.key()).down()) })},
		{ID: "receiving", Title: "", Min: 6, Max: 6, Priority: 9, Cell: func(r proxyRow) ui.Cell { return v.spark(v.rates.of(r.key()).received) }},
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
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
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

func (v *proxiesView) spark(values []float64) ui.Cell {
	return text(ui.Accent, v.scene.theme.Sparkline(values, 6))
}

func (v *proxiesView) lastError(r proxyRow) ui.Cell {
	if err, at := r.failure(); err != nil {
		return text(ui.Warn, v.scene.clock(at)+" "+client.Clean(err.Error()))
	}
	return nil
}

func (v *proxiesView) fill(proxies []session.Proxy) {
	v.all = proxies
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
		if err, at := row.failure(); err != nil {
			detail = append(detail, ui.Span{Text: "  " + s.clock(at) + " " + client.Clean(err.Error()), Tone: ui.Warn})
		}
		lines = append(lines, s.rule(), s.theme.Spans(s.width, detail...))
	}
	return lines
}

// tellStopped says, once, that a local proxy ended by itself.
func (a *app) tellStopped(proxies []session.Proxy) {
	states := map[client.Key]tunnelconn.State{}
	for key := range a.proxies.states {
		if !a.displaced(key) {
			a.toasts.Drop(takenToast(key))
		}
	}
	for _, p := range proxies {
		states[p.Tunnel] = p.State
		before, known := a.proxies.states[p.Tunnel]
		if !known || before == tunnelconn.Stopped || p.State != tunnelconn.Stopped || p.Err == nil {
			continue
		}
		target := proxyRow{Proxy: p}.target()
		if errors.Is(p.Err, tunnelconn.ErrReplaced) {
			a.alertBlurred("someone else took the source of " + target)
			a.toasts.Replace(takenToast(p.Tunnel), ui.Warn, client.Clean("Someone else took the source of "+target+" at "+a.scene.clock(p.Since)+
				". adit will not fight back: "+a.scene.key(keymap.TunnelSSH)+" to choose."), a.scene.now)
			continue
		}
		a.toast(ui.Bad, "The local proxy to "+target+" stopped: "+p.Err.Error())
		a.alertBlurred("the local proxy to " + target + " stopped")
	}
	a.proxies.states = states
}

// takenToast is the kind of the notice that somebody else took a tunnel's source.
func takenToast(key client.Key) string { return "taken " + key.ID }

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
	cut := cuts(row.Proxy)
	where := a.serviceAt(row.Tunnel.Place()).Context()
	a.confirm(where, &ui.Dialog{
		Title:   "Stop the local proxy",
		Body:    []ui.Span{{Text: "Stop the local proxy to " + row.target() + " (tunnel " + shortID(row.Tunnel.ID) + ", " + where.Region + ")? " + listens(row.Proxy) + cut + " The tunnel stays open.", Tone: ui.Plain}},
		Choices: []ui.Choice{{Key: "n", Label: "keep it", Answer: "cancel"}, {Key: "y", Label: "stop it", Answer: "yes", Danger: true}},
	}, func() tea.Cmd { return a.endProxy(row.Tunnel, row.target()) })
	return nil
}

// cuts says what ends with a local proxy.
func cuts(p session.Proxy) string {
	n := live(p)
	if n == 0 {
		return "Nothing is connected through it."
	}
	return "This cuts " + plural(n, "connection", "connections") + "."
}

// live counts the connections through a local proxy.
func live(p session.Proxy) int {
	n := 0
	for _, s := range p.Services {
		n += s.Live
	}
	return n
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
