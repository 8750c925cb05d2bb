package views

import (
	"context"
	"testing"
	"time"

	"adit/client"
	"adit/client/clienttest"
	"adit/session"
)

// fleetOf puts many tunnels, t-100 and up, the newest first, each described.
func (d *desk) fleetOf(n int) {
	d.t.Helper()
	for i := range n {
		d.service.Put(client.Tunnel{Key: client.Key{ID: itoa(100 + i)}, Thing: client.Text("t-" + itoa(100+i)), Services: []client.Text{"SSH"},
			CreatedAt: time.Now().Add(-time.Duration(i) * time.Minute)})
	}
	d.connect()
}

func TestRangeAndAllMatchingAreMarked(t *testing.T) {
	onDeskOf(t, 100, 40, prod, func(d *desk) {
		d.fleetOf(12)
		d.press("g", "down", "v", "down", "down")
		d.sees("v marks these 3; esc does not")
		d.press("esc")
		if n := len(d.app.tunnels.table.Marked()); n != 0 {
			t.Errorf("%d marked by a range that was left", n)
		}
		d.press("v", "up", "v")
		d.sees("2 marked", "x close… X delete… t tags… esc unmark")
		d.press("G", "space")
		d.sees("3 marked")
		d.press("/")
		d.write("t-11")
		d.press("enter", "ctrl+a")
		d.sees("Marked 2 tunnels.", "2 marked, 2 more that are not listed now")
		d.seesNot("esc unmark") // the filter goes first
		d.press("ctrl+a")       // all of them are: none
		d.seesNot("marked")
		d.press("esc", "ctrl+a")
		d.sees("12 marked")
		d.press("esc")
		d.seesNot("12 marked")
	})
}

func TestAllMatchingLeavesOutWhatIsNotChecked(t *testing.T) {
	onDeskOf(t, 100, 40, prod, func(d *desk) {
		d.fleetOf(3)
		d.service.FailAlways("DescribeTunnel", d.service.Failure("DescribeTunnel", client.KindThrottled))
		d.service.Put(client.Tunnel{Key: client.Key{ID: "new"}, Thing: "not-yet", CreatedAt: time.Now().Add(time.Minute)})
		d.pass(15 * time.Second)
		d.press("ctrl+a")
		d.sees("Marked 3 of 4. 1 is not checked yet.")
	})
}

func TestWhatBecameConnectedSinceItWasMarkedStaysOpen(t *testing.T) {
	onDeskOf(t, 100, 40, prod, func(d *desk) {
		d.fleetOf(3)
		d.press("ctrl+a")
		d.service.Change("101", func(u *client.Tunnel) { u.Destination = client.Side{Known: true, Connected: true, Since: time.Now()} })
		d.pass(20 * time.Second)
		d.press("x")
		d.sees("Close 2 of 3 marked tunnels in eu-west-1?", "1 became connected while you looked and stays open.")
		d.press("y")
		d.sees("2 closed.")
		for _, call := range d.service.Calls("CloseTunnel") {
			if call.Object == "101" {
				t.Error("it was closed all the same")
			}
		}
	})
}

func TestErrandShowsItsPaceRestsStopsAndTriesTheFailedAgain(t *testing.T) {
	onDeskOf(t, 100, 40, prod, func(d *desk) {
		d.fleetOf(8)
		d.service.Before("CloseTunnel", func(context.Context, clienttest.Call) error { time.Sleep(time.Second); return nil })
		d.service.FailNext("CloseTunnel", nil, d.service.Failure("CloseTunnel", client.KindOffline))
		d.press("ctrl+a", "x")
		d.sees("Type 8 to go on")
		d.write("8")
		d.press("enter")
		d.pass(4500 * time.Millisecond)
		d.sees("Closing: 4 of 8", "a second, about 0:05 left", "✓ t-100", "✗ t-101", "p rest", "s stop", "esc back, it goes on")
		d.press("p")
		d.pass(time.Minute)
		d.sees("Closing: 5 of 8", "resting", "p go on")
		d.press("esc", "x") // one errand at a time: it is shown again
		d.sees("Closing: 5 of 8")
		d.press("p")
		d.pass(1200 * time.Millisecond)
		d.press("s")
		d.pass(2 * time.Second)
		d.sees("Closing ended: 8 of 8", "6 closed, 1 left alone, 1 could not be closed.", "– t-107", "r try the failed again")
		d.press("r")
		d.pass(3 * time.Second)
		d.sees("Closing ended: 1 of 1", "1 closed.")
	})
}

