package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// Login is a login that takes the terminal for a while, such as `aws sso login`.
type Login struct {
	// Run does it; nil where it cannot be run here.
	Run tea.ExecCommand
	// Note is a sentence about it: why it cannot be run, or that it shows a code for a browser elsewhere. "" for none.
	Note string
}

type loggedInMsg struct{ err error }

type renewedMsg struct {
	epoch   uint64
	backend *Backend
	err     error
}

// loginFor is the login that mends an error; empty where none does.
func (a *app) loginFor(err error) Login {
	words := loginWords(err)
	if words == nil || a.opts.Contexts == nil || a.opts.Contexts.Login == nil {
		return Login{}
	}
	return a.opts.Contexts.Login(words)
}

// loggedOut is what fails for want of a login: what is being tried, else the first of the places shown. Nil where all are
// logged in.
func (a *app) loggedOut() error {
	if a.front == keymap.ScopeConnect && a.trial != nil {
		if client.LoggedOut(a.trial.err) {
			return a.trial.err
		}
		return nil
	}
	if a.connection.backend == nil {
		return nil
	}
	for _, f := range a.connection.backend.Failed {
		if client.LoggedOut(f.Err) {
			return f.Err
		}
	}
	for _, c := range a.snapshot.Contexts {
		if client.LoggedOut(c.Err) {
			return c.Err
		}
	}
	return nil
}

func needLoggedOut(a *app) string {
	err := a.loggedOut()
	switch {
	case err == nil:
		return "No login has expired here."
	case a.front == keymap.ScopeConnect && a.loginFor(err).Run == nil:
		return "adit cannot run this login here: run the command elsewhere, then " + a.scene.key(keymap.ConnectRetry) + " tries again."
	}
	return ""
}

// login hands the terminal to the login, and tries again after it. One that cannot be run here may have been run elsewhere.
func (a *app) login() tea.Cmd {
	login := a.loginFor(a.loggedOut())
	if login.Run == nil {
		return a.tryAgain()
	}
	return a.exec(login.Run, func(err error) tea.Msg { return loggedInMsg{err} })
}

func (a *app) loggedIn(msg loggedInMsg) tea.Cmd {
	if msg.err != nil {
		a.fail(msg.err)
		return a.rearm()
	}
	return tea.Batch(a.tryAgain(), a.rearm())
}

// tryAgain connects once more what could not be connected, or else renews in place what is shown.
func (a *app) tryAgain() tea.Cmd {
	if a.front == keymap.ScopeConnect && a.trial != nil {
		return a.connect(a.trial.open, a.trial.trying)
	}
	return a.renew()
}

// renew logs in again to the places shown. Nothing is lost: rows, marks, shells and local proxies stay.
func (a *app) renew() tea.Cmd {
	if a.opts.Contexts == nil || len(a.connection.backend.Places) == 0 {
		return nil
	}
	ctx, epoch, places, open := a.connection.ctx, a.connection.epoch, a.connection.backend.Places, a.opts.Contexts.Open
	a.tell(keymap.AppLogin, ui.Plain, "Logging in again"+a.scene.theme.Symbols.Ellipsis)
	return func() tea.Msg {
		backend, err := open(ctx, places)
		return renewedMsg{epoch, backend, err}
	}
}

func (a *app) renewed(msg renewedMsg) {
	if msg.epoch != a.connection.epoch {
		a.dirty = false
		return
	}
	a.stopAsking()
	if msg.err != nil {
		sentence, _ := explain(msg.err)
		a.tell(keymap.AppLogin, ui.Bad, sentences(sentence, advice(msg.err)))
		return
	}
	a.use(msg.backend)
	a.tunnels.contexts = a.contexts()
	a.tunnels.rearrange(a.arrangement.Columns)
	a.things.table.SetColumns(a.things.columns())
	a.receive(msg.backend.Watcher.Snapshot())
	a.refill()
	msg.backend.Watcher.Refresh()
	if len(msg.backend.Failed) == 0 {
		a.tell(keymap.AppLogin, ui.Good, "Logged in. The lists are being brought up to date.")
	} else {
		sentence, _ := explain(msg.backend.Failed[0].Err)
		a.tell(keymap.AppLogin, ui.Bad, sentences(sentence, advice(msg.backend.Failed[0].Err)))
	}
}
