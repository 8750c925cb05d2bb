package cli

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adit/client"
)

// The flows follow what the console is to do, line by line: each goes through the whole program but the terminal, and
// asserts the requests that the emulator saw and the screen that came of them. docs/screen-proof.md says which other tests
// hold a line.

func TestFlow01TruthSurvivesErrorsAndNamesThem(t *testing.T) {
	operate(t, "", func(o *operator) {
		o.tunnel("pump-07", client.Tag{Key: "adit:open", Value: "0123456789abcdef alice@bastion3"})
		o.tunnel("valve-99")
	}, func(o *operator) {
		o.until("2 open · 1 ready · 0 mine", "pump-07 SSH HTTP ○ none ● connected", "valve-99 SSH HTTP ○ none ◌ never", "alice@bastion3")
		if asked := o.requests.requests("DescribeTunnel"); !slices.Contains(asked, `eu-west-1 {"tunnelId":"<pump-07>"}`) {
			t.Errorf("the sides were asked for by %q", asked)
		}
		for _, c := range [][2]string{{"throttle", "throttled"}, {"deny", "denied"}} {
			o.must(o.emulator.SetFaults("ListTunnels=" + c[0]))
			o.press("R")
			o.until(c[1]+", as of", "pump-07 SSH HTTP ○ none ● connected", "valve-99 SSH HTTP ○ none ◌ never")
		}
		o.must(o.emulator.SetFaults(""))
		o.choose("valve-99")
		o.press("i")
		o.until("never connected", "it cannot be extended", "Tunnel to valve-99")
		o.must(o.elsewhere("eu-west-1").Tag(t.Context(), o.arn("valve-99"), []client.Tag{{Key: "shift", Value: "night"}}))
		o.press("esc", "R", "i")
		o.until("tag + shift = night")
		o.changed()
	})
}

func TestFlow03FreshnessAsksFirstForWhatIsLookedAt(t *testing.T) {
	operate(t, "", func(o *operator) {
		for _, thing := range []string{"a-1", "a-2", "a-3", "pump-07"} {
			o.tunnel(thing)
		}
	}, func(o *operator) {
		o.until("4 open · 1 ready")
		if n := len(o.requests.requests("DescribeTunnel")); n > 8 {
			t.Errorf("%d calls for four tunnels", n)
		}
		o.choose("pump-07")
		before := len(o.requests.requests("DescribeTunnel"))
		selected, counts := `eu-west-1 {"tunnelId":"<pump-07>"}`, map[string]int{}
		o.wait("two further looks at the selected row", func() bool {
			clear(counts)
			for _, asked := range o.requests.requests("DescribeTunnel")[before:] {
				counts[asked]++
			}
			return counts[selected] >= 2
		})
		for asked, n := range counts {
			if n > counts[selected] {
				t.Errorf("%s was asked for %d times, the selected row %d", asked, n, counts[selected])
			}
		}
		o.until("as of ")
		o.changed()
	})
}

func TestFlow04FindingNarrowsHereAndAtTheService(t *testing.T) {
	operate(t, "filters: {night: 'tag:shift=night'}\n", func(o *operator) {
		o.tunnel("pump-07", client.Tag{Key: "shift", Value: "night"})
		o.tunnel("pump-12", client.Tag{Key: "shift", Value: "day"})
		o.tunnel("gate-03")
	}, func(o *operator) {
		o.until("3 open · 2 ready")
		o.press("/")
		o.write("pump !tag:shift=day left<2h")
		o.press("enter")
		o.until("1 match", "pump-07 SSH HTTP")
		o.without("pump-12 SSH", "gate-03 SSH")
		o.press("esc", "/")
		o.write("left<")
		o.until("left<30m")
		o.press("esc", "f")
		o.until("night")
		o.press("enter")
		o.until("1 match")
		o.press("esc", "s")
		o.write("thing")
		o.press("enter")
		o.wait("an order by thing", func() bool {
			screen := o.screen()
			return strings.Index(screen, "gate-03 SSH") < strings.Index(screen, "pump-07 SSH") && strings.Index(screen, "pump-07 SSH") < strings.Index(screen, "pump-12 SSH")
		})
		o.press("n", "ctrl+u")
		o.write("gate-03")
		o.press("enter")
		o.until("gate-03 SSH")
		o.without("pump-07 SSH")
		o.wait("a list of one thing by the service", func() bool {
			return slices.Contains(o.requests.requests("ListTunnels"), `eu-west-1 {"maxResults":100,"thingName":"gate-03"}`)
		})
		o.changed()
	})
}

// lineOf are the address and what was sent and received on the line of a service.
var lineOf = regexp.MustCompile(`HTTP +(127\.0\.0\.1:\d+) +● connected +\d+ +(\S+ \S+) +(\S+ \S+)`)

func TestFlow08ProxyIsStartedUsedBrowsedRestartedAndStopped(t *testing.T) {
	operate(t, "", func(o *operator) { o.tunnel("pump-07") }, func(o *operator) {
		o.until("1 open · 1 ready")
		o.press("p", "ctrl+s")
		o.until("The local proxy to pump-07 runs")
		rotated := `RotateTunnelAccessToken eu-west-1 {"clientMode":"SOURCE","tunnelId":"<pump-07>"}`
		holds := `TagResource eu-west-1 {"resourceArn":"arn:aws:iot:eu-west-1:111111111111:tunnel/<pump-07>","tags":[{"key":"adit:holder","value":"<me>"}]}`
		o.changes(rotated, holds)
		o.press("2")
		o.until("● connected")
		line := lineOf.FindStringSubmatch(o.screen())
		if line == nil {
			t.Fatalf("no line of HTTP in %s", o.screen())
		}
		web := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
		page, err := web.Get("http://" + line[1] + "/")
		o.must(err)
		o.must(page.Body.Close())
		o.wait("counters that moved", func() bool {
			now := lineOf.FindStringSubmatch(o.screen())
			return now != nil && now[3] != line[3]
		})
		o.press("b")
		o.until("The browser opens http://" + line[1] + "/.")
		if !slices.Equal(o.browsed, []string{"http://" + line[1] + "/"}) {
			t.Errorf("opened %q", o.browsed)
		}
		o.press("i")
		o.until("Local proxy to pump-07", "HTTP at "+line[1])
		o.press("esc", "r")
		o.until("Restart the local proxy to pump-07", "the old token is void")
		o.press("y")
		frees := `UntagResource eu-west-1 {"resourceArn":"arn:aws:iot:eu-west-1:111111111111:tunnel/<pump-07>","tagKeys":["adit:holder"]}`
		o.changes(rotated, holds, frees, rotated, holds)
		o.until("HTTP "+line[1]+" ● connected", "x stop…")
		o.press("x")
		o.until("Stop the local proxy")
		o.press("y")
		o.until("No local proxies run.")
		o.changes(rotated, holds, frees, rotated, holds, frees) // the tunnel stays open
	})
}
