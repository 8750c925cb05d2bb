package cli

import (
	"crypto/sha1"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// goTo chooses a profile and regions as a person does; a region with a + is marked beside those that are.
func (o *operator) goTo(profile, region string) {
	o.t.Helper()
	o.press("c")
	o.until("Contexts: which profiles")
	o.write(profile)
	o.press("enter")
	o.until("Contexts: which regions")
	name, marks := strings.CutPrefix(region, "+")
	o.write(name)
	if marks {
		o.press("space")
	}
	o.press("enter")
}

func TestFlow10ContextsAreAskedEachForItselfAndMendedInPlace(t *testing.T) {
	operate(t, "profiles: {prod: {production: true}}\n", func(o *operator) {
		o.tunnel("pump-07")
		east, err := o.elsewhere("us-east-1").Open(t.Context(), client.OpenInput{Thing: "east-1", Services: []string{"SSH"}, Lifetime: time.Hour})
		o.must(err)
		o.requests.call(east.ID, "<east-1>")
	}, func(o *operator) {
		o.until("1 open", "PRODUCTION", "NOT AWS")
		o.goTo("prod", "+us-east-1")
		o.until("REGION", "2 open", "east-1 us-east-1", "pump-07 eu-west-1")
		for _, want := range []string{`us-east-1 {"maxResults":100}`, `eu-west-1 {"maxResults":100}`} {
			if !slices.Contains(o.requests.requests("ListTunnels"), want) {
				t.Errorf("nobody asked %s", want)
			}
		}
		o.choose("east-1")
		o.press("x")
		o.until("Close the tunnel to east-1", "us-east-1", "PRODUCTION:")
		o.press("y")
		o.until("The tunnel to east-1 is closed.")
		o.changed(`CloseTunnel us-east-1 {"tunnelId":"<east-1>"}`)

		// What is denied is named, and that alone is disabled.
		o.must(o.emulator.SetFaults("ListTagsForResource=deny"))
		o.choose("pump-07")
		o.press("t")
		o.until("You may not iot:ListTagsForResource")
		o.press("t")
		o.until("R has it tried again.")
		if n := len(o.requests.requests("ListTagsForResource")); n != 1 {
			t.Errorf("it was asked %d times", n)
		}
		o.must(o.emulator.SetFaults(""))

		// A login that has expired is a screen with its remedy, and tried again in place.
		o.goTo("corp", "eu-west-1")
		o.until("$ aws sso login --profile corp", "r try again")
		cache, sum := filepath.Join(o.home, ".aws", "sso", "cache"), sha1.Sum([]byte("corp"))
		o.must(os.MkdirAll(cache, 0o700))
		o.must(os.WriteFile(filepath.Join(cache, hex.EncodeToString(sum[:])+".json"),
			[]byte(`{"accessToken":"a","expiresAt":"2099-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://corp.awsapps.com/start"}`), 0o600))
		o.press("r")
		o.until("No tunnels here.", "0 open")
		o.without("PRODUCTION")
		o.changed(`CloseTunnel us-east-1 {"tunnelId":"<east-1>"}`)
	})
}

func TestFlow11EverythingIsFoundAndWhatCannotRunSaysWhy(t *testing.T) {
	operate(t, "", func(o *operator) {
		closed := o.tunnel("pump-12")
		o.must(o.elsewhere("eu-west-1").Close(t.Context(), closed.ID, false))
		o.tunnel("pump-07")
	}, func(o *operator) {
		o.until("1 open · 1 ready", "? help", "o open…", "pump-12 SSH HTTP – closed")
		o.choose("pump-07")
		o.press("?")
		o.write("rotate tok")
		o.press("enter")
		o.until("Rotate tokens of the tunnel to pump-07")
		o.press("esc", ":")
		o.write("tunnel.copy")
		o.press("enter")
		o.until("Copy of pump-07")
		o.press("esc")
		o.choose("pump-12")
		o.press("x")
		o.until("This tunnel is closed, and a closed tunnel cannot be reopened.")
		o.changed()
	})
}

func TestFlow12SettingsReachTheRequestsAndKeysAreTheUsers(t *testing.T) {
	const settings = "keys: {tunnel.close: K}\nprofiles: {prod: {services: [HTTP], lifetime: 90m, tags: {team: ops}}}\n"
	operate(t, settings, func(o *operator) { o.tunnel("valve-99") }, func(o *operator) {
		o.until("1 open", "K close…")
		o.press("o")
		o.write("pump-07")
		o.until("pump-07", "90", "[HTTP]", "team = ops")
		o.press("tab", "tab", "tab", "tab", "tab", "tab", "tab", "right", "right", "ctrl+s")
		o.until("pump-07 was never seen here")
		o.press("y")
		o.until("The tunnel to pump-07 is open and the device is connected.", "2 open · 1 ready · 1 mine")
		opened := o.requests.requests("OpenTunnel")
		if len(opened) != 1 || !strings.Contains(opened[0], `"services":["HTTP"],"thingName":"pump-07"`) ||
			!strings.Contains(opened[0], `"maxLifetimeTimeoutMinutes":90`) || !strings.Contains(opened[0], `{"key":"team","value":"ops"}`) {
			t.Errorf("opened %q", opened)
		}
		o.choose("valve-99")
		o.press("K")
		o.until("Close the tunnel to valve-99")
		o.press("y")
		o.until("The tunnel to valve-99 is closed.")
		if got := o.requests.requests("CloseTunnel"); !slices.Equal(got, []string{`eu-west-1 {"tunnelId":"<valve-99>"}`}) {
			t.Errorf("closed %q", got)
		}
	})
}

func TestFlow13ReadOnlyChangesNothing(t *testing.T) {
	operate(t, "profiles: {prod: {read_only: true}}\n", func(o *operator) { o.tunnel("pump-07") }, func(o *operator) {
		o.until("READ-ONLY", "1 open · 1 ready")
		for _, key := range []string{"enter", "o", "p", "x", "X", "t", "r", "e"} {
			o.press(key)
			o.until("read-only: it changes nothing")
		}
		o.without("Close the tunnel", "Open a tunnel", "Tags of")
		o.changed()
	})
}

func TestFlow13QuittingListsWhatRunsAndClosesItWhenTold(t *testing.T) {
	operate(t, "", nil, func(o *operator) {
		o.until("No tunnels here.")
		o.press("o")
		o.write("pump-07")
		o.press("tab", "tab", "tab", "tab", "tab", "right", "ctrl+s")
		o.until("pump-07 was never seen here")
		o.press("y")
		o.until("The local proxy to pump-07 runs", "1 open · 1 ready · 1 mine")
		o.press("q")
		o.until("Quitting stops these local proxies:", "pump-07 127.0.0.1:", "adit opened these tunnels; they stay open unless you close them:")
		o.press("enter") // the default stays
		if o.quit {
			t.Fatal("the default quit")
		}
		o.press("q")
		o.until("Quitting stops these local proxies:")
		o.press("c")
		o.wait("the end", func() bool { return o.quit })
		o.requests.call(strings.Trim(strings.Split(o.requests.requests("CloseTunnel")[0], ":")[1], `"}`), "<pump-07>")
		if got := o.requests.requests("CloseTunnel"); !slices.Equal(got, []string{`eu-west-1 {"tunnelId":"<pump-07>"}`}) {
			t.Errorf("closed %q", got)
		}
	})
}

func TestFlow10TheFormChoosesTheContextAndTakingOverInProductionIsTyped(t *testing.T) {
	var leave func()
	operate(t, "profiles: {prod: {production: true}}\n", func(o *operator) {
		leave = o.colleague(o.tunnel("pump-07").Source)
	}, func(o *operator) {
		defer leave()
		o.until("1 open · 1 ready", "PRODUCTION")
		o.choose("pump-07")
		o.press("enter")
		o.until("pump-07 is in use", "t take over")
		o.press("t")
		o.until("Take pump-07 over", "PRODUCTION:", "Type pump-07 to go on:")
		o.press("y", "enter")
		o.without("Take pump-07 over")
		o.changed()
		o.press("t")
		o.write("pump-07")
		o.press("enter")
		o.until("its ssh answered", "no ssh on this computer")
		if n := len(o.requests.requests("RotateTunnelAccessToken")); n != 1 {
			t.Errorf("%d rotations took the source over", n)
		}
		o.press("esc")

		o.goTo("prod", "+us-east-1")
		o.until("REGION", "pump-07 eu-west-1")
		o.press("o")
		o.until("Context", "eu-west-1 · billed per open")
		o.write("pump-12")
		o.press("up", "right")
		o.until("us-east-1 · billed per open")
		o.press("tab", "tab", "tab", "tab", "tab", "tab", "tab", "right", "right", "ctrl+s")
		o.until("pump-12 was never seen here")
		o.press("y")
		o.wait("a tunnel in the other region", func() bool { return len(o.requests.requests("OpenTunnel")) > 0 })
		if opened := o.requests.requests("OpenTunnel"); len(opened) != 1 || !strings.HasPrefix(opened[0], "us-east-1 ") || !strings.Contains(opened[0], `"thingName":"pump-12"`) {
			t.Errorf("opened %q", opened)
		}
	})
}
