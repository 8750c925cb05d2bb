package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/settings"
)

// order is the things in the order on the screen.
func (d *desk) order() string {
	var names []string
	for _, row := range d.app.tunnels.table.Visible() {
		names = append(names, name(row))
	}
	return strings.Join(names, " ")
}

func TestFilterNarrowsAsYouType(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("/")
		d.write("pump ssh")
		d.sees("2 matches", "pump-07", "pump-12")
		d.seesNot("gate-03")
		d.press("enter")
		d.write("q") // no text any more
		if !d.quit {
			t.Error("the filter still takes the keys")
		}
		d.press("/", "esc")
		d.sees("gate-03")
		d.press("/")
		d.write("pump")
		d.press("enter")
		d.sees("2 matches, esc shows all")
		d.press("esc")
		d.sees("gate-03")
	})
}

func TestFilterKnowsWhatTheScreenShows(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("gate-03")
		d.sessions.proxies = []session.Proxy{p}
		d.sessions.opened[p.Tunnel] = true
		d.pass(2 * time.Second)
		for text, want := range map[string]string{
			"device:connected": "pump-07 pump-12 (no thing)", "device:never": "gate-03", "device:closed": "cam-11", "!status:open": "cam-11", "mine": "gate-03",
			"source:you": "gate-03", "service:wss": "(no thing)", "left<50m": "gate-03", "age>150m status:open": "(no thing)", "tag:team=ops /^cam/": "cam-11",
			"!pump !mine status:open": "(no thing)", "pump service:http": "pump-12",
		} {
			d.press("/", "ctrl+u")
			d.write(text)
			d.press("enter")
			if got := d.order(); got != want {
				t.Errorf("%q lists %q, want %q", text, got, want)
			}
			d.press("esc")
		}
	})
}

func TestWrongFilterSaysWhyAndLeavesTheListAlone(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("/")
		d.write("pump device:x")
		d.sees("! device: is one of connected, gone, never, closed", "pump-07", "pump-12")
		d.seesNot("gate-03")
		d.press("enter") // what is no filter goes
		d.sees("/ pump ", "2 matches, esc shows all")
		d.press("/")
		d.write(" devise:never")
		d.sees("did you mean device:")
		d.press("esc")
		d.sees("gate-03")
	})
}

func TestTabCompletesFieldsAndValues(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("/")
		d.sees("tab thing: service: status:")
		d.write("de")
		d.sees("tab device: description:")
		d.press("tab")
		d.sees("/ device:")
		d.press("tab")
		d.sees("/ description:")
		d.press("shift+tab")
		d.write("n")
		d.sees("tab device:never")
		d.press("right")
		d.sees("/ device:never", "1 match")
		d.write(" thing:")
		d.sees("thing:cam-11 thing:gate-03")
		d.press("ctrl+u")
		d.write("tag:t")
		d.press("tab")
		d.press("ctrl+u")
		d.write("dev")
		d.press("tab") // one offer: its values come at once
		d.sees("/ device:", "tab device:connected device:gone device:never")
		d.press("ctrl+u")
		d.write("tag:t")
		d.press("tab")
		d.sees("/ tag:team=ops", "5 matches")
		d.press("left", "backspace", "o", "enter")
		d.sees("/ tag:team=oos", "0 matches")
	})
}

func TestSavedFiltersAreListedAppliedAndForgotten(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.opts.Filters = []settings.Named{{Name: "lost", Text: "device:never"}}
		d.press("F")
		d.sees("There is no filter to save: / filters the list.")
		d.press("/")
		d.write("pump device:connected")
		d.press("enter", "F")
		d.write("pumps")
		d.press("ctrl+s")
		d.sees("The filter is saved as pumps. f lists the saved ones.")
		if got := d.arranged; !slices.Equal(got.Filters, []session.SavedFilter{{Name: "pumps", Text: "pump device:connected"}}) {
			t.Errorf("kept %+v", got.Filters)
		}
		d.press("esc", "f")
		d.sees("lost device:never", "pumps pump device:connected", "Forget pumps")
		d.press("enter")
		d.sees("/ device:never", "1 match")
		d.press("f", "down", "enter")
		d.sees("/ pump device:connected", "2 matches")
		d.press("f")
		d.write("forget")
		d.press("enter")
		d.sees("The filter pumps is forgotten.")
		if len(d.arranged.Filters) != 0 {
			t.Errorf("kept %+v", d.arranged.Filters)
		}
	})
}

