package cli

import (
	"slices"
	"strings"
	"testing"

	"adit/client"
	"adit/views"
)

func TestFlow02ThingsLeadToAShellByTheirTunnel(t *testing.T) {
	operate(t, "", func(o *operator) { o.tunnel("pump-07") }, func(o *operator) {
		o.until("1 open · 1 ready")
		if n := len(o.requests.requests("GET /things")); n != 0 {
			t.Errorf("%d pages of things were asked for before anybody looked", n)
		}
		o.press("3")
		o.until("pump-07 ● in tunnel", "pump-12 ● online", "valve-99 ○ not seen")
		if n := len(o.requests.requests("GET /things")); n != 1 {
			t.Errorf("%d pages of things were asked for", n)
		}
		// The fleet index told of all of them at once.
		alone := func() int { return len(o.requests.requests("POST /things/pump-12/connectivity-data")) }
		asked := o.requests.requests("POST /indices/search")
		if len(asked) == 0 || asked[0] != `eu-west-1 {"maxResults":100,"queryString":"thingName:*"}` || alone() != 0 {
			t.Errorf("the index was asked for %q, and a thing by itself %d times", asked, alone())
		}
		// Where it may not be asked, each thing is, and the remedy is said.
		o.must(o.emulator.SetFaults("SearchIndex=deny"))
		o.press("R")
		o.until("You may not iot:SearchIndex on the fleet index in eu-west-1", "ask for iot:SearchIndex on index/AWS_Things")
		o.wait("a thing that is asked for by itself", func() bool { return alone() > 0 })
		o.until("pump-12 ● online", "valve-99 ○ not seen")
		o.choose("pump-07")
		o.press("enter")
		o.until("There is no ssh on this computer. SSH of pump-07 is at 127.0.0.1:")
		// The tunnel there is was used, and nothing was opened.
		o.changes(`RotateTunnelAccessToken eu-west-1 {"clientMode":"SOURCE","tunnelId":"<pump-07>"}`, tagged("pump-07", "adit:holder", "<me>"))
		o.press("enter")
		o.until("pump-07 ● in tunnel ● you :")
	})
}

func TestFlow02AnAimWaitsForTheThingAndOpensOneTunnel(t *testing.T) {
	operate(t, "", func(o *operator) {
		o.options.Aim = &views.Aim{Thing: "pump-12", WhenOnline: true}
	}, func(o *operator) {
		o.until("ssh to pump-12", "There is no ssh on this computer. SSH of pump-12 is at 127.0.0.1:")
		opened := o.requests.requests("OpenTunnel")
		if len(opened) != 1 || !strings.Contains(opened[0], `"thingName":"pump-12"`) || !strings.Contains(opened[0], `"maxLifetimeTimeoutMinutes":240`) {
			t.Errorf("opened %q", opened)
		}
		if n := len(o.requests.requests("POST /things/pump-12/connectivity-data")); n == 0 {
			t.Error("nobody asked whether it is online")
		}
	})
}

// tagged is the request that gives a thing's tunnel one tag.
func tagged(thing, key, value string) string {
	return `TagResource eu-west-1 {"resourceArn":"arn:aws:iot:eu-west-1:111111111111:tunnel/<` + thing + `>","tags":[{"key":"` + key + `","value":"` + value + `"}]}`
}

func TestFlow05ManyAreClosedOneByOneAndWhatBecameConnectedIsSpared(t *testing.T) {
	var spared client.Opened
	operate(t, "", func(o *operator) {
		o.tunnel("a-1")
		spared = o.tunnel("a-2")
		o.tunnel("a-3")
	}, func(o *operator) {
		o.until("3 open · 0 ready", "a-1 SSH HTTP ○ none ◌ never", "a-2 SSH HTTP ○ none ◌ never", "a-3 SSH HTTP ○ none ◌ never")
		looked := len(o.requests.requests("DescribeTunnel"))
		o.press("ctrl+a")
		o.until("3 marked")
		o.press("x")
		o.until("Close 3 marked tunnels in eu-west-1?", "Nobody is connected:")
		o.changed()
		leave := o.colleague(spared.Source)
		defer leave()
		o.press("y")
		o.until("Closing ended: 3 of 3", "2 closed, 1 became connected and stays open.")
		if n := len(o.requests.requests("DescribeTunnel")) - looked; n < 3 {
			t.Errorf("%d looks before three closes", n)
		}
		closed := o.requests.changes()
		slices.Sort(closed)
		if want := []string{`CloseTunnel eu-west-1 {"tunnelId":"<a-1>"}`, `CloseTunnel eu-west-1 {"tunnelId":"<a-3>"}`}; !slices.Equal(closed, want) {
			t.Errorf("asked for %q, want %q", closed, want)
		}
		o.press("esc")
		o.until("1 open", "a-2 SSH HTTP ● connected")
	})
}

