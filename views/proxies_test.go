package views

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

func TestProxyBeyondLoopbackWarnsAndIsTypedOut(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.choose("pump-07")
		d.press("p", "ctrl+u")
		d.write("5555")
		d.press("tab", "ctrl+u")
		d.write("0.0.0.0")
		d.sees("! Beyond loopback: whoever reaches 0.0.0.0 on the network reaches pump-07 through it")
		d.press("ctrl+s")
		d.sees("Listen beyond loopback", "Type 0.0.0.0 to go on:", "Tunnel 8f2c9a14, eu-west-1.", "enter no")
		d.seesNot("enter let others in")
		d.press("enter") // the default is not to
		if len(d.sessions.requests) != 0 {
			t.Fatal("it was started without being typed out")
		}
		d.press("p", "ctrl+u")
		d.write("5555")
		d.press("tab", "ctrl+u")
		d.write("0.0.0.0")
		d.press("ctrl+s")
		d.write("0.0.0.0")
		d.press("enter")
		if req := d.sessions.lastReq(); req.Bind["SSH"] != "0.0.0.0:5555" {
			t.Errorf("asked for %+v", req.Bind)
		}
		d.press("esc", "p", "tab", "ctrl+u")
		d.write("pump")
		d.press("ctrl+s")
		d.sees("Give an IP address of this computer, or localhost.")
	})
}

func TestProxyIsRestartedOnItsPortsWithANewToken(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-12")
		p.Services = append(p.Services, tunnelconn.ServiceStatus{Service: "HTTP", Address: "127.0.0.1:8080", Live: 2})
		d.sessions.proxies = []session.Proxy{p}
		d.press("2", "r")
		d.sees("Restart the local proxy to pump-12 (tunnel 2f2c9a14, eu-west-1) with a new source token?",
			"It listens on 127.0.0.1:5555, 127.0.0.1:8080. This cuts 3 connections.", "the old token is void")
		d.press("enter") // the default leaves it
		if len(d.sessions.stopped) != 0 {
			t.Fatal("the default restarted it")
		}
		d.press("r", "y")
		req := d.sessions.lastReq()
		if !slices.Equal(d.sessions.stopped, []client.Key{p.Tunnel}) || req.Key != p.Tunnel || req.Then != session.ThenProxy ||
			req.Bind["SSH"] != "127.0.0.1:5555" || req.Bind["HTTP"] != "127.0.0.1:8080" {
			t.Errorf("stopped %v, asked for %+v", d.sessions.stopped, req)
		}
	})
}

func TestBrowserOpensHTTPAndSaysWhereItIsWithoutOne(t *testing.T) {
	onDesk(t, func(d *desk) {
		p := d.proxy("pump-12")
		p.Services = append(p.Services, tunnelconn.ServiceStatus{Service: "HTTP", Address: "127.0.0.1:8080"})
		d.sessions.proxies = []session.Proxy{p}
		d.press("2", "b")
		d.sees("A browser needs a service with HTTP or WEB in its name")
		d.press("down", "b")
		d.sees("Copied the address http://127.0.0.1:8080/, since there is no browser on this computer.")
		d.seesNot("Copied the address.", "The page is at")
		if d.clipboard != "http://127.0.0.1:8080/" {
			t.Errorf("copied %q", d.clipboard)
		}
		var opened []string
		d.app.opts.Browse = func(url string) error { opened = append(opened, url); return nil }
		d.press("b")
		d.sees("The browser opens http://127.0.0.1:8080/.")
		if !slices.Equal(opened, []string{"http://127.0.0.1:8080/"}) {
			t.Errorf("opened %q", opened)
		}
		d.app.opts.Browse = func(string) error { return errMade }
		d.press("b")
		d.sees("The browser did not start (made up by a test).")
	})
}

