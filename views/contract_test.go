package views

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
)

func failing(err error) maker {
	return func(context.Context) (*Backend, error) { return nil, err }
}

func TestEveryActionOfTheKeymapIsHandled(t *testing.T) {
	// The actions of dialogs and forms are carried out by what is in front; each is pressed in a test of its own.
	inFront := map[keymap.Action]bool{
		keymap.AttemptRetry: true, keymap.AttemptResend: true, keymap.AttemptTakeover: true, keymap.AttemptNew: true, keymap.AttemptPort: true,
		keymap.DialogCancel: true, keymap.FormSubmit: true, keymap.FormReuse: true, keymap.FormCopy: true, keymap.BulkPause: true, keymap.BulkCancel: true, keymap.BulkRetry: true, keymap.BulkBack: true, keymap.FormNext: true,
		keymap.FormPrev: true, keymap.FormCancel: true,
	}
	for _, b := range keymap.Default().All() {
		act, ok := perform(b.Action)
		if ok == inFront[b.Action] {
			t.Errorf("%s: handled by the app %v, by an overlay %v", b.Action, ok, inFront[b.Action])
		}
		if ok && act.run == nil {
			t.Errorf("%s does nothing", b.Action)
		}
	}
}

// What an action asks in front of the list must show in its hint, and what shows there must ask.
func TestTheEllipsisMarksWhatOpensADialog(t *testing.T) {
	for _, b := range keymap.Default().All() {
		if _, ok := perform(b.Action); !ok || b.Action == keymap.AppHelp || b.Action == keymap.AppPalette || b.Action == keymap.AppQuit {
			continue // two lists of all there is, and a question that is asked only where there is something to lose
		}
		onDesk(t, func(d *desk) {
			d.choose("pump-07")
			d.app.tunnels.finding.set("status:open")
			d.app.keep(func(kept *session.Arrangement) { kept.SaveFilter("open", "status:open") })
			if b.Scope == keymap.ScopeProxies {
				d.sessions.proxies = []session.Proxy{d.proxy("pump-07")}
				d.press("2")
				d.pass(2 * time.Second)
			}
			if d.app.disabled(b.Action) != "" {
				return
			}
			d.do(d.app.run(b.Action))
			asks := false
			if n := len(d.app.overlays); n > 0 {
				switch d.app.overlays[n-1].(type) {
				case *dialog, *form, *menu, *columnsDialog:
					asks = true
				}
			}
			if asks != b.Opens {
				t.Errorf("%s opens a dialog: %v, its hint says %v", b.Action, asks, b.Opens)
			}
		})
	}
}

// Every action stands in the help or in the palette under its title, with its key and, where it cannot run, the reason.
func TestEveryActionStandsInThePaletteOrInTheHelp(t *testing.T) {
	onDesk(t, func(d *desk) {
		for _, b := range d.app.scene.keys.All() {
			if len(b.Keys) == 0 || b.Title == "" {
				t.Errorf("%s has no key or no words", b.Action)
			}
			e := d.app.entry(b)
			_, runs := perform(b.Action)
			if e.Title != b.Title || !strings.Contains(e.Keys, b.Key()) || runs != (e.Answer != "") || !runs && e.Disabled == "" {
				t.Errorf("%s is listed as %+v", b.Action, e)
			}
			if runs && d.app.disabled(b.Action) != "" && e.Disabled == "" {
				t.Errorf("%s cannot run, and its entry says nothing of it", b.Action)
			}
			// The palette lists what runs, the help what holds while something is in front.
			list := ":"
			if !runs {
				list = "?"
			}
			d.press(list)
			d.deliver(tea.PasteMsg{Content: b.Title})
			d.sees(b.Title[:min(len(b.Title), 40)])
			d.press("esc")
		}
	})
}

