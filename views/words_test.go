package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/keymap"
	"adit/session"
)

func TestAgeOfTheDeviceIsNeverCutAtEightyColumns(t *testing.T) {
	onDeskOf(t, 80, 24, prod, func(d *desk) {
		stock(d.service)
		d.service.Change("8f2c9a14-07", func(u *client.Tunnel) { u.Destination.Since = time.Now().Add(-12 * time.Minute) })
		d.connect()
		d.sees("● connected 12m")
	})
}

func TestAShellThatEndedAfterCtrlCIsNoWarning(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.deliver(shellEndedMsg{key: d.app.selectedKey(), target: "pump-07", code: 130})
		d.sees("The shell on pump-07 ended after ctrl+c (130).")
		d.seesNot("! The shell")
		d.deliver(shellEndedMsg{key: d.app.selectedKey(), target: "pump-07", code: 1})
		d.sees("! The shell on pump-07 ended with exit status 1.")
	})
}

func TestTheOpenFormKnowsItsOwnSource(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-12")}
		d.choose("pump-12")
		d.press("o")
		d.sees("already has an open tunnel with 9h left, and its source is in use by you.")
	})
}

func TestWhatCannotRunHereSaysWhereItDoes(t *testing.T) {
	onDesk(t, func(d *desk) {
		for action, why := range map[keymap.Action]string{
			keymap.FormSubmit: "only in a form", keymap.AttemptTakeover: "only while something is under way",
			keymap.ConnectRetry: "adit is connected",
		} {
			b, _ := d.app.scene.keys.Binding(action)
			if e := d.app.entry(b); e.Disabled != why {
				t.Errorf("%s says %q, want %q", action, e.Disabled, why)
			}
		}
	})
}

func TestTheListSaysWhereItGoesOnAboveTheFilter(t *testing.T) {
	onDeskOf(t, 80, 24, prod, func(d *desk) {
		for i := range 30 {
			d.service.Put(client.Tunnel{Key: client.Key{ID: itoa(100 + i)}, Thing: client.Text("t-" + itoa(100+i)), CreatedAt: time.Now()})
		}
		d.connect()
		d.press("/")
		d.write("t-1")
		lines := strings.Split(d.screen(), "\n")
		filter := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, " / t-1") })
		if filter < 1 || !strings.Contains(lines[filter-1], "more on the server: m loads the next page") {
			t.Fatalf("it is not above the filter:\n%s", d.screen())
		}
		if cursor := d.app.View().Cursor; cursor == nil || cursor.Y != filter || cursor.X != len(" / t-1") {
			t.Errorf("the cursor is at %+v, the filter on line %d", cursor, filter)
		}
	})
}

func TestNarrowHeaderKeepsTheRegionBesideAStrangersEndpoint(t *testing.T) {
	stranger := client.Context{Region: "eu-west-1", Account: "123456789012", Endpoint: "http://127.0.0.1:36977", EndpointFrom: "AWS_ENDPOINT_URL_IOTSECURETUNNELING"}
	onDeskOf(t, 80, 24, stranger, func(d *desk) {
		d.connect()
		d.sees("NOT AWS 127.0.0.1:36977 ▸ eu-west-1")
	})
	onDeskOf(t, 160, 24, stranger, func(d *desk) {
		d.connect()
		d.sees("NOT AWS 127.0.0.1:36977 (from AWS_ENDPOINT_URL_IOTSECURETUNNELING) ▸ eu-west-1")
	})
}
