package views

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/client/clienttest"
	"adit/session"
	"adit/tunnelconn"
)

func TestFirstFrameDoesNotWaitForTheConnection(t *testing.T) {
	onDeskOf(t, 80, 24, prod, func(d *desk) {
		release := make(chan struct{})
		connect := d.app.opts.Connect
		d.app.opts.Connect = func(ctx context.Context) (*Backend, error) {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return connect(ctx)
		}
		d.do(d.app.Init())
		d.sees("connecting: profile prod, region eu-west-1")
		close(release)
		d.pass(time.Second)
		d.sees("prod ▸ 1234-5678-9012 ▸ eu-west-1", "THING")
	})
}

func TestFailedConnectionNamesWhatMendsItAndOffersTheDemo(t *testing.T) {
	for _, kind := range []client.Kind{client.KindNoCredentials, client.KindExpired, client.KindOffline, client.KindConfig} {
		onDeskOf(t, 80, 24, prod, func(d *desk) {
			connect, tries := d.app.opts.Connect, 0
			d.app.opts.Connect = func(ctx context.Context) (*Backend, error) {
				if tries++; tries < 3 {
					return nil, &client.Error{Kind: kind, Operation: "Connect", Context: prod, Remedy: "Log in again.", Command: "aws sso login --profile prod"}
				}
				return connect(ctx)
			}
			d.do(d.app.Init())
			d.sees("tried: profile prod, region eu-west-1", "Log in again.", "$ aws sso login --profile prod", "r try again", "d demo", "q quit")
			d.press("r") // meant for the screen before
			if tries != 1 {
				t.Fatal("a key that came with the failure tried again")
			}
			d.pass(time.Second)
			d.press("r")
			d.pass(time.Second)
			if tries != 2 {
				t.Fatalf("connected %d times, want 2", tries)
			}
			d.press("d")
			if d.demos != 1 {
				t.Fatalf("the demo was started %d times", d.demos)
			}
			d.sees("THING")
			d.press("q")
			if !d.quit {
				t.Error("q did not quit")
			}
		})
	}
}

func TestAnswerOfAnOlderEpochIsDropped(t *testing.T) {
	onDesk(t, func(d *desk) {
		stale := &client.Snapshot{Seq: 99, Rows: []*client.Row{{Tunnel: client.Tunnel{Key: prod.Key("x"), Thing: "stale-thing", Described: true, Status: client.StatusOpen}}}}
		old := d.app.connection.epoch - 1
		d.deliver(snapshotMsg{epoch: old, snapshot: stale})
		d.deliver(progressMsg{epoch: old, number: 1, progress: session.Progress{Target: "stale-thing"}})
		d.deliver(tagsReadMsg{epoch: old, request: d.app.request, tags: []client.Tag{{Key: "stale-thing"}}})
		closed := false
		d.deliver(connectedMsg{epoch: old, backend: &Backend{Close: func() error { closed = true; return nil }}})
		d.settle()
		d.seesNot("stale-thing")
		if !closed {
			t.Error("a backend that came too late was not closed")
		}
		d.deliver(changedMsg{done: "What was changed is told."})
		d.sees("What was changed is told.")
	})
}

func TestSelectionFollowsTheTunnelThroughRefreshes(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.service.Put(client.Tunnel{Key: client.Key{ID: "new"}, Thing: "aaa-new", CreatedAt: time.Now()})
		d.pass(12 * time.Second)
		d.sees("aaa-new")
		if row, _ := d.app.selected(); row.Thing != "pump-12" {
			t.Errorf("the selection moved to %q", row.Thing)
		}
		d.service.FailAlways("ListTunnels", d.service.Failure("ListTunnels", client.KindThrottled))
		d.service.FailAlways("DescribeTunnel", d.service.Failure("DescribeTunnel", client.KindThrottled))
		d.pass(20 * time.Second)
		d.sees("pump-12", "throttled, as of")
	})
}

