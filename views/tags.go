package views

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// tagsReadMsg answers a read of the tags of one tunnel.
type tagsReadMsg struct {
	epoch, request uint64
	row            tunnelRow
	tags           []client.Tag
	err            error
}

// readTags asks for the tags as they are now: what the list knows may be old, and a diff against old tags would undo
// somebody's change.
func (a *app) readTags() tea.Cmd {
	row, _ := a.selected()
	a.request++
	ctx, epoch, request, service := a.connection.ctx, a.connection.epoch, a.request, a.service(row.Context)
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		tags, err := service.Tags(ctx, row.ARN)
		return tagsReadMsg{epoch, request, row, tags, err}
	}
}

func (a *app) tagsRead(msg tagsReadMsg) tea.Cmd {
	// The newest read counts, and an editor must not open over something else that took the keyboard meanwhile.
	if msg.epoch != a.connection.epoch || msg.request != a.request || len(a.overlays) > 0 {
		a.dirty = false
		return nil
	}
	if msg.err != nil {
		a.fail(msg.err)
		return nil
	}
	a.editTags(msg.row, msg.tags)
	return nil
}

func (a *app) editTags(row tunnelRow, tags []client.Tag) {
	pairs := make([][2]string, len(tags))
	for i, t := range tags {
		pairs[i] = [2]string{t.Key.Raw(), t.Value.Raw()}
	}
	field := ui.NewPairsField("tags", "Tags", pairs, 50, checkTag(tags))
	f := ui.NewForm("ctrl+d removes a line; nothing is changed before you have seen what", field)
	edit := &form{title: "Tags of " + label(row.Tunnel), form: f, height: min(len(tags)+9, 24)}
	edit.refresh = func() { f.Footer(diffLines(tagDiff(tags, field.Pairs()))) }
	edit.submit = func() tea.Cmd {
		d := tagDiff(tags, field.Pairs())
		if d.empty() {
			a.toast(ui.Plain, "No tag was changed.")
			return nil
		}
		a.confirm(&ui.Dialog{
			Title:   "Change the tags of " + label(row.Tunnel),
			Body:    diffLines(d),
			Choices: []ui.Choice{{Key: "y", Label: "apply", Answer: "yes"}, {Key: "n", Label: "no", Answer: "cancel"}},
		}, func() tea.Cmd { return a.applyTags(row, d) })
		return nil
	}
	edit.refresh()
	a.show(edit)
}

// checkTag validates what is new. What the service holds already may break today's rules, and stays.
func checkTag(held []client.Tag) func(key, value string) error {
	return func(key, value string) error {
		if slices.Contains(held, client.Tag{Key: client.Text(key), Value: client.Text(value)}) {
			return nil
		}
		return client.ValidateTag(key, value)
	}
}

// tagChange is what an edit comes to.
type tagChange struct {
	set     []client.Tag // added or changed
	removed []string
	was     map[string]client.Text
}

func (d tagChange) empty() bool { return len(d.set) == 0 && len(d.removed) == 0 }

// tagDiff compares raw texts, so that what was not edited is not written.
func tagDiff(before []client.Tag, after [][2]string) tagChange {
	d := tagChange{was: map[string]client.Text{}}
	for _, t := range before {
		d.was[t.Key.Raw()] = t.Value
	}
	kept := map[string]bool{}
	for _, pair := range after {
		kept[pair[0]] = true
		if old, ok := d.was[pair[0]]; !ok || old.Raw() != pair[1] {
			d.set = append(d.set, client.Tag{Key: client.Text(pair[0]), Value: client.Text(pair[1])})
		}
	}
	for _, t := range before {
		if !kept[t.Key.Raw()] {
			d.removed = append(d.removed, t.Key.Raw())
		}
	}
	return d
}

func diffLines(d tagChange) []ui.Span {
	var lines []ui.Span
	for _, t := range d.set {
		if old, ok := d.was[t.Key.Raw()]; ok {
			lines = append(lines, ui.Span{Text: "~ " + t.Key.String() + " = " + t.Value.String() + "  (was " + old.String() + ")", Tone: ui.Warn})
			continue
		}
		lines = append(lines, ui.Span{Text: "+ " + t.Key.String() + " = " + t.Value.String(), Tone: ui.Good})
	}
	for _, key := range d.removed {
		line := "- " + client.Clean(key)
		if strings.HasPrefix(key, "adit:") {
			line += "  (adit's own mark: without it adit no longer knows that it opened this tunnel)"
		}
		lines = append(lines, ui.Span{Text: line, Tone: ui.Bad})
	}
	return lines
}

// applyTags removes first: a key may be free for another only then. What was done before a failure is done.
func (a *app) applyTags(row tunnelRow, d tagChange) tea.Cmd {
	ctx, service, watcher := a.ctx, a.service(row.Context), a.connection.backend.Watcher
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		var err error
		if len(d.removed) > 0 {
			err = service.Untag(ctx, row.ARN, d.removed)
		}
		if err == nil && len(d.set) > 0 {
			err = service.Tag(ctx, row.ARN, d.set)
		}
		watcher.Refresh(row.Key)
		return changedMsg{done: "The tags of " + label(row.Tunnel) + " are changed.", err: err}
	}
}