func TestFlow06TagsAreWrittenAsTheDiffSays(t *testing.T) {
	operate(t, "", func(o *operator) {
		o.tunnel("valve-99", client.Tag{Key: "team", Value: "web"}, client.Tag{Key: "ملاحظة", Value: " یک  "})
	}, func(o *operator) {
		o.until("1 open", "team=web")
		o.press("t")
		o.until("Tags of valve-99")
		o.write("incident=4411")
		o.press("ctrl+s")
		o.until("+ incident = 4411")
		if screen := o.screen(); strings.Contains(screen, "- team") {
			t.Errorf("the diff takes away what was not touched: %s", screen)
		}
		o.changed()
		o.press("y")
		o.until("The tags of valve-99 are changed.", "incident=4411")
		o.changed(tagged("valve-99", "incident", "4411"))
		tags, err := o.elsewhere("eu-west-1").Tags(t.Context(), o.arn("valve-99"))
		o.must(err)
		if len(tags) != 3 {
			t.Errorf("the tags are %q", tags)
		}
	})
}

func TestFlow07OpenSendsWhatTheFormShows(t *testing.T) {
	operate(t, "profiles: {prod: {tags: {team: ops}}}\n", nil, func(o *operator) {
		o.until("No tunnels here.")
		o.press("o")
		o.write("pump-07")
		o.press("tab")
		o.write("HTTP")
		o.press("tab", "tab")
		o.write("drill")
		o.press("ctrl+o")
		o.wait("the command", func() bool { return len(o.copied) == 1 })
		for _, part := range []string{"aws iotsecuretunneling open-tunnel", "thingName=pump-07,services=SSH,HTTP", "--description drill", "key=team,value=ops", "--profile prod"} {
			if !strings.Contains(o.copied[0], part) {
				t.Errorf("%q is not in %q", part, o.copied[0])
			}
		}
		o.press("tab", "tab", "tab", "tab", "right", "right", "ctrl+s")
		o.until("pump-07 was never seen here", "billed")
		o.changed()
		o.press("y")
		o.until("1 open · 1 ready · 1 mine", "drill")
		opened := o.requests.requests("OpenTunnel")
		if len(opened) != 1 {
			t.Fatalf("opened %q", opened)
		}
		for _, part := range []string{`"description":"drill"`, `"destinationConfig":{"services":["SSH","HTTP"],"thingName":"pump-07"}`, `{"key":"team","value":"ops"}`, `"maxLifetimeTimeoutMinutes":`} {
			if !strings.Contains(opened[0], part) {
				t.Errorf("%s is not in %s", part, opened[0])
			}
		}
	})
}

func TestFlow09RotationSaysWhatItCutsAndTheTokenIsSentAgain(t *testing.T) {
	operate(t, "", func(o *operator) { o.tunnel("pump-07"); o.tunnel("valve-99") }, func(o *operator) {
		o.until("2 open · 1 ready", "valve-99 SSH HTTP ○ none ◌ never")
		o.choose("pump-07")
		o.press("r")
		o.until("s rotates the source's token. Nobody is connected there: this cuts nothing.", "d rotates the device's token. This cuts: the device is cut off until it picks the new token up.", "b rotates both tokens.")
		o.changed()
		o.press("s")
		o.until("The tokens of the tunnel to pump-07 are rotated.")
		source := `RotateTunnelAccessToken eu-west-1 {"clientMode":"SOURCE","tunnelId":"<pump-07>"}`
		o.changed(source)
		o.choose("valve-99")
		o.press("e")
		o.until("valve-99 is sent a new token.")
		device := `RotateTunnelAccessToken eu-west-1 {"clientMode":"DESTINATION","destinationConfig":{"services":["SSH","HTTP"],"thingName":"valve-99"},"tunnelId":"<valve-99>"}`
		o.changed(source, device)
		o.press("e")
		o.until("Sending again now would void the token valve-99 may be using: wait 0:")
		o.changed(source, device)
	})
}