func TestProxyDialogBindsThePortsAskedFor(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("p")
		d.sees("Local proxy to pump-12", "SSH", "HTTP", "auto")
		d.press("ctrl+u")
		d.write("99999")
		d.press("tab")
		d.sees("Give a port")
		d.press("shift+tab", "ctrl+u")
		d.write("5555")
		d.press("ctrl+s")
		req := d.sessions.lastReq()
		if req.Then != session.ThenProxy || req.Bind["SSH"] != "127.0.0.1:5555" || req.Bind["HTTP"] != "127.0.0.1:0" {
			t.Fatalf("asked for %+v", req)
		}
		d.sessions.proxies = []session.Proxy{d.proxy("pump-12")}
		d.tells(func(p *session.Progress) { p.Done = true })
		d.sees("The local proxy to pump-12 runs: SSH at 127.0.0.1:5555", "● you :5555")
	})
}

// proxy is a running local proxy to the tunnel of a thing.
func (d *desk) proxy(thing string) session.Proxy {
	for _, r := range d.app.snapshot.Rows {
		if r.Thing.Raw() == thing {
			return session.Proxy{Tunnel: r.Key, Thing: thing, Status: tunnelconn.Status{
				State: tunnelconn.Connected, Since: time.Now(), RoundTrip: 31 * time.Millisecond,
				Services: []tunnelconn.ServiceStatus{{Service: "SSH", Address: "127.0.0.1:5555", Live: 1, Sent: 2000, Received: 84000}},
			}}
		}
	}
	d.t.Fatalf("no tunnel of %s", thing)
	return session.Proxy{}
}

func TestProxiesShowTheirRatesAndStopAfterAsking(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-12")}
		d.press("2")
		d.pass(2 * time.Second)
		d.sessions.proxies[0].Services = []tunnelconn.ServiceStatus{{Service: "SSH", Address: "127.0.0.1:5555", Live: 1, Sent: 4000, Received: 168000}}
		d.pass(time.Second)
		d.sees("127.0.0.1:5555", "● connected", "4.0 kB", "168 kB", "2.0 kB/s", "84 kB/s", "31 ms")
		d.press("y")
		if d.clipboard != "127.0.0.1:5555" {
			t.Errorf("copied %q", d.clipboard)
		}
		d.press("enter")
		if req := d.sessions.lastReq(); req.Key != d.sessions.proxies[0].Tunnel || req.Then != session.ThenShell {
			t.Errorf("asked for %+v", req)
		}
		d.press("esc", "x")
		d.sees("Stop the local proxy to pump-12", "This cuts 1 connection.")
		d.press("y")
		if len(d.sessions.stopped) != 1 {
			t.Error("the proxy was not stopped")
		}
		d.sees("No local proxies run.")
	})
}

func TestTagsEditorShowsWhatItChangesAndWritesNothingElse(t *testing.T) {
	onDesk(t, func(d *desk) {
		raw := client.Text("a\u200fb")
		d.service.Change("2f2c9a14-12", func(tn *client.Tunnel) {
			tn.Tags = []client.Tag{{Key: "note", Value: raw}, {Key: "team", Value: "ops"}, {Key: "old", Value: "1"}}
		})
		d.choose("pump-12")
		d.service.Before("ListTagsForResource", func(context.Context, clienttest.Call) error { time.Sleep(2 * prompt); return nil })
		d.press("t")
		d.pass(2*prompt + 100*time.Millisecond)
		d.sees("Tags of pump-12", "note", "team", "ops")
		d.press("j", "j", "ctrl+d") // hands that had gone on, meanwhile
		d.pass(time.Second)
		d.service.Before("ListTagsForResource", nil)
		d.press("up", "up", "tab", "ctrl+u")
		d.write("dev")
		d.press("down", "ctrl+d")
		d.write("new=x")
		d.sees("~ team = dev (was ops)", "- old", "+ new = x")
		d.press("ctrl+s")
		d.sees("Change the tags of pump-12")
		if n := len(d.service.Calls("TagResource", "UntagResource")); n != 0 {
			t.Fatalf("%d calls before it was confirmed", n)
		}
		d.press("y")
		d.sees("The tags of pump-12 are changed.")
		now, err := d.service.Tags(t.Context(), d.arn("pump-12"))
		if err != nil {
			t.Fatal(err)
		}
		want := map[client.Text]client.Text{"note": raw, "team": "dev", "new": "x"}
		if len(now) != len(want) {
			t.Fatalf("tags are %q", now)
		}
		for _, tag := range now {
			if want[tag.Key] != tag.Value {
				t.Errorf("tag %q is %q, want %q", tag.Key.Raw(), tag.Value.Raw(), want[tag.Key].Raw())
			}
		}
	})
}

