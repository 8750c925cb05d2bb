package views

import (
	"errors"
	"net"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// proxyForm asks for the local port of each service of the selected tunnel.
func (a *app) proxyForm() tea.Cmd {
	row, _ := a.selected()
	return a.proxyFormFor(row)
}

func (a *app) proxyFormFor(row tunnelRow) tea.Cmd {
	if row.proxy != nil {
		a.toast(ui.Warn, "A local proxy to "+label(row.Tunnel)+" runs already. "+a.scene.key("view.proxies")+" shows it.")
		return nil
	}
	services := rawServices(row.Services)
	if len(services) == 0 {
		// A tunnel without services carries everything under the empty name.
		services = []string{""}
	}
	ports := make([]*ui.TextField, len(services))
	fields := make([]ui.Field, len(services))
	for i, service := range services {
		name := client.Clean(service)
		if name == "" {
			name = "everything"
		}
		ports[i] = proposed("port "+service, name, "auto", "a number, or auto", func(port string) error {
			for j, other := range ports[:i] {
				if bindTo(port) == bindTo(other.Value()) && bindTo(port) != bindTo("") {
					return errors.New("This is the port of " + client.Clean(services[j]) + " already.")
				}
			}
			return validatePort(port)
		})
		fields[i] = ports[i]
	}
	host := proposed("host", "Listen on", "127.0.0.1", "an address of this computer", validateHost)
	f := ui.NewForm("local port of each service", append(fields, host)...)
	lines := []ui.Span{{Text: "This rotates the source token, which is free.", Tone: ui.Dim}}
	if row.Source.Connected {
		lines = append(lines, ui.Span{Text: "The source of this tunnel is in use; adit asks before it cuts anybody off.", Tone: ui.Warn})
	}
	warn := func() {
		footer := slices.Clone(lines)
		if at := bindAt(host.Value(), ""); host.Err() == nil && !loopback(at) {
			footer = append(footer, ui.Span{Text: a.scene.theme.Symbols.Warning + " " + beyond(row, host.Value()), Tone: ui.Bad})
		}
		f.Footer(footer)
	}
	warn()
	start := func() tea.Cmd {
		req := a.requestFor(row, session.ThenProxy)
		req.Bind = map[string]string{}
		for i, service := range services {
			req.Bind[service] = bindAt(host.Value(), ports[i].Value())
		}
		return a.start(req, services)
	}
	a.show(&form{
		title: "Local proxy to " + label(row.Tunnel), form: f, height: 3 + len(services) + 6, refresh: warn,
		submit: func() tea.Cmd {
			if loopback(bindAt(host.Value(), "")) {
				return start()
			}
			a.confirm(row.Context, beyondQuestion(row, strings.TrimSpace(host.Value())), start)
			return nil
		},
	})
	return nil
}

// validateHost checks the address to listen on as it is typed.
func validateHost(host string) error {
	if host = strings.TrimSpace(host); host != "localhost" && net.ParseIP(host) == nil {
		return errors.New("Give an IP address of this computer, or localhost.")
	}
	return nil
}

// beyond says what listening on more than loopback means.
func beyond(row tunnelRow, host string) string {
	return "Beyond loopback: whoever reaches " + client.Clean(strings.TrimSpace(host)) + " on the network reaches " + label(row.Tunnel) + " through it, without being asked who they are."
}

// beyondQuestion has the address typed again before others are let in.
func beyondQuestion(row tunnelRow, host string) *ui.Dialog {
	return &ui.Dialog{
		Title: "Listen beyond loopback",
		Body:  []ui.Span{{Text: beyond(row, host), Tone: ui.Bad}, {Text: "Tunnel " + shortID(row.Key.ID) + ", " + row.Context.Region + ". It listens until the proxy is stopped."}},
		Typed: host,
		Choices: []ui.Choice{
			{Key: "n", Label: "no", Answer: "cancel"}, {Key: "enter", Label: "let others in", Answer: "yes", Danger: true},
		},
	}
}
