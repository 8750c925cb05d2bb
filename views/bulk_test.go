package views

import (
	"context"
	"testing"
	"time"

	"adit/client"
	"adit/client/clienttest"
	"adit/session"
)

// mark marks the first tunnels of the list, from the top.
func (d *desk) mark(n int) {
	d.t.Helper()
	d.press("g")
	for range n {
		d.press("space")
	}
}

func TestMarkedTunnelsAreClosedOneByOneWithAResultEach(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.mark(3)
		d.press("x")
		d.sees("Close 3 marked tunnels in eu-west-1? Both sides of each are cut", "The device is connected: pump-07, pump-12.", "Nobody is connected: gate-03.")
		d.seesNot("Type 3")
		d.service.FailNext("CloseTunnel", nil, d.service.Failure("CloseTunnel", client.KindDenied))
		d.press("enter") // the default keeps them
		if n := len(d.service.Calls("CloseTunnel")); n != 0 {
			t.Fatalf("the default closed %d", n)
		}
		d.press("x", "y")
		d.sees("3 of 3", "✓ pump-07", "✗ gate-03", "✓ pump-12", "2 closed, 1 could not be closed.")
		if n := len(d.service.Calls("CloseTunnel")); n != 3 {
			t.Errorf("%d closes", n)
		}
		d.press("esc")
		d.seesNot("3 of 3")
	})
}

func TestTunnelThatBecameConnectedSinceTheQuestionStaysOpen(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.mark(4)
		d.press("x")
		// The one that was in use when it was asked is closed as it was said; two come to life behind the list's back.
		d.sees("Somebody is connected as source and is cut off: tunnel 3f2c9a14.")
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) { u.Destination = client.Side{Known: true, Connected: true, Since: time.Now()} })
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) { u.Source = client.Side{Known: true, Connected: true, Since: time.Now()} })
		d.press("y")
		d.sees("● gate-03 1b2c9a14 became connected and stays open", "● pump-12 2f2c9a14 became connected and stays open",
			"2 closed, 2 became connected and stay open.")
		for _, call := range d.service.Calls("CloseTunnel") {
			if call.Object == "1b2c9a14-03" || call.Object == "2f2c9a14-12" {
				t.Errorf("%s was closed", call.Object)
			}
		}
	})
}

func TestBulkIsTypedFromFiveOnAndNamesWhatItLeavesAlone(t *testing.T) {
	onDeskOf(t, 100, 40, prod, func(d *desk) {
		for i := range 11 {
			d.service.Put(client.Tunnel{Key: client.Key{ID: itoa(100 + i)}, Thing: client.Text("t-" + itoa(100+i)), CreatedAt: time.Now().Add(-time.Duration(i) * time.Minute)})
		}
		d.connect()
		d.service.FailAlways("DescribeTunnel", d.service.Failure("DescribeTunnel", client.KindThrottled))
		d.service.Put(client.Tunnel{Key: client.Key{ID: "new"}, Thing: "not-yet", CreatedAt: time.Now()})
		d.pass(15 * time.Second)
		d.mark(12)
		d.press("x")
		d.sees("Close 11 of 12 marked tunnels", "t-107 and 3 more.", "1 is not checked yet and stays open.", "Type 11 to go on")
		d.service.FailAlways("DescribeTunnel", nil)
		d.press("y", "tab", "enter", "ctrl+u")
		if n := len(d.service.Calls("CloseTunnel")); n != 0 {
			t.Fatalf("%d were closed before the number was typed", n)
		}
		d.write("11")
		d.press("enter")
		d.sees("11 of 11", "11 closed.")
		if n := len(d.service.Calls("CloseTunnel")); n != 11 {
			t.Errorf("%d were closed", n)
		}
	})
}

func TestTunnelThatCannotBeCheckedOrIsGoneIsTold(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.mark(2)
		d.press("x")
		d.service.Drop("8f2c9a14-07")
		d.service.Before("DescribeTunnel", func(_ context.Context, call clienttest.Call) error {
			if call.Object != "1b2c9a14-03" {
				return nil
			}
			return d.service.Failure("DescribeTunnel", client.KindOffline)
		})
		d.service.FailNext("CloseTunnel", d.service.Failure("CloseTunnel", client.KindNotFound))
		d.press("y")
		d.sees("✗ gate-03", "1 could not be closed")
		for _, call := range d.service.Calls("CloseTunnel") {
			if call.Object == "1b2c9a14-03" {
				t.Error("a tunnel that could not be looked at was closed")
			}
		}
	})
}