func (d *desk) arn(thing string) string {
	for _, r := range d.app.snapshot.Rows {
		if r.Thing.Raw() == thing {
			return r.ARN
		}
	}
	return ""
}

func TestNarrowListsOneThingByTheService(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("n")
		d.write("pump-12")
		d.press("enter")
		d.pass(2 * time.Second)
		d.sees("thing pump-12")
		d.seesNot("gate-03")
		if !slices.ContainsFunc(d.service.Calls("ListTunnels"), func(c clienttest.Call) bool { return c.List.Thing == "pump-12" }) {
			t.Error("the service was not asked for the thing")
		}
		d.press("n", "ctrl+u", "enter")
		d.pass(2 * time.Second)
		d.sees("gate-03")
	})
}

func TestEndOfTheListSaysThatThereIsMoreAndLoadsIt(t *testing.T) {
	onDeskOf(t, 100, 30, prod, func(d *desk) {
		for i := range 30 {
			d.service.Put(client.Tunnel{Key: client.Key{ID: itoa(100 + i)}, Thing: client.Text("t-" + itoa(100+i)), CreatedAt: time.Now().Add(-time.Duration(i) * time.Minute)})
		}
		d.connect()
		d.sees("20+ open")
		d.sees("more on the server: m loads the next page")
		d.press("m")
		d.sees("Loading the next page")
		d.pass(2 * time.Second)
		d.sees("30 open")
		d.press("m")
		d.sees("All tunnels are listed.")
		d.seesNot("more on the server", "Loading the next page")
	})
}

func TestCloseAsksAndDeleteSaysMore(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("x")
		d.sees("Close the tunnel to pump-07 (tunnel 8f2c9a14, eu-west-1)? Both sides are cut and it cannot be reopened; opening another is billed.")
		d.press("enter")
		if len(d.service.Calls("CloseTunnel")) != 0 {
			t.Fatal("the default closed it")
		}
		d.press("x", "y")
		d.sees("The tunnel to pump-07 is closed.")
		d.pass(time.Second)
		d.press("x")
		d.sees("This tunnel is closed")
		d.press("X")
		d.sees("leaves every list now")
		d.press("y")
		d.pass(time.Second)
		if row, _ := d.app.selected(); row.Thing == "pump-07" {
			t.Error("the deleted tunnel is still listed")
		}
	})
}

func TestRotateSaysWhatEachSideCutsAndGoesThroughTheSessions(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("r")
		d.sees("s rotates the source's token. This cuts: whoever a test says, by SOURCE.", "d rotates the device's token. This cuts: whoever a test says, by DESTINATION.",
			"b rotates both tokens. This cuts: whoever a test says, by ALL.", "adit keeps a new source token")
		d.press("enter") // the default rotates nothing
		if len(d.sessions.rotated) != 0 {
			t.Fatal("the default rotated")
		}
		d.press("r", "d")
		if !slices.Equal(d.sessions.rotated, []client.ClientMode{client.ModeDestination}) {
			t.Errorf("rotated %v", d.sessions.rotated)
		}
		if n := len(d.service.Calls("RotateTunnelAccessToken")); n != 0 {
			t.Errorf("%d rotations went around the sessions, which keep the token", n)
		}
		d.sees("are rotated")
	})
}

