package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// shellLifetime is what a tunnel opened for a shell lives at most where nobody chose a lifetime: a working session, not a
// day.
const shellLifetime = 4 * time.Hour

// sshService is the service that a shell goes through.
const sshService = "SSH"

// carriesSSH tells whether a shell can go through services; a tunnel without any carries everything.
func carriesSSH(services []string) bool {
	return len(services) == 0 || slices.Contains(services, sshService)
}

// withoutSSH says why there is no shell through a tunnel, and what there is instead.
func (a *app) withoutSSH(t client.Tunnel) string {
	return "The tunnel to " + label(t) + " carries " + client.Clean(strings.Join(rawServices(t.Services), ", ")) + " and no SSH: " +
		a.scene.key(keymap.TunnelProxy) + " starts a local proxy to it."
}

// needSSH is needOpen, and a tunnel that carries ssh.
func needSSH(a *app) string {
	if why := needOpen(a); why != "" {
		return why
	}
	if row, _ := a.selected(); !carriesSSH(rawServices(row.Services)) {
		return a.withoutSSH(row.Tunnel)
	}
	return ""
}

// shell takes the selected tunnel to a shell.
func (a *app) shell() tea.Cmd {
	row, _ := a.selected()
	return a.start(a.requestFor(row, session.ThenShell), rawServices(row.Services))
}

// requestFor asks for a way through a tunnel.
func (a *app) requestFor(row tunnelRow, then session.Then) session.Request {
	return session.Request{Service: a.service(row.Context), Key: row.Key, Thing: row.Thing.Raw(), Then: then}
}

func rawServices(texts []client.Text) []string {
	raw := make([]string, len(texts))
	for i, t := range texts {
		raw[i] = t.Raw()
	}
	return raw
}

// proxyShell takes the selected local proxy's tunnel to a shell.
func (a *app) proxyShell() tea.Cmd {
	row, _ := a.proxies.table.Selected()
	for _, known := range a.known.Rows {
		if known.Key == row.Tunnel {
			if !carriesSSH(rawServices(known.Services)) {
				a.toast(ui.Warn, "The tunnel to "+label(known.Tunnel)+" carries no SSH: use the address of its local proxy.")
				return nil
			}
			return a.start(a.requestFor(tunnelRow{Row: known}, session.ThenShell), rawServices(known.Services))
		}
	}
	services := make([]string, len(row.Services))
	for i, s := range row.Services {
		services[i] = s.Service
	}
	return a.start(session.Request{Service: a.serviceAt(row.Tunnel.Place()), Key: row.Tunnel, Thing: row.Thing}, services)
}

// takeOver asks before somebody is cut off.
func (a *app) takeOver(t *trip) tea.Cmd {
	busy, ok := t.busy()
	if !ok {
		return nil
	}
	who := "Somebody else, nobody knows who,"
	if busy.Holder != "" {
		who = busy.Holder + " (by the tunnel's tag)"
	}
	taking := who + " is connected as the source of the tunnel to " + t.progress.Target + " in " + t.request.Service.Context().Region + " and is cut off at once."
	if busy.Displaced && !busy.Connected {
		taking = "Someone else took the source of the tunnel to " + t.progress.Target + " in " + t.request.Service.Context().Region +
			" from this adit. Nobody is connected there now; who comes back is cut off."
	}
	a.askToTakeOver(t.request, t.services, t.progress.Target, taking)
	return nil
}

// askToTakeOver says who is cut off, and takes the source from them. In production the target must be typed out.
func (a *app) askToTakeOver(req session.Request, services []string, target, taking string) {
	where := req.Service.Context()
	ask := &ui.Dialog{
		Title: "Take " + target + " over",
		Body: []ui.Span{
			{Text: taking, Tone: ui.Warn},
			{Text: "A second tunnel leaves them alone, and is billed.", Tone: ui.Plain},
		},
		Choices: []ui.Choice{{Key: "n", Label: "leave them", Answer: "cancel"}, {Key: "y", Label: "take over", Answer: "yes", Danger: true}},
	}
	if where.Production {
		ask.Typed = target
	}
	a.confirm(where, ask, func() tea.Cmd {
		req.TakeOver = true
		return a.start(req, services)
	})
}

// openAnother asks before a tunnel is opened in place of one that cannot be used.
func (a *app) openAnother(t *trip) tea.Cmd {
	sentence, _ := explain(t.progress.Err)
	a.askToOpen(t.request, t.services, sentence, time.Time{})
	return nil
}

// askToOpen says what it costs and why it is needed, and opens a tunnel for what a request asks.
//
// A question that opens by itself says when, so that it takes no key meanwhile.
func (a *app) askToOpen(req session.Request, services []string, why string, byItself time.Time) {
	req, services, by := a.opening(req, services)
	in, where := req.Open, req.Service.Context()
	said := ui.Span{Text: why, Tone: ui.Dim}
	if a.presence(where.ThingKey(in.Thing)).State == client.PresenceNotSeen {
		a.askOffline(req, services, []ui.Span{said}, byItself, func() tea.Cmd { return nil })
		return
	}
	billed := "AWS bills every open."
	if n := a.opensToday(where); n > 0 {
		billed = "AWS bills every open; this is your " + ordinal(n+1) + " today."
	}
	a.confirm(where, &ui.Dialog{
		Title: "Open a new tunnel",
		Body: []ui.Span{
			{Text: "Open a new tunnel to " + in.Thing + " in " + where.Region + " for " + minutes(in.Lifetime) + by + "? " + billed},
			said,
		},
		Choices:  []ui.Choice{{Key: "n", Label: "no", Answer: "cancel"}, {Key: "y", Label: "open it (billed)", Answer: "yes", Danger: true}},
		OpenedAt: byItself,
	}, func() tea.Cmd { return a.start(req, services) })
}

// opening asks for a new tunnel instead of what a request asks for; by tells who chose its lifetime, "" for nobody.
func (a *app) opening(req session.Request, services []string) (_ session.Request, _ []string, by string) {
	if len(services) == 0 {
		services = a.defaults(req.Service.Context()).Services
	}
	if req.Then == session.ThenShell && !carriesSSH(services) {
		services = append([]string{sshService}, services[:min(len(services), mostServices-1)]...)
	}
	where := req.Service.Context()
	in := client.OpenInput{Thing: req.Thing, Services: services, Lifetime: shellLifetime}
	if d := a.defaults(where); d.LifetimeChosen {
		in.Lifetime, by = d.Lifetime, " (the lifetime of your settings)"
	}
	if req.Open != nil {
		in, by = *req.Open, ""
	}
	req.Open, req.Key, req.TakeOver, req.WhenOnline = &in, client.Key{}, false, false
	return req, services, by
}

func itoa(n int) string { return strconv.Itoa(n) }
