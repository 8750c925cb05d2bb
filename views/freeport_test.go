package views

import (
	"testing"

	"adit/client"
	"adit/session"
)

func TestTheFreePortThatIsNamedIsTakenByAKey(t *testing.T) {
	onDesk(t, func(d *desk) {
		taken := &session.Failure{Text: "127.0.0.1:5555 is taken by another program.", Remedy: "127.0.0.1:5556 is free.",
			Err: &session.PortTakenError{Service: "SSH", Address: "127.0.0.1:5555", By: "another program", Free: "127.0.0.1:5556"}}
		d.choose("pump-12")
		d.press("p")
		d.write("5555")
		d.press("tab")
		d.write("8080")
		d.press("ctrl+s")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, taken })
		d.sees("f use 127.0.0.1:5556", "enter try again")
		d.seesNot("new tunnel")
		d.press("n")
		d.sees("Another tunnel would not free the port.")
		d.press("f")
		if req := d.sessions.lastReq(); req.Open != nil || req.Bind["SSH"] != "127.0.0.1:5556" || req.Bind["HTTP"] != "127.0.0.1:8080" {
			t.Fatalf("asked for %+v", req)
		}
		d.press("esc")

		// A port is tried before the open, so that the same open may be asked for again.
		d.press("o", "tab", "tab", "tab", "tab", "tab", "right", "tab")
		d.write("5555")
		d.press("ctrl+s")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, taken })
		d.press("f")
		if req := d.sessions.lastReq(); req.Open == nil || req.Key != (client.Key{}) || req.Bind["SSH"] != "127.0.0.1:5556" {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestOnePortCannotServeTwoServices(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("p")
		d.write("5555")
		d.press("tab")
		d.write("5555")
		d.press("ctrl+s")
		d.sees("This is the port of SSH already.")
		if len(d.sessions.requests) != 0 {
			t.Fatal("one port for two services was asked for")
		}
		d.write("6")
		d.press("backspace", "backspace", "6", "ctrl+s")
		if req := d.sessions.lastReq(); req.Bind["SSH"] != "127.0.0.1:5555" || req.Bind["HTTP"] != "127.0.0.1:5556" {
			t.Errorf("asked for %+v", req)
		}
	})
}

func TestANoticeOfWhatWasUnderWayGoesWithIt(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-12")
		d.press("enter", "n")
		d.sees("It is still under way.")
		d.tells(func(p *session.Progress) { p.Done, p.Err = true, errMade })
		d.sees("made up by a test")
		d.seesNot("It is still under way.")
	})
}
