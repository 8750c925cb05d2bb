package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"adit/client"
	"adit/emulator/fleet"
)

// copies chooses an entry of the copy menu.
func (o *operator) copies(what string) {
	o.t.Helper()
	o.press("y")
	o.until("Copy of pump-07")
	o.write(what)
	o.press("enter")
}

func TestFlow14CopiesGoToTheClipboardAndTokensOnlyWhenTold(t *testing.T) {
	var id string
	operate(t, "", func(o *operator) { id = o.tunnel("pump-07").ID }, func(o *operator) {
		o.until("1 open · 1 ready")
		for i, what := range []string{"id", "arn", "aws command"} {
			o.copies(what)
			o.wait(what, func() bool { return len(o.copied) == i+1 })
		}
		want := []string{id, o.arn("pump-07"), "aws iotsecuretunneling describe-tunnel --tunnel-id " + id}
		for i, text := range want {
			if !strings.HasPrefix(o.copied[i], text) {
				t.Errorf("copied %q, want %q", o.copied[i], text)
			}
		}
		o.copies("token")
		o.until("Copy a source token of pump-07", "adit neither shows nor keeps it")
		o.changed()
		o.press("y")
		o.until("Copied the new source token of pump-07 (hidden).")
		o.wait("the token", func() bool { return len(o.copied) == 4 })
		o.changed(`RotateTunnelAccessToken eu-west-1 {"clientMode":"SOURCE","tunnelId":"<pump-07>"}`)
		if token := o.copied[3]; len(token) < 40 || strings.Contains(o.screen(), token) {
			t.Errorf("%d characters were copied, or they are on the screen", len(token))
		}
	})
}

func TestFlow15ActivityAndLogTellWhatWasDone(t *testing.T) {
	var id string
	operate(t, "", func(o *operator) { id = o.tunnel("pump-07").ID }, func(o *operator) {
		o.until("1 open · 1 ready")
		o.must(o.emulator.SetFaults("CloseTunnel=deny"))
		o.press("x")
		o.until("Close the tunnel to pump-07")
		o.press("y")
		o.until("You may not iot:CloseTunnel")
		o.must(o.emulator.SetFaults(""))
		o.press("r")
		o.until("s rotates the source's token.")
		o.press("s")
		o.until("are rotated.")
		o.changed(`CloseTunnel eu-west-1 {"tunnelId":"<pump-07>"}`, `RotateTunnelAccessToken eu-west-1 {"clientMode":"SOURCE","tunnelId":"<pump-07>"}`)
		o.press("4")
		o.until("CloseTunnel", "RotateTunnelAccessToken", "✓ ok", "✗ You may not", "only asked: DescribeTunnel")
		o.press("g", "y")
		o.wait("a command", func() bool { return len(o.copied) == 1 })
		if !strings.Contains(o.copied[0], "--tunnel-id "+id) {
			t.Errorf("copied %q", o.copied[0])
		}
		o.press("E")
		o.until("Export the activity")
		o.press("ctrl+s")
		o.until("Written to ")
		if strings.Count(o.saved, "\n") < 2 || !strings.Contains(o.saved, `"ok":false`) || !strings.Contains(o.saved, `"took_ms":`) {
			t.Errorf("exported %s", o.saved)
		}
		o.press("5")
		o.until("connected", "info and above")
	})
}

func TestFlow16ADeviceThatConnectsReachesWhoLooksElsewhere(t *testing.T) {
	operate(t, "", func(o *operator) { o.tunnel("gate-03") }, func(o *operator) {
		o.until("1 open · 0 ready", "◌ never")
		o.press("N")
		o.until("adit tells you when gate-03 connects.")
		device, err := fleet.Start(t.Context(), fleet.Config{
			MQTT: o.emulator.MQTTAddr(), Data: o.emulator.DataAddr(), Roots: o.roots, Seed: 1, Things: []fleet.Thing{{Name: "gate-03"}},
		})
		o.must(err)
		defer func() { o.must(device.Close()) }()
		o.press("e")
		o.until("gate-03 is sent a new token.")
		o.deliver(tea.BlurMsg{})
		o.until("gate-03 is connected.", "● connected")
		o.wait("the bell", func() bool { return o.raw != "" })
		if title := o.model.View().WindowTitle; o.raw != "\a" || !strings.HasPrefix(title, "! gate-03 is connected") {
			t.Errorf("wrote %q, the title is %q", o.raw, title)
		}
		if got := o.requests.requests("RotateTunnelAccessToken"); !slices.ContainsFunc(got, func(body string) bool { return strings.Contains(body, `"clientMode":"DESTINATION"`) }) {
			t.Errorf("asked for %q", got)
		}
	})
}

func TestFlow17MousePasteResizeSuspendAndForeignText(t *testing.T) {
	const wide, arabic, combining = "水位センサー", "مضخة", "e\u0301tat"
	operate(t, "", func(o *operator) {
		for _, text := range []string{wide, arabic, combining} {
			opened, err := o.elsewhere("eu-west-1").Open(t.Context(), client.OpenInput{
				Thing: "valve-99", Services: []string{"SSH"}, Lifetime: time.Hour, Description: text, Tags: []client.Tag{{Key: "note", Value: arabic}},
			})
			o.must(err)
			o.requests.call(opened.ID, "<"+text+">")
		}
	}, func(o *operator) {
		o.until("3 open", wide, arabic, combining)
		o.wait("all of them described", func() bool { return strings.Count(o.screen(), "SSH ○ none ◌ never") == 3 })
		for _, size := range [][2]int{{40, 10}, {20, 5}, {200, 60}, {1, 1}, {79, 23}, {160, 50}} {
			o.deliver(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			lines := strings.Split(o.model.View().Content, "\n")
			for _, line := range lines {
				if w := ansi.StringWidth(line); w > size[0] || len(lines) != size[1] {
					t.Errorf("%dx%d: %d lines, one of %d cells", size[0], size[1], len(lines), w)
				}
			}
		}
		o.press("M")
		o.until("The mouse is adit's")
		o.deliver(tea.MouseClickMsg{X: 5, Y: 4, Button: tea.MouseLeft})
		if line := strings.Split(ansi.Strip(o.model.View().Content), "\n")[4]; !strings.HasPrefix(line, "▌") {
			t.Errorf("a click selected not %q", line)
		}
		o.press("g", "/")
		o.deliver(tea.PasteMsg{Content: wide + "\r\n"})
		o.until("1 match")
		o.press("enter")
		o.press("x")
		o.until("Close the tunnel to valve-99")
		o.press("ctrl+z")
		o.wait("the shell in front", func() bool { return o.suspended })
		o.deliver(tea.ResumeMsg{})
		o.until("Close the tunnel to valve-99")
		o.press("y")
		o.until("The tunnel to valve-99 is closed.")
		o.changed(`CloseTunnel eu-west-1 {"tunnelId":"<` + wide + `>"}`)
	})
}
