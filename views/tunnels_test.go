package views

import (
	"context"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
)

func TestTunnelOfAColleagueThatIsHeldWasNotOpenedHere(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-07")
		d.sessions.proxies = []session.Proxy{p}
		d.choose("pump-07")
		d.pass(2 * time.Second)
		d.sees("1 mine", "opened 10:37", "source ● held by this adit")
		d.seesNot("opened 10:37 by")

		d.sessions.opened[p.Tunnel] = true
		d.pass(2 * time.Second)
		d.sees("1 mine", "opened 10:37 by this adit", "held by this adit")

		delete(d.sessions.opened, p.Tunnel)
		d.sessions.proxies[0].State = tunnelconn.Stopped
		d.pass(2 * time.Second)
		d.sees("0 mine")
		d.seesNot("held by", "by this adit")
	})
}

func TestRoundTripBelowAMillisecondIsNotZero(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-07")
		p.RoundTrip = 180 * time.Microsecond
		d.sessions.proxies = []session.Proxy{p}
		d.choose("pump-07")
		d.pass(2 * time.Second)
		d.sees("round trip <1 ms")
		d.press("2")
		d.sees("<1 ms")
		d.seesNot(" 0 ms")
		p.Window = 16_000
		d.sessions.proxies = []session.Proxy{p}
		d.press("i")
		d.pass(2 * time.Second)
		d.sees("round trip <1 ms, window 16 kB, 0 B on their way")
	})
}

func TestHelpIsAlwaysHinted(t *testing.T) {
	onDeskOf(t, 80, 24, prod, func(d *desk) {
		stock(d.service)
		for i := range 30 {
			d.service.Put(client.Tunnel{Key: client.Key{ID: itoa(100 + i)}, Thing: client.Text("t-" + itoa(100+i)), CreatedAt: time.Now()})
		}
		d.connect() // there is more to load, which is one hint more
		hinted := func(of string) {
			t.Helper()
			lines := strings.Split(d.screen(), "\n")
			if last := lines[len(lines)-1]; !strings.Contains(last, "? help") {
				t.Errorf("%s: the last line is %q", of, last)
			}
		}
		hinted("tunnels")
		d.press("space", "/")
		d.write("t-1")
		d.press("enter")
		hinted("filtered")
		d.sessions.proxies = []session.Proxy{d.proxy("t-101")}
		d.press("2")
		hinted("proxies")
		if err := d.app.scene.keys.Override(map[keymap.Action][]string{keymap.TunnelSSH: {"ctrl+alt+shift+f12"}, keymap.TunnelOpen: {"alt+shift+f11"}}); err != nil {
			t.Fatal(err)
		}
		d.press("1")
		hinted("long keys")
	})
}

func TestNoticesOfTheBackendAreShownOnceConnected(t *testing.T) {
	onDeskOf(t, 80, 24, prod, func(d *desk) {
		stock(d.service)
		connect := d.app.opts.Connect
		d.app.opts.Connect = func(ctx context.Context) (*Backend, error) {
			backend, err := connect(ctx)
			backend.Notices = []string{"adit's state was moved aside.", "ADIT_CA was not followed.\x1b[2J"}
			return backend, err
		}
		d.connect()
		d.sees("adit's state was moved aside.", "ADIT_CA was not followed.")
		d.pass(time.Minute)
		d.seesNot("moved aside", "not followed")
	})
}
