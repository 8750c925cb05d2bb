package views

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// windowOpenedMsg: a shell was put into a window of its own, or not.
type windowOpenedMsg struct {
	target string
	err    error
}

// windowsClosedMsg: the windows that shells were opened in are closed, or not all of them. then goes on to quit.
type windowsClosedMsg struct {
	err  error
	then func() tea.Cmd
}

// closeWindows closes them, and goes on.
func (a *app) closeWindows(then func() tea.Cmd) tea.Cmd {
	ctx, running := a.ctx, a.sessions
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		return windowsClosedMsg{running.CloseWindows(ctx), then}
	}
}

// windowsClosed goes on, or stays where a window could not be closed.
func (a *app) windowsClosed(msg windowsClosedMsg) tea.Cmd {
	a.sample()
	if msg.err != nil {
		a.fail(msg.err)
		return nil
	}
	return msg.then()
}

// shellIn takes the selected tunnel to a shell in a window or pane of tmux.
func (a *app) shellIn(where session.Window) tea.Cmd {
	cmd := a.shell()
	if a.trip != nil {
		a.trip.window = &where
	}
	return cmd
}

// needWindow is needSSH, and tmux.
func needWindow(a *app) string {
	if !a.opts.Tmux {
		return "adit does not run in tmux, so that it cannot open a window."
	}
	return needSSH(a)
}

// openWindow puts a shell that is ready into its window. The screen stays.
func (a *app) openWindow(shell *session.Shell, where session.Window, target string) tea.Cmd {
	open := a.open
	return func() tea.Msg { return windowOpenedMsg{target, open(shell, where)} }
}

func (a *app) windowOpened(msg windowOpenedMsg) {
	a.sample()
	if msg.err != nil {
		a.fail(msg.err)
		return
	}
	a.toast(ui.Good, "The shell on "+client.Clean(msg.target)+" runs in a window of its own.")
}
