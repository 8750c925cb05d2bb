package views

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// trip is the attempt under way, as an overlay with its stages. There is one at a time; its number tells an answer of an
// older one apart.
type trip struct {
	app      *app
	number   uint64
	attempt  attempt
	request  session.Request
	progress session.Progress
	services []string
	turn     int
	notice   string
	// opened: the tunnel was opened, billed, for this attempt or for one that it goes on with.
	opened  bool
	started time.Time
	// quiet begins when the attempt fails: a key that was meant for something else must not choose what to do about it.
	quiet ui.Quiet
	// window is where the shell opens, nil for here.
	window *session.Window
}

type progressMsg struct {
	epoch, number uint64
	progress      session.Progress
	err           error
}

type resentMsg struct {
	epoch, number uint64
	err           error
}

type shellEndedMsg struct {
	key    client.Key
	target string
	code   int
	err    error
}

// start begins an attempt in place of the one shown. services are those of the tunnel, for one opened in its place. Where
// adit was displaced, whoever has the source now is cut off only by somebody who says so.
func (a *app) start(req session.Request, services []string) tea.Cmd {
	if req.Open == nil && !req.TakeOver && a.displaced(req.Key) {
		a.chooseAgain(req, services)
		return nil
	}
	a.trips++
	t := &trip{app: a, number: a.trips, request: req, services: services, opened: req.Open != nil, started: a.scene.now}
	if before := a.trip; before != nil {
		before.attempt.Cancel()
		t.window = before.window
		a.drop(before)
		t.opened = t.opened || before.opened && before.progress.Key == req.Key
	}
	t.attempt = a.sessions.Start(a.connection.ctx, req)
	t.progress = t.attempt.Progress()
	a.trip = t
	a.show(t)
	return tea.Batch(a.awaitProgress(), a.rearm())
}

// awaitProgress is the one command that waits for the attempt; it is armed again when it has delivered.
func (a *app) awaitProgress() tea.Cmd {
	ctx, epoch, t, seen := a.connection.ctx, a.connection.epoch, a.trip, a.trip.progress.Seq
	number, attempt := t.number, t.attempt
	return func() tea.Msg {
		progress, err := attempt.Next(ctx, seen)
		return progressMsg{epoch, number, progress, err}
	}
}

// current tells whether an answer belongs to the attempt shown.
func (a *app) current(epoch, number uint64) bool {
	return a.trip != nil && epoch == a.connection.epoch && number == a.trip.number
}

func (a *app) progressed(msg progressMsg) tea.Cmd {
	if !a.current(msg.epoch, msg.number) || msg.err != nil {
		a.dirty = false
		return nil
	}
	t := a.trip
	t.progress = msg.progress
	if msg.progress.Done {
		t.notice = "" // it was about what was under way
		t.quiet = ui.NewQuiet(a.scene.now)
	}
	if msg.progress.Key != (client.Key{}) {
		a.tunnels.table.Select(msg.progress.Key)
	}
	a.sample()
	if !msg.progress.Done {
		return a.awaitProgress()
	}
	return tea.Batch(a.attempted(t, msg), a.recall())
}

// attempted goes on after the end of an attempt.
func (a *app) attempted(t *trip, msg progressMsg) tea.Cmd {
	var nothing *session.NothingToReuseError
	if errors.As(msg.progress.Err, &nothing) {
		a.leave(t)
		if t.request.WhenOnline {
			// Who waits for a thing without naming a tunnel has agreed to one.
			req, services, _ := a.opening(t.request, t.services)
			return a.start(req, services)
		}
		// There is one way to go on, and it is billed: it is asked for at once.
		a.askToOpen(t.request, t.services, nothing.Error(), a.scene.now)
		return nil
	}
	if msg.progress.Err != nil || msg.progress.Note != "" {
		return nil
	}
	a.leave(t)
	if shell := msg.progress.Shell; shell != nil && t.window != nil {
		return a.openWindow(shell, *t.window, msg.progress.Target)
	} else if shell != nil {
		return a.runShell(shell, msg.progress)
	}
	a.toast(ui.Good, a.arrived(t))
	return nil
}

// leave takes the attempt off the screen.
func (a *app) leave(t *trip) {
	a.drop(t)
	a.trip = nil
}

// arrived says what an attempt without a shell came to.
func (a *app) arrived(t *trip) string {
	if t.request.Then == session.ThenNothing {
		return "The tunnel to " + t.progress.Target + " is open and the device is connected."
	}
	for _, p := range a.sessions.Proxies() {
		if p.Tunnel != t.progress.Key {
			continue
		}
		var where []string
		for _, s := range p.Services {
			if s.Address != "" {
				where = append(where, s.Service+" at "+s.Address)
			}
		}
		return "The local proxy to " + t.progress.Target + " runs: " + strings.Join(where, ", ") + "."
	}
	return "The local proxy to " + t.progress.Target + " runs."
}

// runShell hands the terminal to ssh. Afterwards the screen is back on the same row, and says how it ended.
func (a *app) runShell(shell *session.Shell, progress session.Progress) tea.Cmd {
	return a.exec(shell, func(err error) tea.Msg {
		return shellEndedMsg{progress.Key, progress.Target, shell.ExitCode(), err}
	})
}

