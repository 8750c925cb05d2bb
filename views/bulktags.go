package views

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// editTagsOf edits the tags of the marked tunnels, or else of the selected one.
func (a *app) editTagsOf() tea.Cmd {
	rows := a.chosen()
	if len(rows) == 1 {
		return a.readTags(rows[0])
	}
	if a.busyWithBulk() {
		return nil
	}
	known, unchecked := checked(rows)
	known = slices.DeleteFunc(known, func(r tunnelRow) bool { return !r.Described })
	if len(known) == 0 {
		a.toast(ui.Warn, "The tags of the marked tunnels are not known yet: try again in a moment.")
		return nil
	}
	a.editManyTags(known, len(known)+unchecked)
	return nil
}

// editManyTags begins with the tags that all of the tunnels have. What some of them have besides stays, unless its key is
// named to be removed. Each tunnel is looked at again before it is changed, and only what differs there is written.
func (a *app) editManyTags(rows []tunnelRow, of int) {
	shared := sharedTags(rows)
	field := ui.NewPairsField("tags", "Tags of all", pairsOf(shared), mostTags-ownTags, checkTag(shared))
	field.Suggest(a.commonTags(rows[0].Context))
	field.ToEnd()
	remove := ui.NewTextField("remove", "Remove keys", "", "keys with commas between them", nil)
	remove.SetSuggestions(keysOf(rows))
	f := ui.NewForm("ctrl+d removes a line; what would change is shown before it does", field, remove)
	edit := &form{title: "Tags of " + plural(len(rows), "tunnel", "tunnels"), form: f, height: min(len(shared)+14, 24)}
	change := func() tagChange {
		d := tagDiff(shared, field.Pairs())
		for key := range strings.SplitSeq(remove.Value(), ",") {
			if key = strings.TrimSpace(key); key != "" && !slices.Contains(d.removed, key) && !strings.HasPrefix(key, ownPrefix) {
				d.removed = append(d.removed, key)
			}
		}
		d.set = slices.DeleteFunc(d.set, func(t client.Tag) bool { return slices.Contains(d.removed, t.Key.Raw()) })
		return d
	}
	edit.refresh = func() { f.Footer(manyDiff(rows, change())) }
	edit.submit = func() tea.Cmd {
		d := change()
		if d.empty() {
			a.toast(ui.Plain, "No tag was changed.")
			return nil
		}
		ask := a.manyQuestion("Change the tags of ", rows, of, "apply", "What they have besides stays.")
		ask.Body = append(ask.Body, manyDiff(rows, d)...)
		ask.Body = append(ask.Body, ui.Span{Text: "To these: " + enumerate(labels(rows)) + ".", Tone: ui.Dim})
		a.chooseIn(contextsOf(rows), ask, func(answer string) tea.Cmd {
			if answer != "yes" {
				a.show(edit)
				return nil
			}
			a.unmark()
			return a.startBulk(session.BatchSpec{Errand: session.ErrandTag, Items: a.itemsOf(rows), Set: d.set, Unset: d.removed})
		})
		return nil
	}
	edit.refresh()
	a.show(edit)
}

// sharedTags are those that all of the tunnels have with the same value, but for adit's own.
func sharedTags(rows []tunnelRow) []client.Tag {
	users, _ := apart(rows[0].Tags)
	return slices.DeleteFunc(slices.Clone(users), func(t client.Tag) bool {
		return slices.ContainsFunc(rows, func(r tunnelRow) bool { return !slices.Contains(r.Tags, t) })
	})
}

// keysOf are the keys that some of the tunnels have.
func keysOf(rows []tunnelRow) []string {
	var keys []string
	for _, r := range rows {
		users, _ := apart(r.Tags)
		for _, t := range users {
			keys = append(keys, t.Key.Raw())
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func labels(rows []tunnelRow) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = label(r.Tunnel)
	}
	return names
}

// manyDiff says of each change on how many tunnels it is one, and what is there now.
func manyDiff(rows []tunnelRow, d tagChange) []ui.Span {
	var lines []ui.Span
	for _, t := range d.set {
		same, was := 0, []string{}
		for _, r := range rows {
			i := slices.IndexFunc(r.Tags, func(old client.Tag) bool { return old.Key == t.Key })
			switch {
			case i >= 0 && r.Tags[i].Value == t.Value:
				same++
			case i >= 0:
				was = append(was, r.Tags[i].Value.String())
			}
		}
		line := ui.Span{Text: "+ " + t.Key.String() + " = " + t.Value.String() + "  on " + itoa(len(rows)-same), Tone: ui.Good}
		if len(was) > 0 {
			slices.Sort(was)
			line.Text, line.Tone = "~"+line.Text[1:]+", was "+enumerate(slices.Compact(was))+" on "+itoa(len(was)), ui.Warn
		}
		if same > 0 {
			line.Text += "; " + plural(same, "has it already", "have it already")
		}
		lines = append(lines, line)
	}
	for _, key := range d.removed {
		n := 0
		for _, r := range rows {
			if slices.ContainsFunc(r.Tags, func(t client.Tag) bool { return t.Key.Raw() == key }) {
				n++
			}
		}
		lines = append(lines, ui.Span{Text: "- " + client.Clean(key) + "  on " + itoa(n), Tone: ui.Bad})
	}
	return lines
}