func TestDeletingMarkedTunnelsTakesTheRecordsOfClosedOnesToo(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.mark(5)
		d.press("X")
		d.sees("Close and delete the records of 5 marked tunnels", "Closed already, the record goes: cam-11.", "Type 5 to go on")
		d.write("5")
		d.press("enter")
		d.sees("5 deleted.")
		d.pass(2 * time.Second)
		d.press("esc")
		d.sees("No tunnels here.")
	})
}

func TestQuitListsWhatRunsAndWhatStaysOpen(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-12")
		d.sessions.proxies = []session.Proxy{p}
		d.opens("pump-07", "pump-12")
		for _, key := range []string{"q", "ctrl+c"} {
			d.press(key)
			d.sees("Quitting stops these local proxies:", "pump-12 127.0.0.1:5555 1 connection",
				"adit opened these tunnels; they stay open unless you close them:", "pump-07 tunnel 8f2c9a14 until 11:37", "pump-12 tunnel 2f2c9a14 until 20:41")
			d.press("enter")
			if d.quit {
				t.Fatal("the default quit")
			}
		}
		d.press("ctrl+c", "ctrl+c", "y")
		if !d.quit || len(d.service.Calls("CloseTunnel")) != 0 {
			t.Errorf("quit %v, closed %d", d.quit, len(d.service.Calls("CloseTunnel")))
		}
	})
}

func TestQuitAsksNothingWhereNothingOfOursIsLeft(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.opens("cam-11") // closed by somebody else meanwhile
		d.press("q")
		if !d.quit {
			t.Error("q did not quit")
		}
	})
}

func TestQuitClosesWhatWasOpenedHereFirst(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-12")
		d.sessions.proxies = []session.Proxy{p}
		d.opens("gate-03", "pump-12")
		d.press("q")
		d.sees("c close them, then quit")
		// Our own source and a device that comes are no reason to keep a tunnel of ours.
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) { u.Source = client.Side{Known: true, Connected: true, Since: time.Now()} })
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) { u.Destination = client.Side{Known: true, Connected: true, Since: time.Now()} })
		d.press("c")
		if calls := d.service.Calls("CloseTunnel"); len(calls) != 2 || !d.quit {
			t.Errorf("closed %+v, quit %v", calls, d.quit)
		}
	})
}

func TestQuitStaysWhereATunnelCannotBeClosed(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.opens("gate-03", "pump-12")
		d.service.FailNext("CloseTunnel", d.service.Failure("CloseTunnel", client.KindExpired))
		d.press("q", "c")
		if d.quit {
			t.Fatal("adit quit and left a tunnel open that was to be closed")
		}
		d.sees("The tunnel to gate-03 could not be closed:", "It closes itself at 11:29. adit stays.", "✗ gate-03", "✓ pump-12")
		d.press("esc", "q")
		d.sees("gate-03 tunnel 1b2c9a14 until 11:29")
		d.seesNot("pump-12 tunnel")
	})
}

func TestQuitSparesATunnelOfOursThatSomebodyElseTook(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.opens("gate-03")
		d.press("q")
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) { u.Source = client.Side{Known: true, Connected: true, Since: time.Now()} })
		d.press("c")
		d.sees("The tunnel to gate-03 became connected and stays open. It closes itself at 11:29. adit stays.")
		if d.quit || len(d.service.Calls("CloseTunnel")) != 0 {
			t.Error("it was closed under somebody's hands")
		}
	})
}

func TestLeavingTheProgressOfQuittingStays(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.opens("gate-03")
		release := make(chan struct{})
		d.service.Before("CloseTunnel", func(context.Context, clienttest.Call) error { <-release; return nil })
		d.press("q", "c")
		d.sees("Closing: 0 of 1", "esc stay after all")
		d.press("esc")
		close(release)
		d.settle()
		if d.quit {
			t.Error("adit quit though it was told to stay")
		}
		d.sees("1 closed.")
	})
}

// opens has the sessions know the tunnels of these things as opened here.
func (d *desk) opens(things ...string) {
	d.t.Helper()
	for _, thing := range things {
		for _, r := range d.app.snapshot.Rows {
			if r.Thing.Raw() == thing {
				d.sessions.openedHere = append(d.sessions.openedHere, session.OpenedTunnel{Key: r.Key, Thing: thing, At: r.CreatedAt})
			}
		}
	}
}
