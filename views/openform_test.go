package views

import (
	"slices"
	"testing"
	"time"

	"adit/client"
	"adit/session"
)

func TestAShellNeedsTheServiceSSH(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("o", "tab", "backspace")
		d.write("HTTP")
		d.sees("ssh needs the service SSH.")
		d.press("ctrl+s")
		if len(d.sessions.requests) != 0 {
			t.Fatal("a shell through HTTP was opened")
		}
		d.press("tab", "tab", "tab", "tab", "right")
		d.seesNot("ssh needs the service SSH.")
		d.press("ctrl+s")
		if req := d.sessions.lastReq(); req.Then != session.ThenProxy || !slices.Equal(req.Open.Services, []string{"HTTP"}) {
			t.Errorf("asked for %+v with %+v", req, req.Open)
		}
	})
}

func TestATunnelWithoutSSHOffersALocalProxyInsteadOfAShell(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) { u.Services = []client.Text{"HTTP"} })
		d.choose("pump-12")
		d.press("R")
		d.pass(2 * time.Second)
		d.press("enter")
		if len(d.sessions.requests) != 0 {
			t.Fatal("a shell through HTTP was started")
		}
		d.sees("The tunnel to pump-12 carries HTTP and no SSH: p starts a local proxy to it.")
	})
}

func TestServicesOfTheSelectedTunnelDoNotFollowToAnotherThing(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12") // SSH and HTTP
		d.press("o")
		d.sees("[SSH] [HTTP]")
		d.write("gate-03")
		d.seesNot("[HTTP]")
		d.press("ctrl+s")
		if req := d.sessions.lastReq(); !slices.Equal(req.Open.Services, []string{"SSH"}) {
			t.Fatalf("opens %+v", req.Open)
		}
		d.press("esc")
		d.choose("pump-12")
		d.press("o", "tab")
		d.write("WEB ")
		d.press("shift+tab", "ctrl+u")
		d.write("gate-03")
		d.sees("[SSH] [HTTP] [WEB]") // what a person chose stays
	})
}

func TestWithoutAThingOnlyNothingFollowsAnOpen(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("o", "ctrl+u", "ctrl+s")
		d.sees("Without a thing no device is told of the tunnel")
		if len(d.sessions.requests) != 0 {
			t.Fatal("a tunnel that nobody hears of was opened for a shell")
		}
		d.press("tab", "tab", "tab", "tab", "tab", "right", "right", "ctrl+s")
		if req := d.sessions.lastReq(); req.Then != session.ThenNothing || req.Open.Thing != "" {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestAThingThatWasNeverSeenIsAskedForBeforeItIsBilled(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("o")
		d.write("pump-99")
		d.press("ctrl+s")
		d.sees("pump-99 was never seen here", "A tunnel opened now is billed, and the device may never hear of it.")
		d.press("enter") // the default goes back to what was filled in
		if len(d.sessions.requests) != 0 {
			t.Fatal("the default opened it")
		}
		d.sees("Open a tunnel", "pump-99")
		d.press("ctrl+s", "y")
		if req := d.sessions.lastReq(); req.Open == nil || req.Open.Thing != "pump-99" {
			t.Fatalf("asked for %+v", req)
		}
		d.press("esc")

		// One that left the list was seen all the same.
		d.press("n", "ctrl+u")
		d.write("pump-12")
		d.press("enter")
		d.pass(2 * time.Second)
		d.press("o")
		d.write("gate-03")
		d.press("ctrl+s")
		if req := d.sessions.lastReq(); req.Open == nil || req.Open.Thing != "gate-03" {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestALongWaitForTheDeviceSaysThatItMayBeOffline(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("gate-03")
		d.press("enter")
		d.tells(func(p *session.Progress) {
			p.Stages[2].State, p.Stages[2].Started = session.StageRunning, time.Now()
			p.Stages[2].Text = "Waiting for gate-03 to pick up the tunnel."
		})
		d.pass(28 * time.Second)
		d.seesNot("may be offline")
		d.pass(4 * time.Second)
		d.sees("gate-03 has not picked the", "token up and may be offline.")
	})
}
