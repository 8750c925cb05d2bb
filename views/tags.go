package views

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// tagsReadMsg answers a read of the tags of one tunnel.
type tagsReadMsg struct {
	epoch, request uint64
	row            tunnelRow
	tags           []client.Tag
	asked          time.Time
	err            error
}

// prompt is how soon an editor has to come that its user still looks for: whoever asked for it types at once, and no letter
// may get lost. A later one opens by itself, under hands that may be at something else.
const prompt = time.Second

// readTags asks for the tags as they are now: what the list knows may be old, and a diff against old tags would undo
// somebody's change.
func (a *app) readTags(row tunnelRow) tea.Cmd {
	a.request++
	ctx, epoch, request, service, asked := a.connection.ctx, a.connection.epoch, a.request, a.service(row.Context), a.scene.now
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		tags, err := service.Tags(ctx, row.ARN)
		return tagsReadMsg{epoch, request, row, tags, asked, err}
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
	editor := a.editTags(msg.row, msg.tags)
	if a.scene.now.Sub(msg.asked) > prompt {
		editor.quiet = ui.NewQuiet(a.scene.now)
	}
	return nil
}

// mostTags is what the service holds of a tunnel at most.
const mostTags = 50

// ownPrefix starts the keys of the marks that adit sets and needs, such as who holds the source.
const ownPrefix = "adit:"

// apart parts a person's tags from adit's own, each in their order.
func apart(tags []client.Tag) (users, own []client.Tag) {
	for _, t := range tags {
		if strings.HasPrefix(t.Key.Raw(), ownPrefix) {
			own = append(own, t)
		} else {
			users = append(users, t)
		}
	}
	return users, own
}

// editTags edits a person's tags. adit's own are shown and left as they are: without them adit no longer knows what it
// opened.
func (a *app) editTags(row tunnelRow, all []client.Tag) *form {
	tags, own := apart(all)
	field := ui.NewPairsField("tags", "Tags", pairsOf(tags), mostTags-len(own), checkTag(tags))
	field.Suggest(a.commonTags(row.Context))
	field.ToEnd()
	f := ui.NewForm("ctrl+d removes a line; what would change is shown before it does", field)
	edit := &form{title: "Tags of " + label(row.Tunnel), form: f, height: min(len(all)+9, 24)}
	var kept []ui.Span
	for _, t := range own {
		kept = append(kept, ui.Span{Text: "adit's own, kept: " + t.Key.String() + " = " + t.Value.String(), Tone: ui.Dim})
	}
	edit.refresh = func() { f.Footer(append(diffLines(tagDiff(tags, field.Pairs())), kept...)) }
	edit.submit = func() tea.Cmd {
		d := tagDiff(tags, field.Pairs())
		if d.empty() {
			a.toast(ui.Plain, "No tag was changed.")
			return nil
		}
		a.choose(row.Context, &ui.Dialog{
			Title:   "Change the tags of " + label(row.Tunnel),
			Body:    diffLines(d),
			Choices: []ui.Choice{{Key: "n", Label: "back to the tags", Answer: "cancel"}, {Key: "y", Label: "apply", Answer: "yes"}},
		}, func(answer string) tea.Cmd {
			if answer == "yes" {
				return a.applyTags(row, d)
			}
			a.show(edit)
			return nil
		})
		return nil
	}
	edit.refresh()
	a.show(edit)
	return edit
}

// checkTag validates what is new. What the service holds already may break today's rules, and stays.
func checkTag(held []client.Tag) func(key, value string) error {
	return func(key, value string) error {
		if slices.Contains(held, client.Tag{Key: client.Text(key), Value: client.Text(value)}) {
			return nil
		}
		if strings.HasPrefix(key, ownPrefix) {
			return errors.New("Tags that begin with " + ownPrefix + " are adit's own: choose another key.")
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
		lines = append(lines, ui.Span{Text: "- " + client.Clean(key), Tone: ui.Bad})
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
