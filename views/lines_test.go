package views

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// insist presses a key until a text is on the screen: a question that opens by itself takes none at first.
func (o *office) insist(key, text string) {
	o.t.Helper()
	o.wait(text, func() bool {
		flat := strings.Join(strings.Fields(strings.Map(dropBorder, o.screen())), " ")
		if strings.Contains(flat, text) {
			return true
		}
		o.deliver(keyOf(key))
		return false
	})
}

// asked checks how often the emulator was asked for something.
func (o *office) asked(operation string, want int) {
	o.t.Helper()
	if n := o.heard.count(operation); n != want {
		o.t.Errorf("%d requests %s, want %d", n, operation, want)
	}
}

func TestFromTheThingsToAShellAndNothingIsBilledForAThingThatIsAway(t *testing.T) {
	inOffice(t, func(o *office) {
		o.until("No tunnels here.")
		o.asked("ListThings", 0) // nobody looks at things yet
		o.press("3")
		o.until("pump-07 ● online", "valve-99 ○ not seen none")
		o.asked("ListThings", 1)
		o.press("down")
		o.until("not seen: it is not connected to AWS IoT", "none is open; enter asks before it opens one (billed)")
		o.press("enter")
		o.until("valve-99 is not online", "A tunnel opened now is billed, and the device may never hear of it.", "o open when it comes online")
		o.insist("o", "Waiting for valve-99 to come online.") // what follows may be broken by the time it takes
		o.press("esc")
		o.asked("OpenTunnel", 0)

		o.press("up", "enter")
		o.until("Open a new tunnel to pump-07 in eu-west-1 for 240 min? AWS bills every open.", "Nothing open to pump-07 can be reused")
		o.insist("y", "There is no ssh on this computer. SSH of pump-07 is at 127.0.0.1:")
		o.asked("OpenTunnel", 1)
		o.press("enter")
		o.until("pump-07 ● in tunnel ● you :", "1 open · 1 ready · 1 mine", "held by this adit")

		// And once more, by what is open.
		o.press("enter")
		o.until("There is no ssh on this computer.", "rotating costs nothing, opening is billed")
		o.press("enter")
		o.asked("OpenTunnel", 1)
		o.sees("last used")
	})
}

func TestManyAreClosedByOneErrandWithAJournal(t *testing.T) {
	inOffice(t, func(o *office) {
		for range 3 {
			_, err := o.api.Open(t.Context(), client.OpenInput{Thing: "valve-99", Services: []string{"SSH"}, Lifetime: time.Hour})
			o.must(err)
		}
		o.until("3 open · 0 ready · 0 mine")
		o.wait("all of them checked", func() bool {
			_, unchecked := checked(o.app.tunnels.table.Rows())
			return unchecked == 0
		})
		looked := o.heard.count("DescribeTunnel")
		o.press("ctrl+a")
		o.sees("3 marked")
		o.press("x")
		o.sees("Close 3 marked tunnels in eu-west-1?", "Nobody is connected: valve-99, valve-99, valve-99.")
		o.press("y")
		o.until("Closing ended: 3 of 3", "3 closed.")
		o.press("esc")
		o.until("0 open", "– closed – closed closed")
		o.asked("CloseTunnel", 3)
		if n := o.heard.count("DescribeTunnel") - looked; n < 3 {
			t.Errorf("only %d looks before three closes", n)
		}
		journals, err := filepath.Glob(filepath.Join(o.state, "bulk", "*-close-*.jsonl"))
		o.must(err)
		if len(journals) != 1 {
			t.Fatalf("the journals are %v", journals)
		}
		data, err := os.ReadFile(journals[0])
		o.must(err)
		if n := strings.Count(string(data), `"state":"done"`); n != 3 {
			t.Errorf("%d closes in the journal:\n%s", n, data)
		}
	})
}

func TestTagsAreChangedAsTheDiffSaysAndNothingElse(t *testing.T) {
	inOffice(t, func(o *office) {
		odd := client.Tag{Key: "ملاحظة", Value: " ی\u200cک  "}
		_, err := o.api.Open(t.Context(), client.OpenInput{Thing: "valve-99", Services: []string{"SSH"}, Lifetime: time.Hour,
			Tags: []client.Tag{odd, {Key: "team", Value: "web"}}})
		if client.KindOf(err) == client.KindInvalid {
			odd.Value = " یک  " // the joiner is no letter, and the service says so
			_, err = o.api.Open(t.Context(), client.OpenInput{Thing: "valve-99", Services: []string{"SSH"}, Lifetime: time.Hour,
				Tags: []client.Tag{odd, {Key: "team", Value: "web"}}})
		}
		o.must(err)
		o.until("1 open", "team=web")
		o.press("t")
		o.until("Tags of valve-99")
		o.write("incident=4411")
		o.press("ctrl+s")
		o.sees("+ incident = 4411")
		o.seesNot("~ ", "- team")
		o.asked("TagResource", 0)
		o.press("y")
		o.until("The tags of valve-99 are changed.", "incident=4411")
		o.asked("TagResource", 1)
		o.asked("UntagResource", 0)
		row, _ := o.app.selected()
		tags, err := o.api.Tags(t.Context(), row.ARN)
		o.must(err)
		if len(tags) != 3 || !slices.Contains(tags, odd) {
			t.Errorf("the tags are %q", tags)
		}
	})
}

func TestOpenFormOpensWhatItShowsAndCountsWhatWasBilled(t *testing.T) {
	inOffice(t, func(o *office) {
		o.until("No tunnels here.")
		o.press("3")
		o.until("pump-07 ● online")
		o.press("1", "o")
		o.write("pump")
		o.until("pump-07 ● online")
		o.press("right", "tab")
		o.write("HTTP")
		o.press("tab", "space", "tab")
		o.write("drill")
		o.press("tab")
		o.write("team=ops")
		o.press("tab", "tab", "right", "right")
		command := "aws iotsecuretunneling open-tunnel --destination-config thingName=pump-07,services=SSH,HTTP --description drill " +
			"--tags key=team,value=ops --timeout-config maxLifetimeTimeoutMinutes=240 --region eu-west-1 --endpoint-url " + o.api.Context().Endpoint
		o.press("ctrl+o")
		o.wait("the command on the clipboard", func() bool { return o.clipboard == command })
		o.press("ctrl+s")
		o.until("The tunnel to pump-07 is open and the device is connected.", "1 open · 1 ready · 1 mine")
		o.asked("OpenTunnel", 1)
		row, _ := o.app.selected()
		now, err := o.api.Describe(t.Context(), row.Key.ID)
		o.must(err)
		if now.Lifetime != 4*time.Hour || now.Description != "drill" || len(now.Services) != 2 || !slices.Contains(now.Tags, client.Tag{Key: "team", Value: "ops"}) {
			t.Errorf("opened %+v", now)
		}

		// The same again by one key, after it was closed; and the form counts.
		o.press("x", "y")
		o.until("The tunnel to pump-07 is closed.", "0 open")
		o.press("d")
		o.sees("Open a tunnel like", "[SSH] [HTTP]", "drill", "team = ops", "AWS bills every open; this is your 2nd today.")
		o.press("tab", "tab", "tab", "tab", "tab", "tab", "tab", "right", "right", "ctrl+s")
		o.until("1 open · 1 ready · 1 mine")
		o.asked("OpenTunnel", 2)
	})
}
