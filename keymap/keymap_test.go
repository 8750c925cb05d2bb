package keymap_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"adit/keymap"
)

func TestEveryActionHasATitleAndAKey(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+\.[a-z]+$`)
	for _, b := range keymap.Default().All() {
		if !name.MatchString(string(b.Action)) {
			t.Errorf("%s is not noun.verb", b.Action)
		}
		if b.Title == "" || len(b.Keys) == 0 {
			t.Errorf("%s has title %q and keys %q", b.Action, b.Title, b.Keys)
		}
	}
}

// The constants are read from the source: a list of them here would forget the newest.
func TestEveryActionNamedInTheSourceIsBoundOnce(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	bound := map[keymap.Action]int{}
	for _, b := range keymap.Default().All() {
		bound[b.Action]++
	}
	named := 0
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		named++
		action, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		if n := bound[keymap.Action(action)]; n != 1 {
			t.Errorf("%s is bound %d times", action, n)
		}
		return true
	})
	if named != len(bound) {
		t.Errorf("%d actions are named, %d are bound", named, len(bound))
	}
}

// pressOf builds the key press that a terminal would report for a key; ok is false when there is no such key.
func pressOf(key string) (press tea.KeyPressMsg, ok bool) {
	rest := key
	for _, m := range []struct {
		name string
		mod  tea.KeyMod
	}{
		{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift},
		{"meta+", tea.ModMeta}, {"hyper+", tea.ModHyper}, {"super+", tea.ModSuper},
	} {
		if after, has := strings.CutPrefix(rest, m.name); has {
			press.Mod |= m.mod
			rest = after
		}
	}
	codes := map[string]rune{
		"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "insert": tea.KeyInsert, "delete": tea.KeyDelete,
		"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6,
		"f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f11": tea.KeyF11, "f12": tea.KeyF12,
	}
	if code, named := codes[rest]; named {
		press.Code = code
		return press, true
	}
	if utf8.RuneCountInString(rest) != 1 {
		return press, false
	}
	press.Code, _ = utf8.DecodeRuneInString(rest)
	if press.Mod == 0 {
		press.Text = rest
	}
	return press, true
}

func TestDefaultKeysAreWrittenAsBubbleTeaReportsThem(t *testing.T) {
	for _, b := range keymap.Default().All() {
		for _, key := range b.Keys {
			if press, ok := pressOf(key); !ok || press.String() != key {
				t.Errorf("%s: key %q arrives as %q", b.Action, key, press.String())
			}
		}
	}
}

func TestDefaultKeysDoNotFightInTheirScopeAndTheGlobalOne(t *testing.T) {
	all := keymap.Default().All()
	for i, a := range all {
		for _, b := range all[i+1:] {
			if a.Scope != b.Scope && a.Scope != keymap.ScopeGlobal && b.Scope != keymap.ScopeGlobal {
				continue
			}
			for _, key := range a.Keys {
				if slices.Contains(b.Keys, key) {
					t.Errorf("key %q: %s and %s", key, a.Action, b.Action)
				}
			}
		}
	}
}

func TestDestructiveActionsAskFirst(t *testing.T) {
	for _, b := range keymap.Default().All() {
		// The dialog that offers a takeover is itself the question.
		if b.Danger == keymap.Destructive && !b.Opens && b.Scope != keymap.ScopeDialog {
			t.Errorf("%s is destructive and opens no dialog", b.Action)
		}
	}
}

func TestDefaultMapCanBeOverriddenWithItself(t *testing.T) {
	m := keymap.Default()
	same := map[keymap.Action][]string{}
	for _, b := range m.All() {
		same[b.Action] = b.Keys
	}
	if err := m.Override(same); err != nil {
		t.Error(err)
	}
}

func TestLookupPrefersTheFrontScope(t *testing.T) {
	m := keymap.Default()
	for _, c := range []struct {
		key    string
		scopes []keymap.Scope
		want   keymap.Action
	}{
		{"x", []keymap.Scope{keymap.ScopeTunnels, keymap.ScopeGlobal}, keymap.TunnelClose},
		{"x", []keymap.Scope{keymap.ScopeProxies, keymap.ScopeGlobal}, keymap.ProxyStop},
		{"r", []keymap.Scope{keymap.ScopeDialog, keymap.ScopeTunnels}, keymap.AttemptResend},
		{"q", []keymap.Scope{keymap.ScopeTunnels, keymap.ScopeGlobal}, keymap.AppQuit},
		{"ctrl+c", []keymap.Scope{keymap.ScopeGlobal}, keymap.AppQuit},
		{"q", []keymap.Scope{keymap.ScopeForm}, ""},
		{" ", []keymap.Scope{keymap.ScopeTunnels}, ""},
		{"x", nil, ""},
	} {
		b, ok := m.Lookup(c.key, c.scopes...)
		if b.Action != c.want || ok != (c.want != "") {
			t.Errorf("Lookup(%q, %v) = %s, %v; want %s", c.key, c.scopes, b.Action, ok, c.want)
		}
	}
}

func TestHintsOfTheTunnelsBeginWithWhatIsUsedMost(t *testing.T) {
	var got []string
	for _, b := range keymap.Default().Hints(keymap.ScopeTunnels)[:7] {
		got = append(got, b.Key()+" "+b.Hint)
	}
	want := []string{"enter ssh", "o open", "p proxy", "x close", "t tags", "space mark", "/ filter"}
	if !slices.Equal(got, want) {
		t.Errorf("hints are %q, want %q", got, want)
	}
	for _, b := range keymap.Default().Hints(keymap.ScopeGlobal) {
		if b.Hint == "" || b.Scope != keymap.ScopeGlobal {
			t.Errorf("%s does not belong in the hint bar of the global scope", b.Action)
		}
	}
}

func TestBindingOfAnUnknownActionIsNotFound(t *testing.T) {
	if b, ok := keymap.Default().Binding("tunnel.paint"); ok {
		t.Errorf("found %v", b)
	}
	if b, ok := keymap.Default().Binding(keymap.TunnelDelete); !ok || b.Key() != "X" {
		t.Errorf("tunnel.delete is on %q, found %v", b.Key(), ok)
	}
}
