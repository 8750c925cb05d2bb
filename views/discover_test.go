package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/settings"
	"adit/ui"
)

// lastLine is the hint bar.
func (d *desk) lastLine() string {
	lines := strings.Split(d.screen(), "\n")
	return lines[len(lines)-1]
}

func TestHelpIsSearchedRunsWhatItListsAndSaysWhyNot(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("cam-11") // closed
		d.press("?")
		d.write("local proxy")
		d.sees("Start a local proxy (This tunnel is closed")
		d.press("enter", "esc") // what cannot run is not run
		d.choose("pump-07")
		d.press("?")
		d.write("rotate tok")
		d.press("enter")
		d.sees("Rotate")
		if calls := d.service.Calls("RotateTunnelAccessToken"); len(calls) > 0 || len(d.sessions.rotated) > 0 {
			t.Error("it was not asked")
		}
		d.press("esc", ":")
		d.sees("enter do it")
		d.write("time left") // not an action: nothing matches
		d.seesNot("enter do it")
		d.press("esc", ":")
		d.write("tunnel.copy") // by the action's name
		d.press("enter")
		d.sees("Copy of pump-07")
		d.press("esc")
		// A key whose action cannot run says why.
		d.choose("cam-11")
		before := len(d.service.Calls())
		d.press("p")
		d.sees("This tunnel is closed, and a closed tunnel cannot be reopened.")
		d.press("up") // read, and gone on
		d.seesNot("This tunnel is closed, and")
		d.press("down")
		for _, call := range d.service.Calls()[before:] {
			if call.Operation != "ListTunnels" && call.Operation != "DescribeTunnel" {
				t.Errorf("it asked for %s", call.Operation)
			}
		}
	})
}

func TestHintBarFollowsWhatIsInFront(t *testing.T) {
	onDesk(t, func(d *desk) {
		for _, c := range []struct {
			keys []string
			want string
		}{
			{nil, "enter ssh  o open…"}, {[]string{"/"}, "enter keep  esc show all  tab complete"}, {[]string{"esc", "o"}, "ctrl+s go"},
			{[]string{"esc", "x"}, "n keep it"}, {[]string{"esc", "C"}, "space show or hide"}, {[]string{"esc", "?"}, "enter do it  esc back"},
			{[]string{"esc", "2"}, "enter ssh  i connections"},
		} {
			d.press(c.keys...)
			if got := d.lastLine(); !strings.Contains(got, c.want) {
				t.Errorf("after %q: %q, want %q", c.keys, got, c.want)
			}
		}
	})
}

func TestReboundKeysWorkWhereverTheirActionDoes(t *testing.T) {
	onDesk(t, func(d *desk) {
		err := d.app.scene.keys.Override(map[keymap.Action][]string{
			keymap.TunnelClose: {"ctrl+x"}, keymap.FormSubmit: {"ctrl+y"}, keymap.FormNext: {"ctrl+n"}, keymap.FormCancel: {"ctrl+g"}, keymap.DialogCancel: {"0"},
		})
		if err != nil {
			t.Fatal(err)
		}
		d.choose("pump-07")
		d.press("x")
		if len(d.app.overlays) > 0 {
			t.Error("the old key still closes")
		}
		d.press("ctrl+x")
		d.sees("Close the tunnel to pump-07")
		d.press("0")
		if len(d.app.overlays) > 0 {
			t.Error("the new key does not cancel")
		}
		d.press("o", "ctrl+s", "tab")
		if len(d.sessions.requests) > 0 || len(d.app.overlays) != 1 {
			t.Error("the old key still submits")
		}
		d.press("ctrl+g", "o", "ctrl+y")
		if len(d.sessions.requests) != 1 {
			t.Errorf("the new key submits %d requests", len(d.sessions.requests))
		}
		if got := d.service.Calls("CloseTunnel"); len(got) > 0 {
			t.Errorf("closed: %v", got)
		}
		d.press("0", "?")
		d.write("0") // text in a menu
		d.sees("/ 0")
	})
}

// What a person chose for a profile is what the forms begin with, what is asked of the service, and what the screen looks like.
func TestSettingsOfAProfileReachTheScreenAndTheService(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.connection.backend.Defaults = func(where client.Context) settings.Defaults {
			if where.Profile != "prod" {
				t.Errorf("asked for the defaults of %q", where.Profile)
			}
			return settings.Defaults{Services: []string{"SSH"}, Lifetime: 90 * time.Minute}
		}
		d.choose("pump-07")
		d.press("o")
		d.write("gate-03")
		d.sees("Lifetime (min) 90", "maxLifetimeTimeoutMinutes=90")
		d.press("ctrl+s")
		req := d.sessions.lastReq()
		if req.Open == nil || req.Open.Thing != "gate-03" || req.Open.Lifetime != 90*time.Minute || !slices.Equal(req.Open.Services, []string{"SSH"}) {
			t.Errorf("opens %+v", req.Open)
		}
	})
	for name, look := range map[string]ui.Look{"reduced": {Dark: true, ReducedMotion: true}, "turning": {Dark: true}} {
		onDesk(t, func(d *desk) {
			d.app.scene.theme = ui.NewTheme(look)
			d.choose("pump-07")
			d.press("enter")
			d.tells(func(p *session.Progress) {})
			d.pass(time.Second)
			frames := map[string]bool{}
			for range 10 { // two seconds, and with them what counts seconds
				d.pass(200 * time.Millisecond)
				frames[d.screen()] = true
			}
			if turning := len(frames) > 4; turning == look.ReducedMotion {
				t.Errorf("%s: %d different frames in two seconds", name, len(frames))
			}
		})
	}
}