func TestTunnelThatCannotBeClosedEndsByItself(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.service.FailNext("CloseTunnel", d.service.Failure("CloseTunnel", client.KindDenied))
		d.press("x", "y")
		d.sees("It closes itself at 11:37.")
		d.seesNot("The tunnel to pump-07 is closed.")
	})
}

func TestClosingATunnelEndsItsLocalProxyThroughTheSessions(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-07")
		d.sessions.proxies = []session.Proxy{p}
		d.choose("pump-07")
		d.press("x", "y")
		if !slices.Equal(d.sessions.stopped, []client.Key{p.Tunnel}) {
			t.Errorf("stopped %v", d.sessions.stopped)
		}
		d.sees("The tunnel to pump-07 is closed.")
	})
}

func TestCopyMenuCopiesWhatIsChosen(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("y")
		d.sees("2f2c9a14-12", "p starts a local proxy first")
		d.press("down", "down", "enter")
		if d.clipboard != "pump-12" {
			t.Errorf("copied %q", d.clipboard)
		}
		d.press("y")
		d.write("describe")
		d.press("enter")
		if !strings.HasPrefix(d.clipboard, "aws iotsecuretunneling describe-tunnel --tunnel-id 2f2c9a14-12") {
			t.Errorf("copied %q", d.clipboard)
		}
	})
}

func TestHelpAndPaletteRunWhatTheyList(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("?")
		d.write("http")
		d.sees("Control plane: http://127.0.0.1:4566")
		d.press("esc", ":")
		d.write("proxies")
		d.press("enter")
		d.sees("No local proxies run.")
		d.press(":")
		d.write("proxy.stop")
		d.sees("No local proxy is sel")
		d.press("enter", "esc")
	})
}

func TestQuitListsTheProxiesThatRun(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-12")}
		d.press("q")
		d.sees("Quitting stops these local proxies:", "pump-12 127.0.0.1:5555 1 connection", "[n stay] y quit")
		d.seesNot("c close")
		d.press("n")
		d.seesNot("Quit adit")
		if d.press("q", "y"); !d.quit {
			t.Error("y did not quit")
		}
	})
}

func TestSuspendWorksWhereverTheKeysGo(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("o", "ctrl+z")
		if !d.suspended {
			t.Error("ctrl+z did not suspend")
		}
		d.sees("billed per open")
	})
}

func TestBlurIsToldToTheWatcherAndDataReachesTheViewUnderAnOverlay(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.deliver(tea.BlurMsg{})
		if !d.app.looked.Blurred {
			t.Error("the watcher was not told")
		}
		d.deliver(tea.FocusMsg{})
		d.press("?")
		d.service.Put(client.Tunnel{Key: client.Key{ID: "new"}, Thing: "aaa-new", CreatedAt: time.Now()})
		d.pass(12 * time.Second)
		d.press("esc")
		d.sees("aaa-new")
	})
}

func (d *desk) proxyServices(name string) []tunnelconn.ServiceStatus {
	return []tunnelconn.ServiceStatus{{Service: name, Address: "127.0.0.1:5555", Live: 1}}
}

func TestDisplacedProxyIsToldOnce(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-07")
		d.sessions.proxies = []session.Proxy{p}
		d.pass(2 * time.Second)
		p.State, p.Err, p.Since = tunnelconn.Stopped, tunnelconn.ErrReplaced, time.Now()
		d.sessions.proxies = []session.Proxy{p}
		d.pass(2 * time.Second)
		d.sees("Someone else took the source of pump-07 at 10:41. adit will not fight back: enter to choose.")
		d.seesNot("● you")
		p.State, p.Err = tunnelconn.Connected, nil // taken over again: it is over
		d.sessions.proxies = []session.Proxy{p}
		d.pass(2 * time.Second)
		d.seesNot("Someone else took")
		p.State, p.Err, p.Since = tunnelconn.Stopped, tunnelconn.ErrReplaced, time.Now()
		d.sessions.proxies = []session.Proxy{p}
		d.pass(2 * time.Second)
		d.sees("Someone else took")
		d.pass(time.Minute)
		d.seesNot("Someone else took")
	})
}
