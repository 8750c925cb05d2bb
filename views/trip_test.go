package views

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/settings"
)

func TestEnterGoesToAShellAndComesBackToTheRow(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		key := d.app.selectedKey()
		d.press("enter")
		req := d.sessions.lastReq()
		if req.Key != key || req.Thing != "pump-12" || req.Then != session.ThenShell || req.Open != nil || req.TakeOver {
			t.Fatalf("asked for %+v", req)
		}
		d.sees("ssh to pump-12", "looking for the tunnel")
		d.tells(func(p *session.Progress) {
			p.Stages[0].State, p.Stages[0].Text = session.StageDone, "reuse tunnel 2f2c9a14"
			p.Stages[2].State, p.Stages[2].Text = session.StageRunning, "Waiting for pump-12 to pick up the tunnel."
			p.ResendAfter = time.Now().Add(30 * time.Second)
		})
		d.sees("✓ reuse tunnel 2f2c9a14", "Waiting for pump-12 to pick up the tunnel. r sends it in 0:30.")
		d.press("r")
		d.sees("would void the token")
		if d.sessions.last().resends != 0 {
			t.Fatal("the token was sent again too soon")
		}
		d.pass(31 * time.Second)
		d.sees("Waiting for pump-12 to pick up the tunnel. r sends the token again.")
		d.press("r")
		if d.sessions.last().resends != 1 {
			t.Fatal("the token was not sent again")
		}
		d.tells(func(p *session.Progress) { p.Done, p.Shell = true, &session.Shell{} })
		if d.shells != 1 {
			t.Fatalf("%d shells were run", d.shells)
		}
		d.sees("The shell on pump-12 ended (0).")
		d.seesNot("ssh to pump-12")
		if d.app.selectedKey() != key {
			t.Error("the selection is not where it was")
		}
	})
}

func TestFailedStageStaysWithItsRemedyAndCanBeRetried(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("gate-03")
		d.press("enter")
		d.tells(func(p *session.Progress) {
			p.Stages[2].State, p.Stages[2].Text, p.Stages[2].Remedy = session.StageFailed, "gate-03 never picked the token up.", "Press r to send it again."
			p.Done, p.Err = true, errMade
		})
		d.sees("✗ gate-03 never picked the token up.", "Press r to send it again.", "enter try again", "n new tunnel (billed)")
		d.press("enter")
		if len(d.sessions.requests) != 2 || !d.sessions.attempts[0].cancelled {
			t.Fatalf("%d attempts, the first cancelled: %v", len(d.sessions.requests), d.sessions.attempts[0].cancelled)
		}
		d.press("esc")
		d.seesNot("ssh to gate-03")
		if !d.sessions.last().cancelled {
			t.Error("leaving did not cancel")
		}
	})
}

func TestTakingOverNamesWhoIsCutOffAndAsks(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("enter")
		busy := &session.BusyError{Thing: "pump-07", Holder: "alice@bastion3"}
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, busy })
		d.sees("alice@bastion3", "t take over")
		d.press("t")
		d.sees("alice@bastion3 (by the tunnel's tag) is connected as the source of the tunnel to pump-07 in eu-west-1 and is cut off at once.")
		d.press("enter") // the default does nothing
		if len(d.sessions.requests) != 1 {
			t.Fatal("enter took over without being told to")
		}
		d.press("t", "y")
		if !d.sessions.lastReq().TakeOver {
			t.Error("the take-over was not asked for")
		}
	})
}

func TestOpeningASecondTunnelIsBilledAndAsked(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("enter")
		d.tells(func(p *session.Progress) {
			p.Done, p.Err = true, &session.NothingToReuseError{Thing: "pump-12", Reason: "the only tunnel has 4 min left"}
		})
		d.sees("Open a new tunnel to pump-12 in eu-west-1 for 240 min? AWS bills every open.", "4 min left")
		d.pass(time.Second)
		d.press("enter") // the default opens nothing
		d.choose("pump-12")
		d.press("enter")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, &session.NothingToReuseError{Thing: "pump-12"} })
		d.pass(time.Second)
		d.press("y")
		req := d.sessions.lastReq()
		if req.Open == nil || req.Open.Thing != "pump-12" || !slices.Equal(req.Open.Services, []string{"SSH", "HTTP"}) || req.Key != (client.Key{}) {
			t.Errorf("asked for %+v with %+v", req, req.Open)
		}
	})
}

func TestATunnelForAShellLivesAsLongAsTheSettingsSay(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.connection.backend.Defaults = func(client.Context) settings.Defaults {
			return settings.Defaults{Services: []string{"SSH"}, Lifetime: 90 * time.Minute, LifetimeChosen: true}
		}
		d.choose("pump-12")
		d.press("enter")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, &session.NothingToReuseError{Thing: "pump-12"} })
		d.sees("Open a new tunnel to pump-12 in eu-west-1 for 90 min (the lifetime of your settings)?")
		d.pass(time.Second)
		d.press("y")
		if in := d.sessions.lastReq().Open; in == nil || in.Lifetime != 90*time.Minute {
			t.Errorf("opens %+v", in)
		}
	})
}

