package views

import (
	"slices"
	"strings"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// setbacks are lines under the header about what cannot be shown, or not as it is now, and what mends it: a login that has
// expired, a region that is denied or offline while the others go on. A single context's other troubles stand in the
// header and, while there is nothing to show, in the list's place.
func (a *app) setbacks() []string {
	var lines []string
	say := func(tone ui.Tone, text string) { lines = append(lines, a.scene.paragraph(tone, text, 1)...) }
	failed := a.connection.backend.Failed
	var states []client.ContextState
	for _, c := range a.snapshot.Contexts {
		switch {
		case client.LoggedOut(c.Err):
			say(ui.Bad, a.expired(c))
		case c.Err != nil && len(a.snapshot.Contexts)+len(failed) > 1:
			states = append(states, c)
		}
	}
	lines = slices.Compact(lines) // of several regions of one login
	for len(states) > 0 {
		alike, rest := a.alike(states)
		say(ui.Warn, a.failing(alike))
		states = rest
	}
	for i, f := range failed {
		// The regions of one profile fail by one login, and are told once.
		if i == 0 || failed[i-1].Err != f.Err {
			say(ui.Bad, a.missing(f))
		}
	}
	// However much goes wrong, what is there must be in sight.
	return lines[:min(len(lines), max(a.scene.height/6, 1))]
}

// expired says since when there is no login, and that only the lists are hit.
func (a *app) expired(c client.ContextState) string {
	whose := "Your AWS login"
	if profiles, _ := several(a.contexts()); profiles {
		whose = "The AWS login of profile " + client.Clean(c.Context.Profile)
	}
	lists := "lists are as of then."
	if c.ListedAt.IsZero() {
		lists = "nothing was listed yet."
	}
	return whose + " expired at " + a.scene.clock(c.Since) + ". Shells and proxies keep running; " + lists + "  " +
		a.scene.key(keymap.AppLogin) + " log in"
}

// alike parts the contexts that fail for the same reason as the first from the others.
func (a *app) alike(states []client.ContextState) (alike, rest []client.ContextState) {
	for _, c := range states {
		if client.KindOf(c.Err) == client.KindOf(states[0].Err) {
			alike = append(alike, c)
		} else {
			rest = append(rest, c)
		}
	}
	return alike, rest
}

// failing says which contexts fail, why, and how old they are.
func (a *app) failing(states []client.ContextState) string {
	names := make([]string, len(states))
	for i, c := range states {
		names[i] = a.short(c.Context)
	}
	_, word, _ := trouble(a.scene.theme.Symbols, states[0].Err)
	text := strings.Join(names, ", ") + ": " + word + " since " + a.scene.clock(states[0].Since) + "."
	if len(states) == 1 {
		sentence, _ := explain(states[0].Err)
		text += " " + sentence
	}
	return text
}

// missing says which place did not come, and why.
func (a *app) missing(f Failed) string {
	sentence, _ := explain(f.Err)
	does := a.scene.key(keymap.AppRefresh) + " try again"
	if client.LoggedOut(f.Err) {
		does = a.scene.key(keymap.AppLogin) + " log in"
	}
	return describePlace(f.Place) + " is not shown: " + sentence + "  " + does
}

// short names a context by what tells it from the others.
func (a *app) short(c client.Context) string {
	if profiles, _ := several(a.contexts()); profiles {
		return strings.TrimSpace(client.Clean(c.Profile) + " " + client.Clean(c.Region))
	}
	return client.Clean(c.Region)
}
