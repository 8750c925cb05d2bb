package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// line is the line of the screen that names a thing in the list.
func (d *desk) line(thing string) string {
	d.t.Helper()
	for line := range strings.SplitSeq(d.screen(), "\n") {
		if strings.Contains(line, " "+thing+" ") {
			return line
		}
	}
	d.t.Fatalf("%s is not listed:\n%s", thing, d.screen())
	return ""
}

func TestEachReasonForOldDataHasItsOwnWordAndBlanksNothing(t *testing.T) {
	words := map[client.Kind]string{
		client.KindThrottled: "throttled", client.KindDenied: "denied", client.KindOffline: "offline", client.KindExpired: "login expired",
	}
	want := func(word string) string { return strings.TrimPrefix(word, "login ") }
	for kind, word := range words {
		onDeskOf(t, 160, 30, prod, func(d *desk) {
			stock(d.service)
			d.connect()
			d.service.FailAlways("ListTunnels", d.service.Failure("ListTunnels", kind))
			d.service.FailAlways("DescribeTunnel", d.service.Failure("DescribeTunnel", kind))
			d.pass(45 * time.Second)
			d.sees(word + ", as of")
			d.choose("pump-12")
			// A throttled budget pauses for times of chance, and comes to each row in its turn.
			for range 60 {
				if strings.Contains(d.line("pump-12"), want(word)) {
					break
				}
				d.pass(5 * time.Second)
			}
			line := d.line("pump-12")
			for _, text := range []string{"● connected", "SSH HTTP", want(word)} {
				if !strings.Contains(line, text) {
					t.Errorf("%s: %q is not in %q", word, text, line)
				}
			}
			d.press("i")
			d.sees("refresh " + word + ":")
			d.press("esc")
			before := len(d.service.Calls("DescribeTunnel"))
			d.service.FailAlways("ListTunnels", nil)
			d.service.FailAlways("DescribeTunnel", nil)
			d.pass(4 * time.Minute)
			if len(d.service.Calls("DescribeTunnel")) == before {
				t.Fatalf("%s: it never asked again", word)
			}
			if line := d.line("pump-12"); strings.Contains(line, want(word)) {
				t.Errorf("%s: refreshed again, and still %q", word, line)
			}
		})
	}
}

func TestNarrowListTellsReasonsApartBySymbol(t *testing.T) {
	seen := map[string]client.Kind{}
	for _, kind := range []client.Kind{client.KindThrottled, client.KindDenied, client.KindOffline, client.KindExpired} {
		onDeskOf(t, 80, 24, prod, func(d *desk) {
			stock(d.service)
			d.connect()
			d.choose("pump-12")
			d.service.FailAlways("DescribeTunnel", d.service.Failure("DescribeTunnel", kind))
			d.pass(45 * time.Second)
			mark := strings.Fields(d.line("pump-12"))
			i := slices.Index(mark, "pump-12")
			symbol := strings.TrimRight(mark[i+1], "0123456789ms")
			if other, taken := seen[symbol]; taken || symbol == "" {
				t.Errorf("kinds %d and %d both show %q", other, kind, symbol)
			}
			seen[symbol] = kind
		})
	}
}

func TestDetailTellsWhatWasSeenToChangeAndWhenTheTunnelEnds(t *testing.T) {
	onDeskOf(t, 160, 50, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		d.choose("gate-03")
		d.press("i")
		d.sees("Tunnel to gate-03", "1b2c9a14-03", "arn:aws:iot", "◌ never connected", "11:29:00", "47:57 left", "it cannot be extended", "nothing so far")
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) {
			u.Destination = client.Side{Known: true, Connected: true, Since: time.Now()}
			u.Tags = append(slices.Clone(u.Tags), client.Tag{Key: "shift", Value: "night"})
		})
		d.pass(20 * time.Second)
		d.sees("10:41:03 device connected", "tag + shift = night")
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) {
			u.Destination = client.Side{Known: true, Since: time.Now()}
		})
		d.pass(20 * time.Second)
		d.sees("10:41:23 device disconnected", "○ left 10:41")
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) { u.Status = client.StatusClosed })
		d.pass(30 * time.Second)
		d.sees("closed; it was opened for 60 min")
		if events := d.app.chronicle.of(prod.Key("1b2c9a14-03")); events[len(events)-1].text != "closed" {
			t.Errorf("seen: %+v", events)
		}
	})
}

func TestOwnerStandsInItsColumnWhereThereIsRoom(t *testing.T) {
	onDeskOf(t, 160, 30, prod, func(d *desk) {
		stock(d.service)
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) {
			u.Tags = []client.Tag{{Key: "adit:open", Value: "0123456789abcdef alice@bastion3"}}
		})
		d.connect()
		if line := d.line("pump-12"); !strings.Contains(line, "alice@bastion3") {
			t.Errorf("no owner in %q", line)
		}
		d.resize(100, 30)
		d.seesNot("OWNER")
		d.choose("pump-12")
		d.press("i")
		d.sees("owner alice@bastion3")
	})
}

func TestChronicleIsBoundedAndFollowsRowsThatMove(t *testing.T) {
	c := newChronicle()
	row := func(id string, connected bool) *client.Row {
		return &client.Row{Tunnel: client.Tunnel{Key: prod.Key(id), Status: client.StatusOpen, Described: true,
			Source: client.Side{Known: true}, Destination: client.Side{Known: true, Connected: connected}}}
	}
	c.see(&client.Snapshot{Rows: []*client.Row{row("b", false), row("a", false)}})
	c.see(&client.Snapshot{Rows: []*client.Row{row("c", false), row("b", true), row("a", false)}})
	c.see(&client.Snapshot{Rows: []*client.Row{row("c", false), row("a", true)}})
	for id, want := range map[string]string{"a": "device connected", "b": "device connected", "c": "listed for the first time"} {
		if events := c.of(prod.Key(id)); len(events) != 1 || events[0].text != want {
			t.Errorf("of %s was seen %+v, want %q", id, events, want)
		}
	}
	for i := range 4 * mostEvents {
		c.see(&client.Snapshot{Rows: []*client.Row{row("a", i%2 == 1)}})
	}
	if n := len(c.of(prod.Key("a"))); n != mostEvents {
		t.Errorf("%d events are kept of one tunnel, want %d", n, mostEvents)
	}
	var many []*client.Row
	for i := range 3 * mostChronicled {
		many = append(many, row("many"+itoa(i), false))
	}
	c.see(&client.Snapshot{Rows: many})
	if n := len(c.events); n > mostChronicled {
		t.Errorf("events of %d tunnels are kept, want at most %d", n, mostChronicled)
	}
}