func TestSortMenuSortsEitherWayAndIsRemembered(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("S")
		d.sees("The list is in the service's order: s sorts it.")
		for _, c := range []struct{ by, up, down string }{
			{"thing", "(no thing) cam-11 gate-03 pump-07 pump-12", "pump-12 pump-07 gate-03 cam-11 (no thing)"},
			{"time left", "cam-11 gate-03 pump-07 (no thing) pump-12", "pump-12 (no thing) pump-07 gate-03 cam-11"},
			{"age", "pump-07 gate-03 pump-12 (no thing) cam-11", "cam-11 (no thing) pump-12 gate-03 pump-07"},
			{"source", "pump-07 gate-03 pump-12 (no thing) cam-11", "cam-11 (no thing) pump-07 gate-03 pump-12"},
			{"description", "pump-12 pump-07 (no thing) cam-11 gate-03", "gate-03 cam-11 (no thing) pump-07 pump-12"},
		} {
			d.press("s")
			d.write(c.by)
			d.press("enter")
			d.sees("Sorted by " + c.by + ".")
			if got := d.order(); got != c.up {
				t.Errorf("by %s: %s, want %s", c.by, got, c.up)
			}
			d.press("S")
			d.sees("Sorted by " + c.by + ", the other way round.")
			if got := d.order(); got != c.down {
				t.Errorf("by %s, the other way: %s, want %s", c.by, got, c.down)
			}
		}
		if d.arranged.Sort != "description" || !d.arranged.Descending {
			t.Errorf("kept %+v", d.arranged)
		}
		d.press("s", "enter")
		d.sees("in the service's order, newest first")
		if d.arranged.Sort != "" || d.arranged.Descending {
			t.Errorf("kept %+v", d.arranged)
		}
	})
}

func TestListIsBroughtBackAsItWasLeft(t *testing.T) {
	onDeskOf(t, 100, 30, prod, func(d *desk) {
		stock(d.service)
		d.arranged = session.Arrangement{Sort: "thing", Descending: true, Columns: []session.ColumnChoice{{ID: "age"}, {ID: "gone"}, {ID: "thing", Width: 20}, {ID: "source", Hidden: true}}}
		d.connect()
		if got := d.order(); !strings.HasPrefix(got, "pump-12 pump-07") {
			t.Errorf("the order is %s", got)
		}
		d.sees("AGE AS OF DESCRIPTION THING ▼ SERVICES DEVICE LEFT")
		d.seesNot("SOURCE")
	})
}

func TestColumnsAreChosenOrderedAndSized(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("C")
		d.sees("✓ thing", "✓ services", "✓ time left", "as shipped")
		d.press("space") // the thing stays
		d.press("down", "space", "down", "J", "l", "l")
		d.sees("16 wide")
		d.press("enter")
		d.sees("THING DEVICE SOURCE")
		d.seesNot("SERVICES")
		want := []session.ColumnChoice{{ID: "thing"}, {ID: "services", Hidden: true}, {ID: "device"}, {ID: "source", Width: 16}}
		if got := d.arranged.Columns; len(got) < 4 || !slices.Equal(got[:4], want) {
			t.Errorf("kept %+v", got)
		}
		d.press("C", "down", "space", "esc")
		d.seesNot("SERVICES")
		d.press("C", "r", "enter")
		d.sees("THING SERVICES SOURCE DEVICE")
		if d.arranged.Columns != nil {
			t.Errorf("kept %+v", d.arranged.Columns)
		}
	})
}

// A filter on what DescribeTunnel alone tells has the rows described first that it cannot judge, and says how far it is.
func TestFilterHasUnknownRowsDescribedFirstAndSaysHowFar(t *testing.T) {
	pace := client.WatcherOptions{PageSize: 100, Pages: 1, Rate: 2, MostRate: 2, Burst: 1}
	onDeskAt(t, 100, 30, prod, pace, func(d *desk) {
		for i := range 80 {
			d.service.Put(client.Tunnel{Key: client.Key{ID: itoa(100 + i)}, Thing: client.Text("t-" + itoa(100+i)),
				CreatedAt: time.Now().Add(-time.Duration(i) * time.Minute), Lifetime: 12 * time.Hour, Services: []client.Text{"SSH"}})
			if i >= 60 { // closed tunnels are described last, where nobody asks
				d.service.Change(itoa(100+i), func(t *client.Tunnel) { t.Status = client.StatusClosed })
			}
		}
		d.connect()
		before := len(d.service.Calls("DescribeTunnel"))
		d.press("/")
		d.write("status:closed thing:t-179")
		d.sees("0 matches, checked 0 of 20", "the others are asked for")
		d.press("enter")
		d.pass(5 * time.Second)
		asked := d.service.Calls("DescribeTunnel")[before:]
		if len(asked) < 8 {
			t.Fatalf("%d rows were asked for", len(asked))
		}
		for _, call := range asked[2:] { // two may have been under way
			if !strings.HasPrefix(call.Object, "16") && !strings.HasPrefix(call.Object, "17") {
				t.Errorf("%s was asked for, which is not sought", call.Object)
			}
		}
		d.sees("checked " + itoa(d.app.tunnels.checking.done) + " of 20")
		d.pass(10 * time.Second)
		d.sees("t-179", "1 match, esc shows all")

		// An order by what only DescribeTunnel tells does so, too, and leaves what it does not know at the end.
		d.press("esc", "s")
		d.write("time left")
		d.press("enter")
		d.sees("sorted by time left: checked ", " of 80")
		d.press("S", "G")
		if row, _ := d.app.selected(); row.Described {
			t.Errorf("the last row is %s, which is known", name(row))
		}
		d.pass(2 * time.Minute)
		d.seesNot("sorted by time left: checked")
	})
}
