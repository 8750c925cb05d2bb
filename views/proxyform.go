package views

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// proxyForm asks for the local port of each service of the selected tunnel.
func (a *app) proxyForm() tea.Cmd {
	row, _ := a.selected()
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
	f := ui.NewForm("local port of each service, on 127.0.0.1", fields...)
	lines := []ui.Span{{Text: "This rotates the source token, which is free.", Tone: ui.Dim}}
	if row.Source.Connected {
		lines = append(lines, ui.Span{Text: "The source of this tunnel is in use; adit asks before it cuts anybody off.", Tone: ui.Warn})
	}
	f.Footer(lines)
	a.show(&form{
		title: "Local proxy to " + label(row.Tunnel), form: f, height: 2 + len(services) + 4,
		submit: func() tea.Cmd {
			req := a.requestFor(row, session.ThenProxy)
			req.Bind = map[string]string{}
			for i, service := range services {
				req.Bind[service] = bindTo(ports[i].Value())
			}
			return a.start(req, services)
		},
	})
	return nil
}