func TestWithoutSSHTheAddressIsShown(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("enter")
		d.tells(func(p *session.Progress) {
			p.Done, p.Note = true, "There is no ssh on this computer. Use 127.0.0.1:5555."
		})
		d.sees("There is no ssh on this computer. Use 127.0.0.1:5555.", "enter done")
		d.press("enter")
		d.seesNot("There is no ssh")
	})
}

func TestOpenFormChecksWhileTypingAndOpensWhatItShows(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("o")
		d.sees("billed per open", "$ aws iotsecuretunneling open-tunnel")
		d.press("ctrl+u")
		d.write("bad thing")
		d.press("tab")
		d.sees("letters, digits and : _ - only")
		d.press("shift+tab", "ctrl+u")
		d.write("fan-1")
		d.press("tab", "tab", "ctrl+u")
		d.write("721")
		d.sees("1 to 720")
		d.press("ctrl+s")
		if len(d.sessions.requests) != 0 {
			t.Fatal("a form with a mistake was submitted")
		}
		d.press("ctrl+u")
		d.write("15")
		d.press("tab")
		d.write("drill")
		d.press("tab")
		d.write("team=ops")
		d.sees("thingName=fan-1,services=SSH", "drill", "maxLifetimeTimeoutMinutes=15")
		d.press("ctrl+s", "y")
		req := d.sessions.lastReq()
		want := client.OpenInput{Thing: "fan-1", Services: []string{"SSH"}, Description: "drill", Lifetime: 15 * time.Minute, Tags: []client.Tag{{Key: "team", Value: "ops"}}}
		if req.Open == nil || req.Open.Thing != want.Thing || req.Open.Description != want.Description || req.Open.Lifetime != want.Lifetime ||
			!slices.Equal(req.Open.Services, want.Services) || !slices.Equal(req.Open.Tags, want.Tags) || req.Then != session.ThenShell {
			t.Errorf("opened %+v, then %v; want %+v", req.Open, req.Then, want)
		}
	})
}

func TestTypingReplacesWhatTheOpenFormProposes(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.connection.backend.Defaults = func(client.Context) settings.Defaults {
			return settings.Defaults{Services: []string{"SSH"}, Lifetime: 90 * time.Minute}
		}
		d.choose("pump-12")
		d.press("o")
		d.write("pump-07")
		d.press("ctrl+s")
		if req := d.sessions.lastReq(); req.Open.Thing != "pump-07" || req.Open.Lifetime != 90*time.Minute {
			t.Fatalf("opens %+v", req.Open)
		}
		d.press("esc", "o", "backspace", "3", "tab", "tab")
		d.write("5")
		d.press("tab", "tab", "tab", "right", "tab")
		d.write("5555")
		d.press("ctrl+s", "y")
		req := d.sessions.lastReq()
		if req.Open.Thing != "pump-13" || req.Open.Lifetime != 5*time.Minute || req.Bind["SSH"] != "127.0.0.1:5555" {
			t.Errorf("opens %+v at %v", req.Open, req.Bind)
		}
	})
}

func TestPasteReplacesTheThingTheListIsNarrowedTo(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("n")
		d.write("pump-12")
		d.press("enter")
		d.pass(2 * time.Second)
		d.press("n")
		d.deliver(tea.PasteMsg{Content: "gate-03"})
		d.press("enter")
		d.pass(2 * time.Second)
		d.sees("thing gate-03")
	})
}

func TestOpenFormOffersAnOpenTunnelInstead(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		key := d.app.selectedKey()
		d.press("o")
		d.sees("pump-12 already has an open tunnel with 9h left. ctrl+r reuse it instead", "ctrl+r reuse ctrl+o copy")
		d.write("pump-none")
		d.seesNot("ctrl+r reuse")
		d.press("ctrl+u")
		d.write("pump-12")
		d.press("ctrl+r")
		if req := d.sessions.lastReq(); req.Open != nil || req.Key != key {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestRetryAfterAnOpenNeverOpensAgainWithoutAsking(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("o", "ctrl+s")
		opened := prod.Key("tunnel-9")
		d.tells(func(p *session.Progress) { p.Key, p.Done, p.Err = opened, true, errMade })
		d.press("enter")
		if req := d.sessions.lastReq(); req.Open != nil || req.Key != opened {
			t.Fatalf("asked for %+v after the tunnel was opened", req)
		}
		d.press("esc", "o", "ctrl+s")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, &session.UnknownOpenError{Thing: "pump-12"} })
		before := len(d.sessions.requests)
		d.press("enter")
		if len(d.sessions.requests) != before {
			t.Fatal("the tunnel was opened again without a question")
		}
		d.sees("Open a new tunnel to pump-12", "AWS bills every open", "accept a second charge")
		d.press("y")
		if req := d.sessions.lastReq(); len(d.sessions.requests) != before+1 || req.Open == nil {
			t.Errorf("asked for %+v", req)
		}
	})
}
