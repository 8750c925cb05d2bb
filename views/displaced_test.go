package views

import (
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

// displace lets somebody else take the source of the tunnel of a thing.
func (d *desk) displace(thing string) {
	p := d.proxy(thing)
	d.sessions.proxies = []session.Proxy{p}
	d.pass(2 * time.Second)
	p.State, p.Err, p.Since = tunnelconn.Stopped, tunnelconn.ErrReplaced, time.Now()
	d.sessions.proxies = []session.Proxy{p}
	d.pass(2 * time.Second)
	d.choose(thing)
}

func TestEnterOnADisplacedTunnelGivesTheChoiceItPromised(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.displace("pump-07")
		d.sees("enter to choose")
		d.press("enter")
		d.sees("Someone else took the source of pump-07 (tunnel 8f2c9a14, eu-west-1). Taking it over cuts them off at once.",
			"A second tunnel leaves them alone, and is billed.")
		d.press("enter") // the default leaves it to them
		if len(d.sessions.requests) != 0 {
			t.Fatal("adit fought back without being told to")
		}
		d.press("enter", "t")
		if req := d.sessions.lastReq(); !req.TakeOver || req.Open != nil {
			t.Fatalf("asked for %+v", req)
		}
		d.press("esc", "enter", "n")
		d.sees("AWS bills every open.")
		d.press("y")
		if req := d.sessions.lastReq(); req.Open == nil || req.Open.Thing != "pump-07" || req.Key != (client.Key{}) {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestALocalProxyAndARetryDoNotFightBackEither(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("enter")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, errMade })
		d.displace("pump-07")
		d.press("enter")
		d.sees("The source of pump-07 was taken")
		d.press("esc", "esc", "p", "ctrl+s")
		d.sees("The source of pump-07 was taken")
		if n := len(d.sessions.requests); n != 1 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestLeavingAnAttemptTellsWhatStays(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("o", "ctrl+s")
		d.press("esc")
		d.sees("A tunnel to pump-07 was asked for already: if it is opened, it is listed here and billed (x closes it).")

		d.press("o", "ctrl+s")
		opened := prod.Key("tunnel-9")
		d.tells(func(p *session.Progress) { p.Key, p.Done, p.Err = opened, true, errMade })
		d.press("enter", "esc") // a retry goes on with the tunnel that was opened
		d.sees("The tunnel to pump-07 stays open (x closes it).")

		d.press("o", "ctrl+s")
		d.tells(func(p *session.Progress) { p.Key, p.Done, p.Err = opened, true, errMade })
		d.press("esc")
		d.sees("The tunnel to pump-07 stays open until 11:41 (x closes it).")

		d.pass(time.Minute)
		p := d.proxy("pump-07")
		d.sessions.proxies = []session.Proxy{p}
		d.choose("pump-07")
		d.press("enter")
		d.tells(func(progress *session.Progress) { progress.Key = p.Tunnel })
		d.press("esc")
		d.sees("adit still holds the source of pump-07 at 127.0.0.1:5555 (2 shows it).")
		d.seesNot("stays open")

		d.pass(time.Minute)
		d.choose("pump-12")
		d.press("enter", "esc")
		d.seesNot("stays open", "still holds")
	})
}
