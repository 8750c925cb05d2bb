package views

import (
	"testing"

	"adit/session"
)

func TestShellGoesToAWindowOfTmuxAndQuittingAsksForIt(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("w")
		d.sees("adit does not run in tmux")
		d.app.opts.Tmux = true
		var opened []session.Window
		d.app.open = func(_ *session.Shell, where session.Window) error { opened = append(opened, where); return nil }
		for _, key := range []string{"w", "W"} {
			d.press(key)
			d.tells(func(p *session.Progress) { p.Done, p.Shell = true, &session.Shell{} })
			d.sees("The shell on pump-07 runs in a window of its own.")
		}
		if len(opened) != 2 || opened[0] != session.NewWindow || opened[1] != session.NewPane || d.shells != 0 {
			t.Errorf("opened %v, %d shells here", opened, d.shells)
		}
		d.press("enter") // the next one is here again
		d.tells(func(p *session.Progress) { p.Done, p.Shell = true, &session.Shell{} })
		if d.shells != 1 {
			t.Errorf("%d shells here", d.shells)
		}
		d.app.open = func(*session.Shell, session.Window) error { return errMade }
		d.press("w")
		d.tells(func(p *session.Progress) { p.Done, p.Shell = true, &session.Shell{} })
		d.sees("made up by a test")

		d.sessions.windows = []string{"pump-07"}
		d.press("q")
		d.sees("Quitting ends these shells in windows of their own:", "pump-07")
		if d.press("y"); !d.quit {
			t.Error("y did not quit")
		}
	})
}
