package views

import (
	"adit/keymap"
	"adit/ui"
)

// hint is a key and the word for what it does.
type hint struct{ key, word string }

// hintBar is the last line: the next keys, as many as fit. The ways to all commands and to the help are never what is
// left out.
func (a *app) hintBar() []string { return []string{a.scene.hintLine(a.barHints(), a.scene.width)} }

// barHints are those of what has the keys now.
func (a *app) barHints() []hint {
	s := a.scene
	if n := len(a.overlays); n > 0 {
		return a.overlays[n-1].hints(s)
	}
	if a.filtering() {
		sy := s.theme.Symbols
		return []hint{{"enter", "keep"}, {"esc", "show all"}, {"tab", "complete"}, {sy.Up + sy.Down, "select"}}
	}
	view, anywhere := a.scopeHints(a.front), a.scopeHints(keymap.ScopeGlobal)
	last := min(2, len(anywhere))
	if a.front == keymap.ScopeConnect {
		last = 0
	}
	room := s.width - hintWidth(anywhere[:last])
	for len(view) > 0 && hintWidth(view) > room {
		view = view[:len(view)-1]
	}
	return append(view, anywhere...)
}

// scopeHints are the hints of a scope that say something here: a way to the view that is shown already does not.
func (a *app) scopeHints(scope keymap.Scope) []hint {
	var hints []hint
	for _, b := range a.scene.keys.Hints(scope) {
		if a.withheld(b.Action) {
			continue
		}
		switch b.Action {
		case keymap.AppPalette, keymap.AppHelp:
			if a.front == keymap.ScopeConnect {
				continue
			}
		case keymap.ViewTunnels, keymap.ViewProxies, keymap.ViewThings:
			shown := map[keymap.Scope]keymap.Action{keymap.ScopeTunnels: keymap.ViewTunnels, keymap.ScopeProxies: keymap.ViewProxies, keymap.ScopeThings: keymap.ViewThings}
			if a.front == keymap.ScopeConnect || shown[a.front] == b.Action {
				continue
			}
		case keymap.TunnelMore, keymap.AppContexts, keymap.AppLogin, keymap.ConnectDemo, keymap.ConnectRetry, keymap.ConnectBack:
			if a.disabled(b.Action) != "" {
				continue
			}
		}
		hints = append(hints, a.scene.hintOf(b))
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
	for _, h := range fitting(hints, width) {
		spans = append(spans, ui.Span{Text: " " + h.key, Tone: ui.Accent}, ui.Span{Text: " " + h.word + " ", Tone: ui.Dim})
	}
	return s.theme.Spans(width, spans...)
}

// fitting are the first of the hints, as many as a line has room for, and always one.
func fitting(hints []hint, width int) []hint {
	for len(hints) > 1 && hintWidth(hints) > width {
		hints = hints[:len(hints)-1]
	}
	return hints
}

// hintWidth is what hints need on a line.
func hintWidth(hints []hint) int {
	n := 0
	for _, h := range hints {
		n += cellsOf(h.key) + cellsOf(h.word) + 3
	}
	return n
}
