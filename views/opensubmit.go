package views

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// key reuses the open tunnel where there is one, or copies the command.
func (f *openForm) key(key tea.KeyPressMsg) (taken, done bool, then func() tea.Cmd) {
	b, _ := f.app.scene.keys.Lookup(key.String(), keymap.ScopeForm)
	switch b.Action {
	case keymap.FormCopy:
		return true, false, func() tea.Cmd { return f.app.clip("aws command", client.CommandOpen(f.where, f.input())) }
	case keymap.FormReuse:
		done, then = f.reuse()
		return true, done, then
	}
	return false, false, nil
}

// hints offer to reuse only where there is something to be reused.
func (f *openForm) hints() []hint {
	keys := f.app.scene.key
	hints := []hint{{keys(keymap.FormCopy), "copy"}}
	if _, found := f.reusable(); found {
		hints = append([]hint{{keys(keymap.FormReuse), "reuse"}}, hints...)
	}
	return hints
}

func (f *openForm) reuse() (bool, func() tea.Cmd) {
	row, found := f.reusable()
	if !found {
		f.app.toast(ui.Warn, "No open tunnel of this thing carries these services.")
		return false, nil
	}
	services := rawServices(row.Services)
	if f.wanted() == session.ThenShell && !carriesSSH(services) {
		f.app.toast(ui.Warn, f.app.withoutSSH(row.Tunnel))
		return false, nil
	}
	return true, func() tea.Cmd {
		f.app.tunnels.table.Select(row.Key)
		req := f.request(services)
		req.Key, req.Thing = row.Key, row.Thing.Raw()
		return f.app.start(req, services)
	}
}

// submit opens the tunnel. A thing that nobody ever saw may be a slip of the keys, and one that is not online may never
// hear of it, which is billed all the same: it is asked first, and the form comes back for a no.
func (f *openForm) submit(front *form) tea.Cmd {
	a, in := f.app, f.input()
	req := f.request(in.Services)
	req.Thing, req.Open = in.Thing, &in
	back := func() tea.Cmd { a.show(front); return nil }
	switch {
	case in.Thing == "":
		return a.start(req, in.Services)
	case a.presence(f.about()).State == client.PresenceNotSeen:
		a.askOffline(req, in.Services, nil, time.Time{}, back)
		return nil
	case a.seen[in.Thing]:
		return a.start(req, in.Services)
	}
	a.choose(f.where, &ui.Dialog{
		Title: "Open a tunnel to " + in.Thing,
		Body: []ui.Span{{Tone: ui.Warn, Text: in.Thing + " was never seen here: no tunnel of it is or was in this list. " +
			"A tunnel opened now is billed, and the device may never hear of it."}},
		Choices: []ui.Choice{{Key: "n", Label: "back to the form", Answer: "cancel"}, {Key: "y", Label: "open it (billed)", Answer: "yes", Danger: true}},
	}, func(answer string) tea.Cmd {
		if answer == "yes" {
			return a.start(req, in.Services)
		}
		return back()
	})
	return nil
}

// askOffline asks what to do about a thing that the registry does not see, before a tunnel to it is billed. back is for
// neither.
func (a *app) askOffline(req session.Request, services []string, why []ui.Span, byItself time.Time, back func() tea.Cmd) {
	thing, where := req.Open.Thing, req.Service.Context()
	text := thing + " is not connected to AWS IoT."
	if since := a.presence(where.ThingKey(thing)).Since; !since.IsZero() {
		text = thing + " was last seen at " + a.scene.clock(since) + "."
	}
	text += " A tunnel opened now is billed, and the device may never hear of it."
	if n := a.opensToday(where); n > 0 {
		text += " This is your " + ordinal(n+1) + " open today."
	}
	a.choose(where, &ui.Dialog{
		Title: thing + " is not online",
		Body:  append([]ui.Span{{Tone: ui.Warn, Text: text}}, why...),
		Choices: []ui.Choice{
			{Key: "o", Label: "open when it comes online", Answer: "wait"},
			{Key: "enter", Label: "open now (billed)", Answer: "yes"},
		},
		OpenedAt: byItself,
	}, func(answer string) tea.Cmd {
		switch answer {
		case "yes", "wait":
			req.WhenOnline = answer == "wait"
			return a.start(req, services)
		}
		return back()
	})
}
