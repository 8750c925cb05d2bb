package views

import (
	"testing"
	"time"

	"adit/client"
	"adit/session"
)

func TestTheScreenGoesToTheThingAimedAtAndOpensOnceForWhoWaits(t *testing.T) {
	onDeskOf(t, 100, 30, prod, func(d *desk) {
		stock(d.service)
		d.app.opts.Aim = &Aim{Thing: "late-1", WhenOnline: true}
		d.connect()
		if req := d.sessions.lastReq(); req.Thing != "late-1" || !req.WhenOnline || req.Open != nil || req.Then != session.ThenShell {
			t.Fatalf("asked for %+v", req)
		}
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, &session.NothingToReuseError{Thing: "late-1"} })
		req := d.sessions.lastReq()
		if len(d.sessions.requests) != 2 || req.Open == nil || req.Open.Thing != "late-1" || req.Open.Lifetime != shellLifetime || req.WhenOnline {
			t.Fatalf("after %d requests asked for %+v", len(d.sessions.requests), req)
		}
		// It is open now, and left open unless somebody says otherwise.
		d.sessions.openedHere = []session.OpenedTunnel{{Key: client.Key{ID: "late-1-0001", Account: prod.Account, Region: prod.Region}, Thing: "late-1", At: time.Now()}}
		d.sessions.last().tell(func(p *session.Progress) { p.Done, p.Shell = true, &session.Shell{} })
		d.settle()
		d.sees("Quit adit", "adit opened these tunnels", "c close them, then quit")
		d.press("y") // meant for the shell that has ended
		if d.quit || d.shells != 1 {
			t.Fatalf("quit by a stray key: %v, %d shells", d.quit, d.shells)
		}
		d.pass(2 * time.Second)
		if d.press("y"); !d.quit {
			t.Error("y did not quit")
		}
	})
}

func TestAnAimWithoutWaitingAsksBeforeItIsBilledAndQuitsByItselfWithNothingLeft(t *testing.T) {
	onDeskOf(t, 100, 30, prod, func(d *desk) {
		stock(d.service)
		d.app.opts.Aim = &Aim{Thing: "gate-03"}
		d.connect()
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, &session.NothingToReuseError{Thing: "gate-03"} })
		d.sees("Open a new tunnel to gate-03 in eu-west-1 for 240 min?")
		d.pass(time.Second)
		d.press("y")
		d.tells(func(p *session.Progress) { p.Done, p.Shell = true, &session.Shell{} })
		if !d.quit {
			t.Error("adit stayed")
		}
	})
	marked := prod
	marked.ReadOnly = true
	onDeskOf(t, 100, 30, marked, func(d *desk) {
		d.app.opts.Aim = &Aim{Thing: "gate-03"}
		d.connect()
		d.sees("adit is read-only: it starts no shell")
		if n := len(d.sessions.requests); n != 0 {
			t.Errorf("%d shells were asked for", n)
		}
	})
}
