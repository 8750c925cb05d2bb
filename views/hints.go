package views

import (
	"adit/keymap"
	"adit/ui"
)

// hint is a key and the word for what it does.
type hint struct{ key, word string }

// hintBar is the last line: the next keys, as many as fit.
func (a *app) hintBar() []string {
	s := a.scene
	var hints []hint
	if n := len(a.overlays); n > 0 {
		hints = a.overlays[n-1].hints(s)
	} else {
		hints = append(a.scopeHints(a.front), a.scopeHints(keymap.ScopeGlobal)...)
	}
	return []string{s.hintLine(hints, s.width)}
}

// scopeHints are the hints of a scope. Of the global ones the way to the view that is shown already is left out.
func (a *app) scopeHints(scope keymap.Scope) []hint {
	var hints []hint
	for _, b := range a.scene.keys.Hints(scope) {
		switch b.Action {
		case keymap.ViewTunnels, keymap.ViewProxies, keymap.AppPalette, keymap.AppHelp:
			if a.front == keymap.ScopeConnect ||
				b.Action == keymap.ViewTunnels && a.front == keymap.ScopeTunnels ||
				b.Action == keymap.ViewProxies && a.front == keymap.ScopeProxies {
				continue
			}
		case keymap.TunnelMore:
			if !a.more() {
				continue
			}
		case keymap.ConnectDemo, keymap.ConnectRetry:
			if a.disabled(b.Action) != "" {
				continue
			}
		}
		hints = append(hints, a.scene.hintOf(b))
	}
	// The ways to commands and help come before what a narrow screen drops.
	if scope == keymap.ScopeTunnels && len(hints) > 7 && a.scene.width < 120 {
		hints = hints[:7]
	}
	return hints
}

func (s *scene) hintOf(b keymap.Binding) hint {
	word := b.Hint
	if b.Opens {
		word += s.theme.Symbols.Ellipsis
	}
	return hint{b.Key(), word}
}

// key is the key of an action as it is shown.
func (s *scene) key(name keymap.Action) string {
	b, _ := s.keys.Binding(name)
	return b.Key()
}

// hintLine sets hints side by side and leaves out those that do not fit.
func (s *scene) hintLine(hints []hint, width int) string {
	var spans []ui.Span
	used := 0
	for _, h := range hints {
		need := len([]rune(h.key)) + len([]rune(h.word)) + 4
		if used+need > width+2 {
			break
		}
		spans = append(spans, ui.Span{Text: " " + h.key, Tone: ui.Accent}, ui.Span{Text: " " + h.word + "  ", Tone: ui.Dim})
		used += need
	}
	return s.theme.Spans(width, spans...)
}
