package views

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"regexp"
	"testing"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// counters are the address and what was sent and received on the line of a service.
var counters = regexp.MustCompile(`HTTP +(127\.0\.0\.1:\d+) +● connected +\d+ +(\S+ \S+) +(\S+ \S+)`)

func TestFromTheFormThroughALocalProxyToAPageAndClosed(t *testing.T) {
	inOffice(t, func(o *office) {
		o.until("No tunnels here. o opens one.")
		o.press("o")
		o.write("pump-07")
		o.press("tab")
		o.write("HTTP")
		o.press("tab", "tab", "tab", "tab", "right", "ctrl+s", "y")
		o.until("The local proxy to pump-07 runs: HTTP at 127.0.0.1:")
		o.saw("local proxy to pump-07", "source token", "│   local proxy")
		o.until("1 open · 1 ready · 1 mine", "● you :")

		o.press("2")
		before := counters.FindStringSubmatch(o.screen())
		if before == nil || before[2] != "0 B" || before[3] != "0 B" {
			t.Fatalf("the proxies are not listed with their counters: %q\n%s", before, o.screen())
		}
		web := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
		page, err := web.Get("http://" + before[1] + "/")
		o.must(err)
		o.must(page.Body.Close())
		if page.StatusCode != http.StatusOK {
			t.Errorf("the device's page answers %s", page.Status)
		}
		o.wait("counters that moved", func() bool {
			now := counters.FindStringSubmatch(o.screen())
			return now != nil && now[2] != "0 B" && now[3] != "0 B"
		})

		o.press("1", "x")
		o.sees("Close the tunnel to pump-07")
		o.press("y")
		o.until("The tunnel to pump-07 is closed.", "– closed – closed closed", "0 open")
		o.press("2")
		o.sees("No local proxies run.")
		if conn, err := net.DialTimeout("tcp", before[1], patience); err == nil {
			_ = conn.Close()
			t.Error("somebody still listens on the closed tunnel's port")
		}
		o.press("q")
		o.wait("the end, without a question", func() bool { return o.quit })
	})
}

func TestTakenPortIsNamedWithAFreeOneAndTriedAgainWithoutASecondTunnel(t *testing.T) {
	inOffice(t, func(o *office) {
		port, free := o.occupied()
		defer free()
		o.until("No tunnels here. o opens one.")
		o.press("o")
		o.write("pump-07")
		o.press("tab", "tab", "tab", "tab", "tab", "right", "tab")
		o.write(port)
		o.press("ctrl+s", "y")
		o.until("✗ 127.0.0.1:"+port+" is taken by ", "is free; auto takes any free one.", "enter try again", "f use 127.0.0.1:")
		o.seesNot("new tunnel (billed)")
		named := regexp.MustCompile(`127\.0\.0\.1:(\d+) is free`).FindStringSubmatch(o.screen())
		if named == nil || named[1] == port {
			t.Errorf("the free port is %q, the taken one %s", named, port)
		}
		free()
		o.press("enter")
		o.until("The local proxy to pump-07 runs: SSH at 127.0.0.1:" + port + ".")
		if page, err := o.api.List(t.Context(), client.ListInput{}); err != nil || len(page.Tunnels) != 1 {
			t.Errorf("%d tunnels were opened, %v", len(page.Tunnels), err)
		}
	})
}

func TestBusyTunnelIsTakenOverAndBothSidesAreTold(t *testing.T) {
	inOffice(t, func(o *office) {
		opened, err := o.api.Open(t.Context(), client.OpenInput{
			Thing: "pump-07", Services: []string{"SSH"}, Lifetime: time.Hour, Tags: []client.Tag{{Key: "adit:holder", Value: "alice@bastion3"}},
		})
		o.must(err)
		alice := o.colleague(opened.Source)
		defer func() { o.must(alice.Close()) }()
		o.reaches(alice, tunnelconn.Connected)
		o.until("1 open · 1 ready · 0 mine", "source ● connected")

		o.press("enter")
		o.until("pump-07 is in use: alice@bastion3 has held its source since", "t take over")
		o.press("t")
		o.sees("alice@bastion3 (by the tunnel's tag) is connected as the source of the tunnel to pump-07 in eu-west-1 and is cut off at once.")
		o.press("y")
		o.until("There is no ssh on this computer. SSH of pump-07 is at 127.0.0.1:")
		address := regexp.MustCompile(`is at (127\.0\.0\.1:\d+)`).FindStringSubmatch(o.screen())[1]
		conn, err := net.DialTimeout("tcp", address, patience)
		o.must(err)
		o.must(conn.SetDeadline(time.Now().Add(patience)))
		if banner, err := bufio.NewReader(conn).ReadString('\n'); err != nil || banner[:4] != "SSH-" {
			t.Errorf("the device says %q, %v", banner, err)
		}
		o.must(conn.Close())
		if status := o.reaches(alice, tunnelconn.Stopped); !errors.Is(status.Err, tunnelconn.ErrReplaced) {
			t.Errorf("alice was told %v", status.Err)
		}
		o.press("enter")
		o.until("source ● held by this adit", "1 mine")

		// And the other way round: alice takes it back, and adit says so and does not fight.
		rotated, err := o.api.Rotate(t.Context(), client.RotateInput{ID: opened.ID, Mode: client.ModeSource})
		o.must(err)
		again := o.colleague(rotated.Source)
		defer func() { o.must(again.Close()) }()
		o.until("Someone else took the source of pump-07 at", "adit will not fight back: enter to choose.")
		o.reaches(again, tunnelconn.Connected)
	})
}

func TestRotatingTheSourceKeepsItsTokenForTheNextProxy(t *testing.T) {
	inOffice(t, func(o *office) {
		_, err := o.api.Open(t.Context(), client.OpenInput{Thing: "pump-07", Services: []string{"SSH"}, Lifetime: time.Hour})
		o.must(err)
		o.until("1 open · 1 ready")
		o.press("r")
		o.sees("s rotates the source's token. Nobody is connected there: this cuts nothing.", "d rotates the device's token. This cuts: the device is cut off until it picks the new token up.")
		o.press("s")
		o.until("The tokens of the tunnel to pump-07 are rotated.")
		o.press("p", "ctrl+s")
		o.until("The local proxy to pump-07 runs")
		if n := o.api.rotations.Load(); n != 1 {
			t.Errorf("%d rotations: the token at hand was not used", n)
		}
	})
}