func TestConnectionsOfAProxyAreShownOneByOne(t *testing.T) {
	onDeskOf(t, 160, 50, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		busyProxy(d)
		d.press("2", "i")
		d.pass(2 * time.Second)
		d.sees("Local proxy to pump-12", "state ● connected since", "2 reconnects", "last error 10:41:", "made up by a test",
			"31 ms, window 64 kB, 12 kB on their way, measured 800 kB/s",
			"SSH at 127.0.0.1:5555", "2 open, 7 in all, 1 refused", "#3 127.0.0.1:51234 since 10:41:03", "#4 adit's own ssh", "waiting ↑ 2.0 kB ↓ 0 B", "half closed")
		d.sessions.proxies = nil
		d.pass(2 * time.Second)
		d.sees("ended, and is no longer listed")
	})
}

func TestDeviceThatSaysNothingIsTold(t *testing.T) {
	onDeskOf(t, 160, 50, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		busyProxy(d)
		answered, asked := &d.sessions.proxies[0].Services[0].Connections[0], &d.sessions.proxies[0].Services[0].Connections[1]
		asked.Asked = time.Now().Add(time.Second)
		answered.Asked, answered.Heard = asked.Asked, asked.Asked.Add(time.Second)
		d.press("2", "i")
		d.pass(5 * time.Second)
		d.seesNot("nothing from the device")
		d.pass(40 * time.Second)
		d.sees("half closed: waits for the answer  nothing from the device for 45s")
		if n := strings.Count(d.screen(), "nothing from the device"); n != 1 {
			t.Errorf("it is said of %d connections", n)
		}
	})
}

// busyProxy is a local proxy with everything that can be told of one.
func busyProxy(d *desk) {
	p := d.proxy("pump-12")
	p.Reconnects, p.LastErr, p.LastErrAt, p.Window, p.InFlight, p.Rate = 2, errMade, time.Now(), 64_000, 12_000, 800_000
	s := &p.Services[0]
	s.Live, s.Total, s.Refused, s.LastErr, s.LastErrAt = 2, 7, 1, errors.New("the device refused the connection"), time.Now()
	s.Connections = []tunnelconn.ConnectionStatus{
		{ID: 3, LocalPeer: "127.0.0.1:51234", Since: time.Now(), Sent: 1000, Received: 80000},
		{ID: 4, Since: time.Now(), Sent: 1000, Received: 4000, Outgoing: 2000, HalfClosed: true},
	}
	d.sessions.proxies = []session.Proxy{p}
}

func TestDeviceIsSentItsTokenAgainWithACountdown(t *testing.T) {
	onDeskOf(t, 160, 30, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		d.choose("gate-03")
		d.press("e") // nobody is there: nothing is cut, nothing asked
		key := d.app.selectedKey()
		if !slices.Equal(d.sessions.resent, []client.Key{key}) {
			t.Fatalf("sent %v", d.sessions.resent)
		}
		d.sees("gate-03 is sent a new token. e sends the next in 0:30 at the earliest.", "◌ never connected, token sent, again in 0:30")
		d.pass(12 * time.Second)
		d.press("e")
		d.sees("Sending again now would void the token gate-03 may be using: wait 0:18.", "again in 0:18")
		d.pass(20 * time.Second)
		d.seesNot("token sent")
		d.press("e")
		if len(d.sessions.resent) != 2 {
			t.Errorf("sent %d times", len(d.sessions.resent))
		}
		d.choose("pump-12")
		d.press("e")
		d.sees("pump-12 is in the tunnel (2f2c9a14, eu-west-1) and needs no new token.", "by DESTINATION.")
		d.press("enter")
		if len(d.sessions.resent) != 2 {
			t.Error("the default sent it")
		}
		d.press("e", "y")
		if len(d.sessions.resent) != 3 {
			t.Error("y did not send it")
		}
		d.choose("cam-11")
		d.press("e")
		d.sees("This tunnel is closed")
	})
}

func TestProxyLinesSayWhatWentWrongLast(t *testing.T) {
	onDeskOf(t, 160, 30, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		busyProxy(d)
		d.press("2")
		d.pass(4 * time.Second)
		if line := d.line("pump-12"); !strings.Contains(line, "10:41 ") || !strings.Contains(line, " 2  ") {
			t.Errorf("the line is %q", line)
		}
	})
}
