package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// press sends a key to the front scope: the overlay on top, else the view, else what holds everywhere.
func (a *app) press(key tea.KeyPressMsg) tea.Cmd {
	if n := len(a.overlays); n > 0 {
		// Whatever has the keyboard, these two must work; a plain letter is text.
		if b, ok := a.scene.keys.Lookup(key.String(), keymap.ScopeGlobal); ok && key.Text == "" &&
			(b.Action == keymap.AppQuit || b.Action == keymap.AppSuspend) {
			return a.run(b.Action)
		}
		heard, ok := a.rebound(a.overlays[n-1], key)
		if !ok {
			a.dirty = false
			return nil
		}
		return a.answer(heard)
	}
	if a.filtering() && a.typeFilter(key) {
		a.refill()
		return nil
	}
	if a.front == keymap.ScopeThings && a.things.search.typing && a.things.search.press(key) {
		a.refillThings()
		return nil
	}
	binding, ok := a.scene.keys.Lookup(key.String(), a.front, keymap.ScopeGlobal)
	switch {
	case ok && a.tooEarly(binding.Action):
		return nil
	case ok:
		return a.run(binding.Action)
	case key.String() == "esc" && a.front == keymap.ScopeTunnels && a.tunnels.table.Ranging():
		a.tunnels.table.EndRange()
		return nil
	case key.String() == "esc" && a.front == keymap.ScopeTunnels && a.tunnels.finding.text() != "":
		a.tunnels.finding.set("")
		a.refill()
		return nil
	case key.String() == "esc" && a.front == keymap.ScopeTunnels && a.tunnels.table.MarkCount() > 0:
		a.unmark()
		return nil
	case key.String() == "esc" && a.front == keymap.ScopeThings && a.things.search.text != "":
		a.things.search = search{}
		a.refillThings()
		return nil
	}
	a.dirty = false
	return nil
}

// tooEarly tells whether a key came so soon after a login failed that it was meant for the screen before.
func (a *app) tooEarly(name keymap.Action) bool {
	switch name {
	case keymap.AppQuit, keymap.AppSuspend, keymap.ConnectBack:
		return false
	}
	return a.front == keymap.ScopeConnect && a.trial != nil && a.trial.quiet.Holds(a.scene.now)
}

func (a *app) paste(msg tea.PasteMsg) tea.Cmd {
	if len(a.overlays) > 0 {
		return a.answer(msg)
	}
	if a.filtering() && a.typeFilter(msg) {
		a.refill()
	}
	if a.front == keymap.ScopeThings && a.things.search.typing {
		a.things.search.text += oneLine(msg.Content)
		a.refillThings()
	}
	return nil
}

// filtering tells whether what is typed goes into the filter of the list.
func (a *app) filtering() bool { return a.front == keymap.ScopeTunnels && a.tunnels.finding.editing }

// answer gives a key to the overlay on top. One that is over is gone before its answer is carried out, so that the
// answer may open the next.
func (a *app) answer(msg tea.Msg) tea.Cmd {
	top := a.overlays[len(a.overlays)-1]
	done, then := top.update(msg, a.scene)
	if done {
		a.drop(top)
	}
	if then == nil {
		return nil
	}
	return then()
}

// refusalToast is the kind of the notice that says why an action cannot run.
const refusalToast = "refusal"

// run carries an action out, or says why it cannot be.
func (a *app) run(name keymap.Action) tea.Cmd {
	act, ok := perform(name)
	if !ok {
		return nil
	}
	// Why something else could not run is read by now.
	a.toasts.Drop(refusalToast)
	if why := a.disabled(name); why != "" {
		a.toasts.Drop(string(name)) // what was said about it before
		a.toasts.Replace(refusalToast, ui.Warn, client.Clean(why), a.scene.now)
		return nil
	}
	return act.run(a)
}

// disabled says why an action cannot run now, "" when it can.
func (a *app) disabled(name keymap.Action) string {
	act, _ := perform(name)
	if act.connected && a.connection.backend == nil {
		return "adit is not connected yet."
	}
	if a.withheld(name) {
		return "adit is read-only: it changes nothing at the service."
	}
	if act.why != nil {
		if why := act.why(a); why != "" {
			return why
		}
	}
	if act.connected {
		return a.denied(name)
	}
	return ""
}

// withheld tells whether an action changes something at the service, where nothing may be. A way to a device does, too: it
// rotates a token. What stops a local proxy changes only what is here.
func (a *app) withheld(name keymap.Action) bool {
	if !a.readOnly() {
		return false
	}
	b, _ := a.scene.keys.Binding(name)
	return (b.Scope == keymap.ScopeTunnels || b.Scope == keymap.ScopeThings) && b.Danger != keymap.Safe || name == keymap.ProxySSH || name == keymap.ProxyRestart
}

// readOnly tells whether nothing may be changed where an action would begin.
func (a *app) readOnly() bool {
	return a.opts.ReadOnly || a.connection.backend != nil && a.context().ReadOnly
}

// onlyRead tells whether nothing may be changed in any of the contexts shown.
func (a *app) onlyRead() bool {
	contexts := a.contexts()
	return a.opts.ReadOnly || len(contexts) > 0 && !slices.ContainsFunc(contexts, func(c client.Context) bool { return !c.ReadOnly })
}

// overlay is in front of the view and takes every key until it is over.
type overlay interface {
	// update takes a key or pasted text; done tells that the overlay is over, then is what the app is to carry out.
	update(msg tea.Msg, s *scene) (done bool, then func() tea.Cmd)
	// view draws the box, and places the cursor in it where something is typed.
	view(s *scene) (box string, cursor *tea.Cursor)
	// hints are the keys that the hint bar shows, nil where the box says them itself.
	hints(s *scene) []hint
}

func (a *app) show(o overlay) { a.overlays = append(a.overlays, o) }

func (a *app) drop(o overlay) {
	for i, other := range a.overlays {
		if other == o {
			a.overlays = append(a.overlays[:i:i], a.overlays[i+1:]...)
			return
		}
	}
}
