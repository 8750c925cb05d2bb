package views

import (
	"strings"

	"adit/ui"
)

// typedFrom is how many tunnels may be closed by a single key; for more the number must be typed.
const typedFrom = 5

// checked leaves out the open tunnels of which it is not known yet who is connected, and says how many they are.
func checked(rows []tunnelRow) (known []tunnelRow, unchecked int) {
	for _, r := range rows {
		if r.Described || !r.Open() {
			known = append(known, r)
		}
	}
	return known, len(rows) - len(known)
}

// bulkQuestion says how many, which things, who is cut off, and what is left alone.
func (a *app) bulkQuestion(rows []tunnelRow, unchecked, woken int, remove bool) *ui.Dialog {
	verb, label := "Close ", "close them"
	if remove {
		verb, label = "Close and delete the records of ", "delete them"
	}
	d := a.manyQuestion(verb, rows, len(rows)+unchecked+woken, label,
		"Both sides of each are cut and none can be reopened; opening others is billed.")
	d.Body = append(d.Body, groups(rows)...)
	if woken > 0 {
		d.Body = append(d.Body, ui.Span{Text: plural(woken, "became connected while you looked and stays open.", "became connected while you looked and stay open."), Tone: ui.Warn})
	}
	if unchecked > 0 {
		d.Body = append(d.Body, ui.Span{Text: plural(unchecked, "is not checked yet and stays open.", "are not checked yet and stay open.")})
	}
	d.Body = append(d.Body, ui.Span{Text: "What becomes connected meanwhile stays open.", Tone: ui.Dim})
	return d
}

// manyQuestion asks whether to do something to many tunnels, of the given number that were marked. For more than a few
// their number must be typed.
func (a *app) manyQuestion(verb string, rows []tunnelRow, of int, label, what string) *ui.Dialog {
	count := itoa(len(rows))
	if of > len(rows) {
		count += " of " + itoa(of)
	}
	d := &ui.Dialog{
		Title:   verb + plural(len(rows), "tunnel", "tunnels"),
		Body:    []ui.Span{{Text: verb + count + " marked tunnels in " + regionsOf(contextsOf(rows)) + "? " + what}},
		Choices: []ui.Choice{{Key: "n", Label: "keep them", Answer: "cancel"}, {Key: "y", Label: label, Answer: "yes", Danger: true}},
	}
	if len(rows) >= typedFrom {
		d.Typed = itoa(len(rows))
	}
	return d
}

// groups names the things by what closing does to them, the worst first.
func groups(rows []tunnelRow) []ui.Span {
	kinds := []struct {
		title string
		tone  ui.Tone
		has   func(tunnelRow) bool
	}{
		{"Somebody is connected as source and is cut off: ", ui.Warn, func(r tunnelRow) bool { return r.Open() && r.Source.Connected && r.proxy == nil }},
		{"Your own local proxy is cut off: ", ui.Warn, func(r tunnelRow) bool { return r.Open() && r.proxy != nil }},
		{"The device is connected: ", ui.Plain, func(r tunnelRow) bool { return r.Open() && r.Destination.Connected }},
		{"Nobody is connected: ", ui.Plain, tunnelRow.Open},
		{"Closed already, the record goes: ", ui.Plain, func(r tunnelRow) bool { return !r.Open() }},
	}
	names := make([][]string, len(kinds))
	for _, r := range rows {
		for i, kind := range kinds {
			if kind.has(r) {
				names[i] = append(names[i], label(r.Tunnel))
				break
			}
		}
	}
	var spans []ui.Span
	for i, kind := range kinds {
		if len(names[i]) > 0 {
			spans = append(spans, ui.Span{Text: kind.title + enumerate(names[i]) + ".", Tone: kind.tone})
		}
	}
	return spans
}

// mostNamed is how many names a sentence can hold and still be read.
const mostNamed = 8

// enumerate names the first few and counts the rest.
func enumerate(names []string) string {
	if over := len(names) - mostNamed; over > 0 {
		return strings.Join(names[:mostNamed], ", ") + " and " + itoa(over) + " more"
	}
	return strings.Join(names, ", ")
}
