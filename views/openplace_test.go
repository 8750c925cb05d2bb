package views

import (
	"slices"
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/settings"
)

func TestOpenFormChoosesTheContextWhereSeveralAreShown(t *testing.T) {
	onAtlas(t, 100, 34, func(a *atlas) {
		a.connect()
		a.press("o")
		a.sees("PRODUCTION eu-west-1 · billed per open · prod 1234-5678-9012")
		a.seesNot("( ) dev")
		a.press("esc")

		a.goTo([]string{"+prod", "+dev"}, []string{"ownreg"})
		a.app.connection.backend.Defaults = func(c client.Context) settings.Defaults {
			if c.Profile == "dev" {
				return settings.Defaults{Services: []string{"SSH", "HTTP"}, Lifetime: 2 * time.Hour, SSHUser: "pi",
					Ports: map[string]int{"SSH": 2222}, Tags: []client.Tag{{Key: "team", Value: "lab"}}}
			}
			return settings.Defaults{Services: []string{"SSH"}, Lifetime: time.Hour}
		}
		a.choose("west-pump")
		a.press("o")
		a.sees("Context", "(•) prod PRODUCTION", "( ) dev", "PRODUCTION eu-west-1 · billed", "[60]")
		a.write("new-pump")
		a.press("up", "right")
		a.sees("(•) dev", "eu-west-1 · billed per open · dev 2109-8765-4321", "[SSH] [HTTP]", "120", "2222", "team = lab", "pi, unless", "--profile dev")
		a.press("ctrl+s", "y")
		req := a.sessions.lastReq()
		if got := req.Service.Context().Profile; got != "dev" || req.Open.Thing != "new-pump" || req.Open.Lifetime != 2*time.Hour ||
			!slices.Equal(req.Open.Services, []string{"SSH", "HTTP"}) || len(req.Open.Tags) != 1 {
			t.Errorf("opens in %s: %+v", got, req.Open)
		}
		a.press("esc")

		// What was edited stays when the context is another one.
		a.choose("west-pump")
		a.press("o", "tab", "tab", "ctrl+u")
		a.write("15")
		a.press("shift+tab", "shift+tab", "shift+tab", "right")
		a.sees("(•) dev", "[15]", "west-pump")
	})
}

func TestOpenFormBeginsInTheContextOfWhatIsSelectedAndOffersNoneThatIsReadOnly(t *testing.T) {
	onAtlas(t, 100, 34, func(a *atlas) {
		a.connect()
		a.put(Place{"dev", "us-east-1"}, client.Context{Profile: "dev", Account: "210987654321", Region: "us-east-1", ReadOnly: true}, "far-pump")
		a.goTo([]string{"+prod", "+dev"}, []string{"+eu-west-1", "+us-east-1", "+ownreg"})
		a.choose("east-pump")
		a.press("o")
		a.sees("(•) prod us-east-1 PRODUCTION", "( ) prod eu-west-1 PRODUCTION", "( ) dev eu-west-1")
		a.seesNot("dev us-east-1")
	})
}

func TestTakingOverInProductionIsTypedOut(t *testing.T) {
	marked := prod
	marked.Production = true
	onDeskOf(t, 100, 30, marked, func(d *desk) {
		stock(d.service)
		d.connect()
		d.choose("pump-07")
		d.press("enter")
		d.tells(func(p *session.Progress) {
			p.Done, p.Err = true, &session.BusyError{Thing: "pump-07", Holder: "alice@bastion3"}
		})
		d.pass(time.Second)
		d.press("t")
		d.sees("PRODUCTION: prod", "is cut off at once.", "Type pump-07 to go on:")
		d.press("y", "enter") // a letter is text here, and the default cuts nobody off
		if len(d.sessions.requests) != 1 {
			t.Fatal("a single key took the source of somebody in production")
		}
		d.press("t")
		d.write("pump-07")
		d.press("enter")
		if !d.sessions.lastReq().TakeOver {
			t.Error("the take-over was not asked for")
		}
		d.press("esc")

		// The same where adit was displaced, from the list and by restarting the local proxy.
		d.displace("pump-07")
		d.press("enter", "t")
		d.sees("Take pump-07 over", "Type pump-07 to go on:")
		before := len(d.sessions.requests)
		d.press("y", "enter")
		if len(d.sessions.requests) != before {
			t.Fatal("a single key took the source back")
		}
		d.press("enter", "t")
		d.write("pump-07")
		d.press("enter")
		if len(d.sessions.requests) != before+1 || !d.sessions.lastReq().TakeOver {
			t.Error("the take-over was not asked for")
		}
		d.press("esc", "2", "r")
		d.sees("Restart the local proxy", "Type pump-07 to go on:")
	})
}
