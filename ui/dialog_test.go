package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// press makes the key press that a terminal reports for a key.
func press(key string) tea.KeyPressMsg {
	named := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	}
	var k tea.KeyPressMsg
	for name, mod := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "shift+": tea.ModShift} {
		if rest, ok := strings.CutPrefix(key, name); ok {
			key, k.Mod = rest, mod
		}
	}
	if code, ok := named[key]; ok {
		k.Code = code
		if key == "space" {
			k.Text = " "
		}
		return k
	}
	k.Code = []rune(key)[0]
	if k.Mod == 0 {
		k.Text = key
	}
	return k
}

func closeDialog() *Dialog {
	return &Dialog{
		Title: "Close pump-07",
		Body:  []Span{{"Close the tunnel to pump-07? Both sides are cut and it cannot be reopened.", Plain}},
		Choices: []Choice{
			{Key: "x", Label: "close", Answer: "close", Danger: true},
			{Key: "n", Label: "leave it open", Answer: "keep"},
		},
	}
}

// answers gives the dialog keys, separated by spaces, and returns its last answer.
func answers(d *Dialog, keys string) string {
	answer := ""
	for key := range strings.FieldsSeq(keys) {
		answer = d.Update(press(key), time.Time{})
	}
	return answer
}

func TestDialogAnswers(t *testing.T) {
	for _, c := range []struct{ name, keys, want string }{
		{"its key makes a choice", "x", "close"},
		{"the other key makes the other", "n", "keep"},
		{"enter makes the first safe choice", "enter", "keep"},
		{"esc leaves", "esc", "cancel"},
		{"another key does nothing", "z", ""},
		{"moving turns to the dangerous choice", "left enter", "close"},
		{"moving goes round", "tab tab enter", "keep"},
		{"moving goes back", "tab shift+tab enter", "keep"},
	} {
		if got := answers(closeDialog(), c.keys); got != c.want {
			t.Errorf("%s: %q answers %q, want %q", c.name, c.keys, got, c.want)
		}
	}
}

func TestDialogWithoutASafeChoiceHasNoDefault(t *testing.T) {
	d := &Dialog{Choices: []Choice{{Key: "x", Answer: "close", Danger: true}}}
	if got := answers(d, "enter"); got != "" {
		t.Errorf("enter answers %q", got)
	}
	if got := answers(d, "tab enter"); got != "close" {
		t.Errorf("enter on the choice moved to answers %q", got)
	}
	if got := answers(&Dialog{}, "tab enter"); got != "" {
		t.Errorf("a dialog without choices answers %q", got)
	}
}

func TestDialogPrefersTheSafeChoiceThatNamesEnter(t *testing.T) {
	d := &Dialog{Choices: []Choice{
		{Key: "o", Label: "open when it comes online", Answer: "later"},
		{Key: "enter", Label: "try again", Answer: "now"},
	}}
	if got := answers(d, "enter"); got != "now" {
		t.Errorf("enter answers %q, though it is written beside another choice", got)
	}
}

func TestDialogTakesTheDangerousChoiceOnlyOnceItWasTypedOut(t *testing.T) {
	for _, c := range []struct{ name, keys, want string }{
		{"not typed", "enter", "keep"},
		{"half typed", "1 8 enter", "keep"},
		{"typed", "1 8 7 enter", "close"},
		{"too much", "1 8 7 7 enter", "keep"},
		{"mended", "1 8 7 7 backspace enter", "close"},
		{"its letter is text", "x enter", "keep"},
		{"moved there without typing", "tab enter", ""},
		{"typed, then moved away", "1 8 7 tab enter", "keep"},
		{"typed, then left", "1 8 7 esc", "cancel"},
		{"typed, cleared", "1 8 7 ctrl+u enter", "keep"},
	} {
		d := closeDialog()
		d.Typed = "187"
		if got := answers(d, c.keys); got != c.want {
			t.Errorf("%s: %q answers %q, want %q", c.name, c.keys, got, c.want)
		}
	}
}

func TestDialogThatOpenedByItselfWaitsUntilTheHandsRest(t *testing.T) {
	opened := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	type stroke struct {
		after time.Duration
		want  string
	}
	for _, c := range []struct {
		name    string
		strokes []stroke
	}{
		{"a key at once is a stray one", []stroke{{0, ""}, {424 * time.Millisecond, ""}}},
		{"a key after a rest counts", []stroke{{425 * time.Millisecond, "close"}}},
		{"typing on keeps it waiting", []stroke{{300 * time.Millisecond, ""}, {600 * time.Millisecond, ""}, {999 * time.Millisecond, ""}, {1424 * time.Millisecond, "close"}}},
		{"but not for ever", []stroke{{424 * time.Millisecond, ""}, {848 * time.Millisecond, ""}, {1190 * time.Millisecond, ""}, {1499 * time.Millisecond, ""}, {1500 * time.Millisecond, "close"}}},
		{"once it listens it goes on listening", []stroke{{500 * time.Millisecond, "close"}, {501 * time.Millisecond, "close"}}},
	} {
		d := closeDialog()
		d.OpenedAt = opened
		for _, s := range c.strokes {
			if got := d.Update(press("x"), opened.Add(s.after)); got != s.want {
				t.Errorf("%s: after %v it answers %q, want %q", c.name, s.after, got, s.want)
			}
		}
	}
}

func TestDialogShowsItsDefaultAndWhereToType(t *testing.T) {
	th := NewTheme(Look{NoColor: true, ASCII: true})
	d := closeDialog()
	d.Typed = "187"
	if view := ansi.Strip(d.View(th, 60)); !strings.Contains(view, "[leave it open]") {
		t.Errorf("the default is not shown:\n%s", view)
	}
	answers(d, "1 8 7")
	view := strings.Split(ansi.Strip(d.View(th, 60)), "\n")
	if !strings.Contains(strings.Join(view, "\n"), "[close]") {
		t.Errorf("the choice that was typed out is not shown:\n%s", strings.Join(view, "\n"))
	}
	c := d.Cursor(th, 60)
	if c == nil || !strings.HasSuffix(view[c.Y][:c.X], "Type 187 to go on: 187") {
		t.Errorf("the cursor is at %v in\n%s", c, strings.Join(view, "\n"))
	}
	if closeDialog().Cursor(th, 60) != nil {
		t.Error("a dialog without anything to type has a cursor")
	}
}
