package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// Aim is a thing to whose shell the screen goes by itself, once, when it is connected. When that shell has ended it asks
// whether to quit.
type Aim struct {
	// Thing is its raw name.
	Thing string
	// WhenOnline waits until the registry says that the thing is online. It agrees to open one tunnel then, which is billed,
	// where none can be reused.
	WhenOnline bool
}

// takeAim begins the way to the thing aimed at.
func (a *app) takeAim() tea.Cmd {
	aim := a.opts.Aim
	if aim == nil {
		return nil
	}
	a.opts.Aim = nil
	if a.withheld(keymap.ThingSSH) {
		a.toast(ui.Warn, "adit is read-only: it starts no shell, since that rotates a token.")
		return nil
	}
	a.aimed = true
	return a.start(session.Request{
		Service: a.service(a.context()), Thing: aim.Thing, Then: session.ThenShell, WhenOnline: aim.WhenOnline,
	}, nil)
}

// afterAim asks whether to quit when the shell that was aimed at has ended; what was opened for it can be closed then.
func (a *app) afterAim() tea.Cmd {
	if !a.aimed {
		return nil
	}
	a.aimed = false
	return a.askToQuit(a.scene.now)
}
