package views

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

func TestWatchedDeviceThatConnectsRingsOnce(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("gate-03")
		d.press("N")
		d.sees("adit tells you when gate-03 connects.", "never connected, watched")
		d.deliver(tea.BlurMsg{})
		d.service.Change("1b2c9a14-03", func(u *client.Tunnel) {
			u.Destination = client.Side{Known: true, Connected: true, Since: time.Now()}
		})
		d.pass(6 * time.Second)
		d.sees("gate-03 is connected.")
		d.pass(time.Minute)
		d.seesNot("gate-03 is connected.")
		if d.raw != "\a" {
			t.Errorf("wrote %q", d.raw)
		}
		if title := d.app.View().WindowTitle; !strings.HasPrefix(title, "! gate-03 is connected - adit prod") {
			t.Errorf("the title is %q", title)
		}
		d.deliver(tea.FocusMsg{})
		d.sees("gate-03 is connected.") // told again to who comes back
		if title := d.app.View().WindowTitle; strings.HasPrefix(title, "!") {
			t.Errorf("the title is still %q", title)
		}
		d.press("N")
		d.sees("gate-03 is not watched any more.")
	})
}

func TestEndOfATunnelInFiveMinutesIsToldOnceAndRingsWhereNobodyLooks(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.opts.Notify = NotifyOSC777
		d.sessions.proxies = []session.Proxy{d.proxy("pump-07")} // ends 11:37
		d.deliver(tea.BlurMsg{})
		d.pass(49 * time.Minute)
		if d.raw != "" {
			t.Fatalf("wrote %q too early", d.raw)
		}
		d.pass(2 * time.Minute)
		d.sees("The tunnel to pump-07 ends at 11:37, in ", "and cannot be extended.")
		d.pass(2 * time.Minute)
		if !strings.HasPrefix(d.raw, "\x1b]777;notify;adit;the tunnel to pump-07 ends in ") || strings.Count(d.raw, "\x1b") != 1 || !strings.HasSuffix(d.raw, "\a") {
			t.Errorf("wrote %q", d.raw)
		}
	})
}

func TestFailedProxyReachesWhoeverLooksElsewhereOnly(t *testing.T) {
	for _, blurred := range []bool{false, true} {
		onDesk(t, func(d *desk) {
			d.app.opts.Notify = NotifyOSC9
			p := d.proxy("pump-12")
			d.sessions.proxies = []session.Proxy{p}
			d.pass(2 * time.Second)
			if blurred {
				d.deliver(tea.BlurMsg{})
			}
			p.State, p.Err = tunnelconn.Stopped, errMade
			d.sessions.proxies = []session.Proxy{p}
			d.pass(6 * time.Second)
			d.sees("The local proxy to pump-12 stopped: made up by a test")
			want := ""
			if blurred {
				want = "\x1b]9;adit: the local proxy to pump-12 stopped\a"
			}
			if d.raw != want {
				t.Errorf("blurred %v: wrote %q, want %q", blurred, d.raw, want)
			}
		})
	}
}

func TestNotificationCarriesNoForeignSequence(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.opts.Notify = NotifyOSC777
		d.app.alert("x\a\x1b]52;c;aGFjaw==\x07;y\x1b\\z\u202e")
		d.do(d.app.sendAlerts(nil))
		if d.raw != "\x1b]777;notify;adit;x,yz\a" {
			t.Errorf("wrote %q", d.raw)
		}
		// tmux hands on what is wrapped for it; a bell it rings itself.
		d.raw, d.app.opts.Tmux = "", true
		d.app.alert("ready")
		d.do(d.app.sendAlerts(nil))
		if d.raw != "\x1bPtmux;\x1b\x1b]777;notify;adit;ready\a\x1b\\" {
			t.Errorf("wrote %q", d.raw)
		}
		d.raw, d.app.opts.Notify = "", NotifyBell
		d.app.alert("ready")
		d.do(d.app.sendAlerts(nil))
		if d.raw != "\a" {
			t.Errorf("wrote %q", d.raw)
		}
		d.raw, d.app.opts.Notify, d.app.opts.Tmux = "", NotifyOff, false
		d.app.alert("x")
		d.do(d.app.sendAlerts(nil))
		if d.raw != "" {
			t.Errorf("wrote %q, and nothing was wanted", d.raw)
		}
	})
}

func TestTerminalShowsTheProgressOfWhatIsUnderWay(t *testing.T) {
	onDesk(t, func(d *desk) {
		if bar := d.app.View().ProgressBar; bar != nil {
			t.Fatalf("at rest it is %+v", bar)
		}
		d.choose("pump-07")
		d.press("enter")
		if bar := d.app.View().ProgressBar; bar == nil || bar.State != tea.ProgressBarIndeterminate {
			t.Errorf("on the way to a shell it is %+v", bar)
		}
		d.press("esc")
		if bar := d.app.View().ProgressBar; bar != nil {
			t.Errorf("afterwards it is %+v", bar)
		}
	})
}
