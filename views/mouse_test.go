package views

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func (d *desk) click(x, y int) {
	d.t.Helper()
	d.deliver(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.settle()
}

// clickOn clicks on a text of the screen.
func (d *desk) clickOn(text string) {
	d.t.Helper()
	for y, line := range strings.Split(d.screen(), "\n") {
		if at := strings.Index(line, text); at >= 0 {
			d.click(cellsOf(line[:at]), y)
			return
		}
	}
	d.t.Fatalf("%q is not on the screen:\n%s", text, d.screen())
}

func TestMouseIsTheTerminalsUntilItIsAskedForThenItSelectsScrollsAndPresses(t *testing.T) {
	onDesk(t, func(d *desk) {
		if mode := d.app.View().MouseMode; mode != tea.MouseModeNone {
			t.Fatalf("the mouse mode is %v at first", mode)
		}
		d.press("M")
		d.sees("The mouse is adit's")
		if mode := d.app.View().MouseMode; mode != tea.MouseModeCellMotion {
			t.Fatalf("the mouse mode is %v", mode)
		}
		d.press("g")
		d.clickOn("pump-12")
		if row, _ := d.app.selected(); row.Thing != "pump-12" {
			t.Errorf("a click selected %q", row.Thing)
		}
		d.click(5, 0) // the header and the empty rows select nothing
		d.click(5, 15)
		if row, _ := d.app.selected(); row.Thing != "pump-12" {
			t.Errorf("a click beside the rows selected %q", row.Thing)
		}
		d.deliver(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
		if row, _ := d.app.selected(); row.Thing != "pump-07" {
			t.Errorf("the wheel went to %q", row.Thing)
		}
		d.clickOn("open…")
		d.sees("Open a tunnel")
		d.clickOn("esc back")
		d.seesNot("Open a tunnel")
		d.clickOn("? help")
		before := d.screen()
		d.deliver(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		if d.screen() == before {
			t.Error("the wheel does not scroll the help")
		}
		d.press("esc", "M")
		if mode := d.app.View().MouseMode; mode != tea.MouseModeNone {
			t.Errorf("the mouse mode is %v afterwards", mode)
		}
	})
}

func TestEveryKeyThatIsBoundCanBePressedByItsName(t *testing.T) {
	onDesk(t, func(d *desk) {
		for _, b := range d.app.scene.keys.All() {
			for _, name := range b.Keys {
				key, ok := keyPress(name)
				if !ok || key.String() != name {
					t.Errorf("%s: %q is pressed as %q", b.Action, name, key.String())
				}
			}
		}
	})
}

func TestPasteReachesWhereverTextIsTyped(t *testing.T) {
	onDesk(t, func(d *desk) {
		paste := func(text string) { d.deliver(tea.PasteMsg{Content: text}); d.settle() }
		d.press("/")
		paste("pump-12\r\n")
		d.sees("1 match")
		d.press("esc", ":")
		paste("proxies")
		d.press("enter")
		d.sees("No local proxies run.")
		d.press("1")
		d.choose("pump-07")
		d.press("p", "tab")
		paste("0.0.0.0")
		d.press("ctrl+s")
		paste("0.0.0.0") // what must be typed out may be pasted
		d.press("enter")
		if req := d.sessions.lastReq(); req.Bind["SSH"] != "0.0.0.0:0" {
			t.Errorf("asked for %+v", req.Bind)
		}
		d.press("esc")
		paste("x") // nobody types here
		d.seesNot("Close the tunnel")
	})
}