// interrupted is what a shell exits with whose last command was ended by ctrl+c: 128 and SIGINT. Nothing is wrong then.
const interrupted = 130

func (a *app) shellEnded(msg shellEndedMsg) tea.Cmd {
	a.tunnels.table.Select(msg.key)
	a.connection.backend.Watcher.Refresh(msg.key)
	a.sample()
	switch {
	case msg.err != nil:
		a.fail(msg.err)
	case msg.code == interrupted:
		a.toast(ui.Plain, "The shell on "+msg.target+" ended after ctrl+c (130).")
	case msg.code != 0:
		a.toast(ui.Warn, "The shell on "+msg.target+" ended with exit status "+itoa(msg.code)+".")
	default:
		a.toast(ui.Good, "The shell on "+msg.target+" ended (0).")
	}
	return tea.Batch(a.rearm(), a.afterAim())
}

func (a *app) resent(msg resentMsg) tea.Cmd {
	if !a.current(msg.epoch, msg.number) {
		a.dirty = false
		return nil
	}
	a.trip.notice = "The device's token was sent again."
	if msg.err != nil {
		sentence, remedy := explain(msg.err)
		a.trip.notice = strings.TrimSpace(sentence + " " + remedy)
	}
	return nil
}

// running tells whether something turns.
func (t *trip) running() bool { return !t.progress.Done }

func (t *trip) update(msg tea.Msg, s *scene) (bool, func() tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false, nil
	}
	b, ok := s.keys.Lookup(key.String(), keymap.ScopeDialog)
	if !ok {
		return false, nil
	}
	if b.Action != keymap.DialogCancel && t.quiet.Holds(s.now) {
		return false, nil
	}
	if why := t.disabled(b.Action); why != "" {
		t.notice = why
		return false, nil
	}
	return t.run(b.Action)
}

func (t *trip) run(name keymap.Action) (bool, func() tea.Cmd) {
	a := t.app
	switch name {
	case keymap.DialogCancel:
		t.attempt.Cancel()
		return true, func() tea.Cmd {
			a.leave(t)
			if left := a.leftBehind(t); left != "" {
				a.toast(ui.Plain, left)
			}
			return nil
		}
	case keymap.AttemptRetry:
		if t.progress.Err == nil {
			return true, func() tea.Cmd { a.leave(t); return nil }
		}
		return false, func() tea.Cmd { return a.retry(t) }
	case keymap.AttemptResend:
		return false, func() tea.Cmd { return a.resend(t) }
	case keymap.AttemptTakeover:
		return false, func() tea.Cmd { return a.takeOver(t) }
	case keymap.AttemptNew:
		return false, func() tea.Cmd { return a.openAnother(t) }
	case keymap.AttemptPort:
		return false, func() tea.Cmd { return a.takeFreePort(t) }
	}
	return false, nil
}

// retry never opens a second tunnel by itself: it goes on with the one that was opened, and asks where none is known.
// A port is tried before anything is opened, so that one that was taken has cost nothing yet.
func (a *app) retry(t *trip) tea.Cmd {
	req := t.request
	_, taken := t.portTaken()
	switch {
	case req.Open == nil, taken && t.progress.Key == client.Key{}:
		return a.start(req, t.services)
	case t.progress.Key == client.Key{}:
		return a.openAnother(t)
	}
	req.Thing, req.Key, req.Open = req.Open.Thing, t.progress.Key, nil
	return a.start(req, t.services)
}

// disabled says why an action of the attempt cannot run now, "" when it can.
func (t *trip) disabled(name keymap.Action) string {
	p := t.progress
	switch name {
	case keymap.AttemptRetry:
		if !p.Done {
			return "It is still under way."
		}
	case keymap.AttemptResend:
		switch {
		case p.ResendAfter.IsZero():
			return "There is no token to send again now."
		case t.app.scene.now.Before(p.ResendAfter):
			return "Sending again now would void the token the device may be using: wait " + ui.Countdown(p.ResendAfter.Sub(t.app.scene.now)) + "."
		}
	case keymap.AttemptTakeover:
		if _, ok := t.busy(); !ok {
			return "Nobody else holds this tunnel's source."
		}
	case keymap.AttemptPort:
		if taken, ok := t.portTaken(); !ok || taken.Free == "" {
			return "No other port is named."
		}
	case keymap.AttemptNew:
		if !p.Done {
			return "It is still under way."
		}
		if p.Err == nil {
			return "The tunnel there is can be used."
		}
		if _, ok := t.portTaken(); ok {
			return "Another tunnel would not free the port."
		}
		if t.thing() == "" {
			return "This tunnel has no thing, so that no other can be opened to it."
		}
	}
	return ""
}

func (t *trip) busy() (*session.BusyError, bool) {
	var busy *session.BusyError
	return busy, errors.As(t.progress.Err, &busy)
}

func (t *trip) thing() string {
	if t.request.Open != nil {
		return t.request.Open.Thing
	}
	return t.request.Thing
}

func (a *app) resend(t *trip) tea.Cmd {
	ctx, epoch, number, attempt := a.connection.ctx, a.connection.epoch, t.number, t.attempt
	t.notice = ""
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		return resentMsg{epoch, number, attempt.Resend(ctx)}
	}
}
