package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func helpMenu() *Menu {
	return NewMenu("Commands", []Entry{
		{Keys: "enter", Title: "Open a shell on the device", Group: "Tunnels", Answer: "tunnel.ssh"},
		{Keys: "o", Title: "Open a new tunnel (billed)", Group: "Tunnels", Answer: "tunnel.open", Disabled: "read-only"},
		{Keys: "x", Title: "Close the tunnel", Group: "Tunnels", Answer: "tunnel.close"},
		{Keys: "?", Title: "Show every key", Group: "Everywhere", Answer: "app.help"},
		{Title: "endpoint http://127.0.0.1:4566", Group: "About"},
	})
}

func TestMenuAnswers(t *testing.T) {
	for _, c := range []struct {
		name, keys, want string
		done             bool
	}{
		{"enter runs the first", "enter", "tunnel.ssh", true},
		{"esc leaves", "down esc", "", true},
		{"moving down", "down down enter", "tunnel.close", true},
		{"moving back up", "down down down up enter", "tunnel.close", true},
		{"moving is clamped above", "up up enter", "tunnel.ssh", true},
		{"a disabled entry does not run", "down enter", "", false},
		{"an entry that is only read does not run", "pgdown enter", "", false},
		{"a page back", "pgdown pgup enter", "tunnel.ssh", true},
		{"searching by title", "c l o s e enter", "tunnel.close", true},
		{"searching loosely", "s h o k enter", "app.help", true},
		{"searching by the action's name", "a p p . h e l p enter", "app.help", true},
		{"nothing found, nothing run", "z z z enter", "", false},
		{"nothing found, no way to move", "z z z down up enter", "", false},
		{"a search taken back", "z z z ctrl+u enter", "tunnel.ssh", true},
		{"a search starts at its best", "down down e v e r y enter", "app.help", true},
	} {
		m := helpMenu()
		answer, done := "", false
		for key := range strings.FieldsSeq(c.keys) {
			if key == "enter" && m.Answers() != (c.want != "") {
				t.Errorf("%s: enter answers: %v", c.name, m.Answers())
			}
			answer, done = m.Update(press(key))
		}
		if answer != c.want || done != c.done {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, answer, done, c.want, c.done)
		}
	}
}

func TestMenuTakesAPasteIntoItsSearch(t *testing.T) {
	m := helpMenu()
	m.Update(tea.PasteMsg{Content: "every key"})
	if answer, _ := m.Update(press("enter")); answer != "app.help" {
		t.Errorf("answers %q", answer)
	}
}

func TestMenuSaysWhyAnEntryCannotRun(t *testing.T) {
	view := ansi.Strip(helpMenu().View(NewTheme(Look{NoColor: true}), 60, 14))
	if !strings.Contains(view, "Open a new tunnel (billed) (read-only)") {
		t.Errorf("no reason in\n%s", view)
	}
}

func TestMenuNamesEachGroupOnce(t *testing.T) {
	view := ansi.Strip(helpMenu().View(NewTheme(Look{NoColor: true}), 60, 14))
	for _, group := range []string{"Tunnels", "Everywhere", "About"} {
		if n := strings.Count(view, " "+group+" "); n != 1 {
			t.Errorf("%s is there %d times in\n%s", group, n, view)
		}
	}
}

func TestMenuKeepsTheChosenLineInSight(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	var entries []Entry
	for _, r := range "abcdefghijklmnopqrstuvwxyz" {
		entries = append(entries, Entry{Title: "entry " + string(r), Answer: string(r)})
	}
	m := NewMenu("", entries)
	for _, e := range entries {
		if view := ansi.Strip(m.View(th, 40, 9)); !strings.Contains(view, th.Symbols.Cursor+"   "+e.Title) {
			t.Fatalf("%q is chosen and not in sight:\n%s", e.Title, view)
		}
		m.Update(press("down"))
	}
}

func TestMenuCursorStandsBehindWhatWasTyped(t *testing.T) {
	m, th := helpMenu(), NewTheme(Look{NoColor: true})
	m.Update(tea.PasteMsg{Content: "日本x"})
	c := m.Cursor(th, 40, 10)
	lines := strings.Split(ansi.Strip(m.View(th, 40, 10)), "\n")
	if got := ansi.Cut(lines[c.Y], 0, c.X); !strings.HasSuffix(got, "/ 日本x") {
		t.Errorf("before the cursor stands %q", got)
	}
}

func TestMenuTellsTheWholeReasonOfTheEntryChosen(t *testing.T) {
	reason := "this tunnel is closed, and a closed tunnel cannot be reopened: open a new one"
	m := NewMenu("Commands", []Entry{{Title: "Open", Answer: "open"}, {Title: "Start a local proxy", Answer: "proxy", Disabled: reason}})
	th := NewTheme(Look{NoColor: true})
	flat := func() string {
		text := strings.NewReplacer("│", " ", "╭", " ", "╮", " ").Replace(ansi.Strip(m.View(th, 50, 12)))
		return strings.Join(strings.Fields(text), " ")
	}
	if got := flat(); strings.Contains(got, "open a new one") {
		t.Errorf("an entry that is not chosen is told in full: %s", got)
	}
	m.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	if got := flat(); !strings.Contains(got, reason) {
		t.Errorf("the reason is not told in full: %s", got)
	}
}