func TestQuittingDuringAnErrandAsks(t *testing.T) {
	onDeskOf(t, 100, 40, prod, func(d *desk) {
		d.fleetOf(4)
		d.service.Before("CloseTunnel", func(context.Context, clienttest.Call) error { time.Sleep(time.Second); return nil })
		d.press("ctrl+a", "x", "y")
		d.pass(1500 * time.Millisecond)
		d.press("ctrl+c")
		d.sees("Closing is under way: 2 tunnels are left alone.")
		d.press("n")
		d.pass(5 * time.Second)
		d.sees("4 closed.")
	})
}

func TestTagsOfManyAreEditedAtOnceAndOnlyWhatDiffersIsWritten(t *testing.T) {
	onDesk(t, func(d *desk) {
		own := client.Tag{Key: "adit:open", Value: "m"}
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) {
			u.Tags = []client.Tag{{Key: "team", Value: "web"}, own, {Key: "drill", Value: "1"}}
		})
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) {
			u.Tags = []client.Tag{{Key: "team", Value: "sec"}, {Key: "incident", Value: "4411"}}
		})
		d.press("R")
		d.pass(20 * time.Second)
		d.mark(3) // pump-07, gate-03 and pump-12
		d.press("t")
		d.sees("Tags of 3 tunnels")
		d.write("team=sec")
		d.press("down", "down")
		d.write("drill, nobody")
		d.sees("~ team = sec on 2, was ops, web on 2; 1 has it already", "- drill on 1", "- nobody on 0")
		d.press("ctrl+s")
		d.sees("Change the tags of 3 marked tunnels in eu-west-1? What they have besides stays.", "To these: pump-07, gate-03, pump-12.")
		d.press("enter") // the default goes back to the form
		d.sees("Tags of 3 tunnels", "drill, nobody")
		if n := len(d.service.Calls("TagResource", "UntagResource")); n != 0 {
			t.Fatalf("the default made %d calls", n)
		}
		d.press("ctrl+s", "y")
		d.sees("Tagging ended: 3 of 3", "2 tagged, 1 was so already.")
		if n, m := len(d.service.Calls("TagResource")), len(d.service.Calls("UntagResource")); n != 2 || m != 1 {
			t.Errorf("%d tagged and %d untagged", n, m)
		}
		tags, err := d.service.Tags(t.Context(), d.arn("gate-03"))
		if err != nil || len(tags) != 2 || tags[0] != own || tags[1] != (client.Tag{Key: "team", Value: "sec"}) {
			t.Errorf("gate-03 has %q, %v", tags, err)
		}
		d.press("esc")
		d.choose("gate-03")
		d.sees("tags team=sec adit:open=m") // known at once, without another look
	})
}

func TestCommonTagsAreOffered(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) { u.Tags = nil })
		d.press("R")
		d.pass(20 * time.Second)
		d.choose("gate-03")
		d.press("t")
		d.sees("incident team")
		d.pass(time.Second)
		d.write("te")
		d.press("right", "=")
		d.sees("ops")
		d.press("right")
		d.write("x")
		d.press("backspace", "ctrl+s", "y")
		calls := d.service.Calls("TagResource")
		if len(calls) != 1 {
			t.Fatalf("%d calls", len(calls))
		}
		tags, _ := d.service.Tags(t.Context(), d.arn("gate-03"))
		if len(tags) != 1 || tags[0] != (client.Tag{Key: "team", Value: "ops"}) {
			t.Errorf("the tags are %q", tags)
		}
	})
}

func TestDuplicateBeginsWithWhatAClosedTunnelHad(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.service.Change("4f2c9a14-11", func(u *client.Tunnel) {
			u.Description = "firmware check (adit:open=abc)"
			u.Tags = append(u.Tags, client.Tag{Key: "adit:open", Value: "abc"})
		})
		d.press("R")
		d.pass(20 * time.Second)
		d.choose("cam-11")
		d.press("d")
		d.sees("Open a tunnel like 4f2c9a14", "cam-11", "[720]", "firmware check", "incident = 4411")
		d.press("ctrl+o")
		if want := "aws iotsecuretunneling open-tunnel --destination-config thingName=cam-11,services=SSH --description 'firmware check' --tags key=team,value=ops key=incident,value=4411 --timeout-config maxLifetimeTimeoutMinutes=720 --profile prod --region eu-west-1"; d.clipboard != want {
			t.Errorf("copied %q", d.clipboard)
		}
		d.press("tab", "tab", "space", "ctrl+s")
		req := d.sessions.lastReq()
		if req.Open == nil || req.Open.Lifetime != 15*time.Minute || req.Open.Description != "firmware check" || len(req.Open.Tags) != 2 || req.Then != session.ThenShell {
			t.Errorf("asked for %+v with %+v", req, req.Open)
		}
	})
}
