package views

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
)

// proxyDetail shows the link of the selected local proxy, its services and each connection through it.
func (a *app) proxyDetail() tea.Cmd {
	row, _ := a.proxies.table.Selected()
	p, over := row.Proxy, false
	a.show(&detail{title: "Local proxy to " + row.target(), write: func(s *scene, width int) []string {
		if now, ok := a.proxies.proxy(p.Tunnel); ok {
			p, over = now, false
		} else {
			over = true
		}
		lines := a.linkFacts(s, p, over, width)
		for _, service := range p.Services {
			lines = append(lines, a.serviceFacts(s, p, service, width)...)
		}
		return lines
	}})
	return nil
}

// linkFacts tell of the one WebSocket that all connections share.
func (a *app) linkFacts(s *scene, p session.Proxy, over bool, width int) []string {
	var lines []string
	say := func(name string, tone ui.Tone, text string) {
		if text != "" {
			lines = append(lines, s.fact(width, name, ui.Span{Text: text, Tone: tone})...)
		}
	}
	say("tunnel", ui.Plain, client.Clean(p.Tunnel.ID))
	state := a.proxies.state(proxyRow{Proxy: p})
	since := " since " + s.moment(p.Since)
	if over {
		state, since = text(ui.Dim, "ended, and is no longer listed"), ""
	}
	say("state", state[0].Tone, state[0].Text+since+", "+plural(p.Reconnects, "reconnect", "reconnects"))
	if err := p.Err; err != nil {
		say("why", ui.Warn, client.Clean(err.Error()))
	} else if p.LastErr != nil {
		say("last error", ui.Warn, s.moment(p.LastErrAt)+" "+client.Clean(p.LastErr.Error()))
	}
	if p.Peer != tunnelconn.Auto {
		say("device", ui.Plain, fmt.Sprintf("speaks %v", p.Peer))
	}
	var link []string
	if p.RoundTrip > 0 {
		link = append(link, milliseconds(p.RoundTrip))
	}
	if p.Window > 0 {
		link = append(link, fmt.Sprintf("window %s, %s on their way", ui.Bytes(uint64(p.Window)), ui.Bytes(uint64(p.InFlight))))
	}
	if p.Rate > 0 {
		link = append(link, "measured "+ui.Rate(p.Rate))
	}
	say("round trip", ui.Plain, strings.Join(link, ", "))
	say("channel", ui.Dim, client.Clean(p.ChannelID))
	r := a.proxies.rates.total(p.Tunnel)
	return append(lines, s.traffic(width, "all", sums(p), r))
}

// volume is what went each way.
type volume struct{ sent, received uint64 }

func sums(p session.Proxy) (v volume) {
	for _, service := range p.Services {
		v.sent += service.Sent
		v.received += service.Received
	}
	return v
}

// traffic is a line of totals, rates and their recent past.
func (s *scene) traffic(width int, name string, v volume, r *rate) string {
	sy := s.theme.Symbols
	return s.theme.Spans(width,
		ui.Span{Text: ui.Fit(name, factWidth, ""), Tone: ui.Dim},
		ui.Span{Text: fmt.Sprintf("%s %8s %10s ", sy.Up, ui.Bytes(v.sent), ui.Rate(r.up()))}, ui.Span{Text: s.theme.Sparkline(r.sent, 12), Tone: ui.Accent},
		ui.Span{Text: fmt.Sprintf("  %s %8s %10s ", sy.Down, ui.Bytes(v.received), ui.Rate(r.down()))}, ui.Span{Text: s.theme.Sparkline(r.received, 12), Tone: ui.Accent})
}

// serviceFacts tell of one service and of each connection to it, the oldest first.
func (a *app) serviceFacts(s *scene, p session.Proxy, service tunnelconn.ServiceStatus, width int) []string {
	name := client.Clean(service.Service)
	if name == "" {
		name = "everything"
	}
	at := " at " + service.Address
	if service.Address == "" {
		at = ", for ssh only"
	}
	lines := s.heading(width, name+at)
	if service.Address != "" && !loopback(service.Address) {
		lines = append(lines, s.theme.Spans(width, ui.Span{Text: s.theme.Symbols.Warning + " Others on the network can use it.", Tone: ui.Bad}))
	}
	counts := fmt.Sprintf("%d open, %d in all, %d refused", service.Live, service.Total, service.Refused)
	if service.Overflowed > 0 {
		counts += fmt.Sprintf(", %d cut because they took nothing", service.Overflowed)
	}
	lines = append(lines, s.fact(width, "connected", ui.Span{Text: counts})...)
	lines = append(lines, s.traffic(width, "all", volume{service.Sent, service.Received}, a.proxies.rates.of(proxyKey{p.Tunnel, service.Service})))
	if service.LastErr != nil {
		lines = append(lines, s.fact(width, "last error", ui.Span{Text: s.moment(service.LastErrAt) + " " + client.Clean(service.LastErr.Error()), Tone: ui.Warn})...)
	}
	for _, c := range service.Connections {
		lines = append(lines, a.connectionFacts(s, p.Tunnel, c, width)...)
	}
	return lines
}

// quietLimit is how long the other side may leave what was sent to it unanswered before the screen says so. It may well be
// at work; that it is gone shows in nothing else.
const quietLimit = 10 * time.Second

func (a *app) connectionFacts(s *scene, tunnel client.Key, c tunnelconn.ConnectionStatus, width int) []string {
	from := c.LocalPeer
	if from == "" {
		from = "adit's own ssh"
	}
	about := from + "  since " + s.moment(c.Since) + " (" + ui.Age(max(s.now.Sub(c.Since), time.Duration(0))) + ")"
	if c.Outgoing > 0 || c.Incoming > 0 {
		about += fmt.Sprintf("  waiting %s %s %s %s", s.theme.Symbols.Up, ui.Bytes(uint64(c.Outgoing)), s.theme.Symbols.Down, ui.Bytes(uint64(c.Incoming)))
	}
	if c.HalfClosed {
		about += "  half closed: waits for the answer"
	}
	last := c.Since
	if c.Heard.After(last) {
		last = c.Heard
	}
	if quiet := s.now.Sub(last); c.Asked.After(last) && quiet > quietLimit {
		about += "  nothing from the device for " + ui.Age(quiet)
	}
	lines := s.fact(width, fmt.Sprintf("  #%d", c.ID), ui.Span{Text: client.Clean(about)})
	return append(lines, s.traffic(width, "", volume{c.Sent, c.Received}, kept(a.proxies.rates.connections, connectionKey{tunnel, c.ID})))
}

// proxy is a listed local proxy as it was last sampled.
func (v *proxiesView) proxy(key client.Key) (session.Proxy, bool) {
	for _, p := range v.all {
		if p.Tunnel == key {
			return p, true
		}
	}
	return session.Proxy{}, false
}
