package views

import (
	"testing"
	"time"

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
		d.sees("Quitting ends these shells; their windows stay:", "pump-07")
		d.sessions.windowsErr = errMade
		d.press("c")
		if d.sees("made up by a test"); d.quit {
			t.Error("adit quit over windows that could not be closed")
		}
		d.sessions.windowsErr = nil
		d.press("q")
		d.sees("c close the windows, then quit")
		d.press("c")
		if len(d.sessions.windows) != 0 || !d.quit {
			t.Errorf("quit: %v, open windows: %q", d.quit, d.sessions.windows)
		}
	})
}

func TestQuittingClosesWindowsBeforeTheTunnelsTheyGoThrough(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.sessions.openedHere = []session.OpenedTunnel{{Key: d.app.selectedKey(), Thing: "pump-07", At: time.Now()}}
		d.sessions.windows = []string{"pump-07"}
		d.sessions.windowsErr = errMade
		d.press("q")
		d.sees("c close windows and tunnels, then quit", "y quit, leave them open")
		d.press("c")
		if n := len(d.service.Calls("CloseTunnel")); n != 0 || d.quit {
			t.Errorf("%d tunnels were closed under windows that are open, quit: %v", n, d.quit)
		}
		d.sessions.windowsErr = nil
		d.press("q", "c")
		if n := len(d.service.Calls("CloseTunnel")); n != 1 || len(d.sessions.windows) != 0 || !d.quit {
			t.Errorf("%d tunnels closed, open windows %q, quit: %v", n, d.sessions.windows, d.quit)
		}
	})
}
