package views

import (
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/session"
)

// chooseThing moves the selection to a thing of the list of things.
func (d *desk) chooseThing(name string) {
	d.t.Helper()
	d.press("g")
	for range 50 {
		if row, ok := d.app.things.table.Selected(); ok && row.key.Name == name {
			return
		}
		d.press("down")
	}
	d.t.Fatalf("no thing %s to select\n%s", name, d.screen())
}

func TestThingsJoinRegistryTunnelsAndRecents(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.PutThing("pump-07", client.Presence{State: client.PresenceOnline, Since: time.Now().Add(-3 * time.Hour)})
		d.service.PutThing("valve-09", client.Presence{State: client.PresenceNotSeen, Since: time.Now().Add(-2 * time.Hour)})
		d.sessions.memory = session.Memory{Recents: []session.Recent{{Thing: "tank-4", At: time.Now().Add(-26 * time.Hour)}}}
		d.do(d.app.recall())
		d.press("3")
		d.pass(3 * time.Second)
		d.sees("THING", "pump-07 ● in tunnel ○ 8f2c9a14 55m", "valve-09 ○ not seen 2h none", "gate-03", "cam-11")
		if first := d.app.things.table.Visible()[0]; first.key.Name != "tank-4" {
			t.Errorf("%s stands before what was used last", first.key.Name)
		}
		d.chooseThing("valve-09")
		d.sees("last seen at 08:41", "none is open; enter asks before it opens one (billed)")
		if n := len(d.service.Calls("GetThingConnectivityData")); n != 0 {
			t.Errorf("%d things were asked for by themselves beside an index", n)
		}
		d.press("/")
		d.write("VALVE")
		d.sees("1 match")
		d.seesNot("gate-03")
		d.press("enter", "esc")
		d.sees("gate-03")
	})
}

func TestPresenceThatMayNotBeAskedForIsUnknownAndStopsNothing(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.FailAlways("ListThings", d.service.Failure("ListThings", client.KindDenied))
		d.service.FailAlways("SearchIndex", d.service.Failure("SearchIndex", client.KindDenied))
		d.service.FailAlways("GetThingConnectivityData", d.service.Failure("GetThingConnectivityData", client.KindDenied))
		d.press("3")
		d.pass(2 * time.Second)
		d.sees("You may not iot:SearchIndex")
		d.pass(2 * time.Minute)
		d.press("R")
		d.pass(2 * time.Second)
		d.seesNot("You may not iot:SearchIndex") // it was said
		d.chooseThing("gate-03")
		d.sees("gate-03 ? unknown ○ 1b2c9a14", "unknown. You may not iot:GetThingConnectivityData")
		if n := len(d.service.Calls("ListThings", "SearchIndex", "GetThingConnectivityData")); n != 6 {
			t.Errorf("%d calls of what is denied", n)
		}
		d.press("enter")
		if req := d.sessions.lastReq(); req.Thing != "gate-03" || req.Key != (client.Key{}) || req.Then != session.ThenShell {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestThingWithoutATunnelIsAskedForBeforeItIsBilledAndCounted(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.PutThing("tank-4", client.Presence{State: client.PresenceOnline, Since: time.Now()})
		d.sessions.memory.OpensToday = 2
		d.do(d.app.recall())
		d.press("3")
		d.pass(2 * time.Second)
		d.chooseThing("tank-4")
		d.press("enter")
		nothing := &session.NothingToReuseError{Thing: "tank-4", Reason: "no tunnel of it is open"}
		d.sessions.last().tell(func(p *session.Progress) { p.Done, p.Err = true, nothing })
		d.settle()
		d.sees("Open a new tunnel to tank-4 in eu-west-1 for 240 min? AWS bills every open; this is your 3rd today.",
			"Nothing open to tank-4 can be reused: no tunnel of it is open.")
		d.press("y") // a question that came by itself takes no key at first
		if len(d.sessions.requests) != 1 {
			t.Fatal("a stray key opened it")
		}
		d.pass(time.Second)
		d.press("y")
		if req := d.sessions.lastReq(); req.Open == nil || req.Open.Thing != "tank-4" || req.WhenOnline || strings.Join(req.Open.Services, " ") != "SSH" {
			t.Errorf("asked for %+v with %+v", req, req.Open)
		}
	})
}

func TestThingThatIsNotOnlineCanBeWaitedFor(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.PutThing("tank-4", client.Presence{State: client.PresenceNotSeen, Since: time.Now().Add(-89 * time.Minute)})
		d.press("3")
		d.pass(2 * time.Second)
		d.chooseThing("tank-4")
		d.pass(2 * time.Second)
		nothing := &session.NothingToReuseError{Thing: "tank-4", Reason: "no tunnel of it is open"}
		for key, waits := range map[string]bool{"o": true, "enter": false} {
			d.press("enter")
			d.tells(func(p *session.Progress) { p.Done, p.Err = true, nothing })
			d.sees("tank-4 was last seen at 09:12. A tunnel opened now is billed, and the device may never hear of it.",
				"o open when it comes online", "enter open now (billed)")
			d.press(key) // in the grace of a question that came by itself
			d.pass(2 * time.Second)
			d.press(key)
			if req := d.sessions.lastReq(); req.Open == nil || req.WhenOnline != waits {
				t.Errorf("%s asked for %+v", key, req)
			}
			d.tells(func(p *session.Progress) {
				p.Stages = []session.Stage{{ID: session.StageOnline, State: session.StageRunning, Text: "Waiting"}}
			})
			d.press("esc")
			d.seesNot("was asked for already")
		}
	})
}

func TestFormAndProxyBeginWithTheThing(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.PutThing("tank-4", client.Presence{State: client.PresenceNotSeen, Since: time.Now().Add(-89 * time.Minute)})
		d.press("3")
		d.pass(2 * time.Second)
		d.chooseThing("tank-4")
		d.press("p")
		d.sees("Open a tunnel", "tank-4", "(•) local proxy", "tank-4 ○ not seen since 09:12")
		d.press("esc")
		d.chooseThing("pump-12")
		d.press("p")
		d.sees("Local proxy to pump-12")
		d.press("esc", "o")
		d.sees("Open a tunnel", "[SSH] [HTTP]", "pump-12 already has an open tunnel")
	})
}

func TestThingsOfSeveralRegionsSayWhichAndGoThere(t *testing.T) {
	onAtlas(t, 120, 30, func(a *atlas) {
		a.connect()
		a.press("3")
		a.sees("west-pump")
		a.seesNot("REGION")
		a.goTo([]string{"prod"}, []string{"+us-east-1"})
		a.press("3")
		a.sees("THING REGION DEVICE", "west-pump eu-west-1 ● in tunnel", "east-pump us-east-1 ● in tunnel")
		a.chooseThing("east-pump")
		a.press("enter")
		if at := a.sessions.lastReq().Service.Context().Region; at != "us-east-1" {
			t.Errorf("a shell on the thing of another region was asked for in %s", at)
		}
		a.press("esc", "o")
		a.sees("us-east-1 · billed per open")
		a.press("esc")
		for range 9 {
			a.press("s")
		}
		a.sees("Sorted by region.")
	})
}
