package keymap_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adit/keymap"
)

func TestOverrideMovesAnActionToItsNewKeys(t *testing.T) {
	m := keymap.Default()
	err := m.Override(map[keymap.Action][]string{
		keymap.TunnelClose: {"ctrl+x", "f8"},
		keymap.TunnelCopy:  {"x"}, // free now
		keymap.TunnelSort:  {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]keymap.Action{
		"ctrl+x": keymap.TunnelClose, "f8": keymap.TunnelClose, "x": keymap.TunnelCopy, "y": "", "s": "",
	} {
		if b, _ := m.Lookup(key, keymap.ScopeTunnels); b.Action != want {
			t.Errorf("%q starts %q, want %q", key, b.Action, want)
		}
	}
	for _, b := range m.Hints(keymap.ScopeTunnels) {
		if b.Action == keymap.TunnelSort {
			t.Error("an action without a key is still hinted at")
		}
	}
	if b, _ := m.Binding(keymap.TunnelClose); b.Key() != "ctrl+x" {
		t.Errorf("tunnel.close shows %q", b.Key())
	}
}

func TestOverrideNamesWhatIsWrongAndChangesNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		keys map[keymap.Action][]string
		want []string
	}{
		{"unknown action", map[keymap.Action][]string{"tunnel.paint": {"z"}}, []string{"tunnel.paint", "no such action"}},
		{"conflict in a scope", map[keymap.Action][]string{keymap.TunnelTags: {"o"}}, []string{`"o"`, "tunnel.open and tunnel.tags"}},
		{"conflict with the global scope", map[keymap.Action][]string{keymap.ProxyCopy: {"q"}}, []string{`"q"`, "app.quit and proxy.copy"}},
		{"global against a scope", map[keymap.Action][]string{keymap.AppRefresh: {"d"}}, []string{"app.refresh and connect.demo"}},
		{"twice", map[keymap.Action][]string{keymap.TunnelTags: {"w", "w"}}, []string{"tunnel.tags has it twice"}},
		{"a space", map[keymap.Action][]string{keymap.TunnelMark: {" "}}, []string{"tunnel.mark", `write "space"`}},
		{"shift and a letter", map[keymap.Action][]string{keymap.TunnelTags: {"shift+t"}}, []string{`write "T"`}},
		{"control and a capital", map[keymap.Action][]string{keymap.TunnelTags: {"ctrl+T"}}, []string{"small letter"}},
		{"wrong order", map[keymap.Action][]string{keymap.TunnelTags: {"shift+ctrl+t"}}, []string{"in the order"}},
		{"a modifier twice", map[keymap.Action][]string{keymap.TunnelTags: {"ctrl+ctrl+t"}}, []string{"in the order"}},
		{"other names", map[keymap.Action][]string{keymap.TunnelTags: {"control+t"}}, []string{`"control" is not a modifier`}},
		{"return", map[keymap.Action][]string{keymap.TunnelTags: {"return"}}, []string{`no key "return"`}},
		{"nothing", map[keymap.Action][]string{keymap.TunnelTags: {""}}, []string{"missing"}},
		{"only a modifier", map[keymap.Action][]string{keymap.TunnelTags: {"ctrl+"}}, []string{"missing"}},
		{"a control character", map[keymap.Action][]string{keymap.TunnelTags: {"\x1b"}}, []string{"not a printable"}},
		{"tab in disguise", map[keymap.Action][]string{keymap.TunnelTags: {"ctrl+i"}}, []string{"most terminals"}},
		{"no way out", map[keymap.Action][]string{keymap.AppQuit: {}}, []string{"app.quit", "no way out"}},
		{"a letter in a form", map[keymap.Action][]string{keymap.FormReuse: {"r"}}, []string{"form.reuse", "typed"}},
		{"two at once", map[keymap.Action][]string{"a.b": {"z"}, "c.d": {"z"}}, []string{"a.b", "c.d"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := keymap.Default()
			err := m.Override(c.keys)
			if err == nil {
				t.Fatal("was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if !reflect.DeepEqual(m.All(), keymap.Default().All()) {
				t.Error("the map was changed")
			}
		})
	}
}

func TestOverrideTakesEveryKeyATerminalCanSend(t *testing.T) {
	for _, key := range []string{"+", "ctrl++", "alt+w", "ctrl+alt+shift+f5", "ctrl+space", "é", "ф", "f1", "shift+tab", "alt+enter", "delete"} {
		m := keymap.Default()
		if err := m.Override(map[keymap.Action][]string{keymap.TunnelTags: {key}}); err != nil {
			t.Errorf("%q: %v", key, err)
		}
		if b, ok := m.Lookup(key, keymap.ScopeTunnels); !ok || b.Action != keymap.TunnelTags {
			t.Errorf("%q starts %q", key, b.Action)
		}
	}
}

// Whatever keys are asked for, a map that took them has no key that starts two things in one place.
func TestOverrideNeverLetsAConflictThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := keymap.Default()
		all := m.All()
		keys := map[keymap.Action][]string{}
		for range rapid.IntRange(1, 6).Draw(t, "actions") {
			b := rapid.SampledFrom(all).Draw(t, "action")
			keys[b.Action] = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "z", "x", "q", "ctrl+g", "f9", "enter"}), 0, 2).Draw(t, "keys")
		}
		if m.Override(keys) != nil {
			return
		}
		taken := map[string]keymap.Binding{}
		for _, b := range m.All() {
			for _, key := range b.Keys {
				for _, scope := range []keymap.Scope{b.Scope, keymap.ScopeGlobal} {
					if other, ok := taken[string(scope)+" "+key]; ok && (other.Scope == scope || b.Scope == scope) {
						t.Fatalf("%q starts %s and %s", key, other.Action, b.Action)
					}
				}
				taken[string(b.Scope)+" "+key] = b
			}
		}
	})
}

// A key that is accepted and can never arrive would be a binding that silently does nothing.
func FuzzOverrideAcceptsOnlyKeysThatCanArrive(f *testing.F) {
	for _, seed := range []string{
		"x", "X", "space", " ", "ctrl+r", "ctrl++", "+", "++", "ctrl+", "shift+tab", "shift+t", "ctrl+T", "alt+ctrl+x",
		"ctrl+alt+shift+f5", "escape", "pgdn", "é", "日", "\x1b", "\xff", "", "ctrl+i", "f13", "\u0301", "\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		m := keymap.Default()
		if m.Override(map[keymap.Action][]string{keymap.TunnelTags: {key}}) != nil {
			return
		}
		if press, ok := pressOf(key); !ok || press.String() != key {
			t.Errorf("key %q was accepted and would arrive as %q", key, press.String())
		}
	})
}