func TestEveryActionRunsOrSaysWhyNotBeforeAndAfterConnecting(t *testing.T) {
	for _, b := range keymap.Default().All() {
		if _, ok := perform(b.Action); !ok {
			continue
		}
		onDeskOf(t, 80, 24, prod, func(d *desk) {
			d.app.opts.Connect = failing(errMade)
			d.do(d.app.Init())
			d.do(d.app.run(b.Action))
		})
		onDesk(t, func(d *desk) { d.do(d.app.run(b.Action)) })
		onDeskOf(t, 80, 24, prod, func(d *desk) { // no tunnels at all
			d.connect()
			d.do(d.app.run(b.Action))
			for range 3 {
				d.press("esc")
			}
		})
	}
}

func TestForeignTextNeverReachesTheTerminalAsIs(t *testing.T) {
	nasty := "\x1b[2J\x1b]52;c;aGFjaw==\a\r\n\u202egnp.exe\u2066\u009b31m" + strings.Repeat("W\u0301世", 680)
	for _, size := range [][2]int{{40, 10}, {80, 24}, {160, 50}} {
		where := client.Context{Region: "eu-west-1" + nasty, Profile: nasty, Account: nasty}
		onDeskOf(t, size[0], size[1], where, func(d *desk) {
			foreign := client.Text(nasty)
			d.service.Put(client.Tunnel{
				Key: client.Key{ID: "tunnel-1"}, ARN: nasty, Thing: foreign, Description: foreign, CreatedAt: time.Now(),
				Services: []client.Text{foreign, "SSH"}, Tags: []client.Tag{{Key: foreign, Value: foreign}},
			})
			d.connect() // every frame from here on is checked by the driver
			d.app.connection.backend.About = []string{nasty}
			for _, keys := range [][]string{
				{"o"}, {"p"}, {"x"}, {"X"}, {"t"}, {"r"}, {"y"}, {"?"}, {":"}, {"n"}, {"/"}, {"space"},
			} {
				d.press(keys...)
				d.press("esc")
			}
			d.press("enter")
			d.tells(func(p *session.Progress) {
				p.Target, p.Note, p.Done, p.Err = nasty, nasty, true, &session.BusyError{Thing: nasty, Holder: nasty}
				p.Stages[0].State, p.Stages[0].Text, p.Stages[0].Remedy = session.StageFailed, nasty, nasty
			})
			d.press("t", "esc", "n", "esc", "esc")
			d.deliver(changedMsg{err: &client.Error{Message: nasty, Remedy: nasty, Object: nasty}})
			p := session.Proxy{Thing: nasty, Tunnel: d.app.selectedKey()}
			p.Err = &client.Error{Message: nasty}
			p.Services = d.proxyServices(nasty)
			d.sessions.proxies = []session.Proxy{p}
			d.press("2")
			d.pass(2 * time.Second)
			d.press("x", "esc", "q")
			if title := d.app.View().WindowTitle; strayControl(title) != "" {
				t.Errorf("window title %q", title)
			}
		})
	}
}

func TestTinyAndOddTerminalsGetASentenceOrAFrame(t *testing.T) {
	onDesk(t, func(d *desk) {
		for _, size := range [][2]int{{1, 1}, {39, 30}, {200, 9}, {40, 10}, {41, 11}, {60, 20}, {79, 19}, {200, 60}, {4000, 12}} {
			d.resize(size[0], size[1]) // the driver checks each frame
			for _, key := range []string{"o", "x", "?", "enter", "3", "2", "1"} {
				d.press(key)
				if !strings.Contains("123", key) {
					d.press("esc")
				}
			}
		}
		d.resize(39, 9)
		d.sees("adit needs 40x10; this terminal is 39x9.")
	})
}

func TestUnchangedScreenIsDrawnOnce(t *testing.T) {
	onDesk(t, func(d *desk) {
		before := d.app.View()
		d.deliver(struct{}{})
		d.deliver(tickMsg{chain: d.app.clock - 1})
		if d.app.dirty {
			t.Error("a message that changed nothing asks for a new frame")
		}
		if d.app.View().Content != before.Content {
			t.Error("the frame changed")
		}
	})
}
