package views

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/ui"
)

var update = flag.Bool("update", false, "write the golden files")

// scenes are the pictures that are held, each settled before it is taken.
var scenes = []struct {
	name string
	set  func(d *desk)
}{
	{"tunnels", func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-07")}
		d.sessions.opened[d.sessions.proxies[0].Tunnel] = true
		d.choose("pump-07")
		d.pass(2 * time.Second)
	}},
	{"openform", func(d *desk) { d.choose("pump-12"); d.press("o") }},
	{"confirm", func(d *desk) { d.choose("pump-12"); d.press("x") }},
	{"attempt", func(d *desk) {
		d.choose("pump-07")
		d.press("enter")
		started := time.Now()
		d.tells(func(p *session.Progress) {
			p.Stages = []session.Stage{
				{State: session.StageDone, Text: "reuse tunnel 8f2c9a14 (52 min left; rotating costs nothing, opening is billed)", Started: started, Ended: started},
				{State: session.StageDone, Text: "new source token", Started: started, Ended: started.Add(800 * time.Millisecond)},
				{ID: session.StageDevice, State: session.StageRunning, Started: started,
					Text: "Waiting for pump-07 to pick up the tunnel: 0:05. Sending again now would void the token it may be using."},
				{Text: "local proxy"}, {Text: "its ssh"}, {Text: "shell"},
			}
			p.ResendAfter = started.Add(20 * time.Second)
		})
		d.pass(5 * time.Second)
	}},
	{"failed", func(d *desk) {
		d.choose("gate-03")
		d.press("enter")
		d.tells(func(p *session.Progress) {
			p.Stages[0].State = session.StageDone
			p.Stages[2].State, p.Stages[2].Text = session.StageFailed, "gate-03 never picked the token up."
			p.Stages[2].Remedy = "Press n to open another tunnel, or enter to try again."
			p.Done, p.Err = true, errMade
		})
	}},
	{"things", func(d *desk) {
		d.sessions.memory = session.Memory{Recents: []session.Recent{{Thing: "tank-4", At: time.Now().Add(-26 * time.Hour)}}, OpensToday: 2}
		d.service.PutThing("pump-12", client.Presence{State: client.PresenceOnline, Since: time.Now().Add(-3 * time.Hour)})
		d.service.PutThing("gate-03", client.Presence{State: client.PresenceNotSeen, Since: time.Now().Add(-5 * time.Hour)})
		d.service.PutThing("valve-09", client.Presence{State: client.PresenceNotSeen})
		d.sessions.proxies = []session.Proxy{d.proxy("pump-07")}
		d.do(d.app.recall())
		d.press("3")
		d.pass(2 * time.Second)
		d.press("down")
		d.pass(2 * time.Second)
	}},
	{"proxies", func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-07"), d.proxy("pump-12")}
		d.sessions.proxies[1].Err = errMade
		d.press("2")
		d.pass(2 * time.Second)
	}},
	{"connections", func(d *desk) { busyProxy(d); d.press("2", "i"); d.pass(2 * time.Second) }},
	{"activity", func(d *desk) {
		d.choose("pump-07")
		d.service.FailNext("CloseTunnel", d.service.Failure("CloseTunnel", client.KindDenied))
		d.press("x", "y", "x", "y", "4")
		d.pass(10 * time.Second)
	}},
	{"log", func(d *desk) {
		d.logs(slog.LevelInfo, "connected profile=prod region=eu-west-1")
		d.logs(slog.LevelWarn, "local proxy stopped tunnel=8f2c9a14 error=connection reset")
		d.press("5")
		d.pass(10 * time.Second)
	}},
	{"quit", func(d *desk) {
		d.sessions.proxies = []session.Proxy{d.proxy("pump-07")}
		d.opens("pump-07", "pump-12")
		d.press("q")
	}},
	{"bulk", func(d *desk) { d.mark(5); d.press("X") }},
	{"closing", func(d *desk) {
		d.mark(4)
		d.press("x")
		d.service.FailNext("CloseTunnel", errMade)
		d.service.Change("2f2c9a14-12", func(u *client.Tunnel) { u.Source.Connected = true })
		d.press("y")
		d.pass(10 * time.Second)
	}},
	{"detail", func(d *desk) { d.choose("pump-12"); d.press("i") }},
	{"help", func(d *desk) { d.press("?") }},
}

func TestScreensLookAsTheyShould(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			compare(t, scene.name, pictures(t, func(width, height int, look ui.Look) (content string) {
				onDeskOf(t, width, height, prod, func(d *desk) {
					d.app.scene.theme = ui.NewTheme(look)
					stock(d.service)
					d.connect()
					scene.set(d)
					d.listedJustNow()
					content = d.app.View().Content
				})
				return content
			}))
		})
	}
}

func TestConnectScreensLookAsTheyShould(t *testing.T) {
	var pictures strings.Builder
	for _, size := range [][2]int{{39, 9}, {40, 10}, {60, 15}, {80, 24}, {160, 50}} {
		onDeskOf(t, size[0], size[1], prod, func(d *desk) {
			d.app.opts.Connect = failing(&client.Error{Kind: client.KindExpired, Operation: "Connect", Context: prod,
				Remedy: "Log in again.", Command: "aws sso login --profile prod"})
			d.do(d.app.Init())
			picture(&pictures, fmt.Sprintf("%dx%d", size[0], size[1]), d.screen())
		})
	}
	compare(t, "connect", pictures.String())
}

func TestHeaderSaysWhereItLooks(t *testing.T) {
	var pictures strings.Builder
	for _, where := range []client.Context{
		{Region: "eu-west-1", Demo: true, Endpoint: "http://127.0.0.1:4566"},
		{Region: "us-east-1", Profile: "prod", Account: "123456789012", Endpoint: "http://127.0.0.1:4566", EndpointFrom: "AWS_ENDPOINT_URL"},
		prod,
	} {
		onDeskOf(t, 120, 12, where, func(d *desk) {
			stock(d.service)
			d.connect()
			d.listedJustNow()
			picture(&pictures, where.Region, strings.Split(d.screen(), "\n")[0])
		})
	}
	for _, width := range []int{60, 80, 120} {
		onDeskOf(t, width, 12, prod, func(d *desk) {
			d.app.opts.ReadOnly = true
			stock(d.service)
			d.connect()
			d.listedJustNow()
			lines := strings.Split(d.screen(), "\n")
			picture(&pictures, "read-only, "+itoa(width), lines[0]+"\n"+lines[len(lines)-1])
		})
	}
	compare(t, "header", pictures.String())
}

// picture adds a screen under a title, without the blanks at the ends of its lines.
func picture(to *strings.Builder, title, screen string) {
	fmt.Fprintf(to, "== %s\n%s\n", title, withoutBlanks(screen))
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wanted, lines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i, line := range lines {
		if i >= len(wanted) || line != wanted[i] {
			t.Fatalf("%s, line %d (go test ./views -update writes it anew):\n got %q\nwant %q", path, i+1, line, append(wanted, "")[min(i, len(wanted))])
		}
	}
	if len(lines) != len(wanted) {
		t.Fatalf("%s has %d lines, the screens %d", path, len(wanted), len(lines))
	}
}
