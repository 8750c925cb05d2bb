package views

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// bulk shows one errand on many tunnels and what became of each. Leaving it does not stop it.
type bulk struct {
	app  *app
	spec session.BatchSpec
	// batch is nil until it has begun.
	batch    *session.Batch
	progress session.BatchProgress
	// quit ends the program when all went well; leaving the overlay takes it back.
	quit bool
}

// bulkStartedMsg tells that the errand is under way, or why it is not.
type bulkStartedMsg struct {
	of    *bulk
	batch *session.Batch
	err   error
}

// bulkMsg tells how far it is.
type bulkMsg struct {
	of       *bulk
	progress session.BatchProgress
	err      error
}

// itemsOf are the tunnels of an errand as they are now.
func (a *app) itemsOf(rows []tunnelRow) []session.BatchItem {
	items := make([]session.BatchItem, len(rows))
	for i, r := range rows {
		items[i] = session.BatchItem{Service: a.service(r.Context), Tunnel: r.Tunnel, Ours: r.proxy != nil}
	}
	return items
}

// startBulk begins an errand and shows it.
func (a *app) startBulk(spec session.BatchSpec) tea.Cmd {
	b := &bulk{app: a, spec: spec, quit: spec.Leaving}
	b.progress.Results = make([]session.ItemResult, len(spec.Items))
	a.bulk = b
	a.show(b)
	ctx, running := a.ctx, a.sessions
	return func() tea.Msg {
		batch, err := running.StartBatch(ctx, spec)
		return bulkStartedMsg{b, batch, err}
	}
}

func (a *app) bulkStarted(msg bulkStartedMsg) tea.Cmd {
	b := msg.of
	if msg.err != nil {
		a.drop(b)
		a.bulk = nil
		a.fail(msg.err)
		return nil
	}
	b.batch, b.progress = msg.batch, msg.batch.Progress()
	return a.awaitBulk(b)
}

// awaitBulk is the one command that waits for the errand; it is armed again when it has delivered.
func (a *app) awaitBulk(b *bulk) tea.Cmd {
	if b.ended() {
		return a.bulkEnded(b)
	}
	ctx, batch, seen := a.ctx, b.batch, b.progress.Seq
	return func() tea.Msg {
		progress, err := batch.Next(ctx, seen)
		return bulkMsg{b, progress, err}
	}
}

func (a *app) bulkStep(msg bulkMsg) tea.Cmd {
	if msg.err != nil {
		a.dirty = false
		return nil
	}
	msg.of.progress = msg.progress
	a.sample()
	return a.awaitBulk(msg.of)
}

func (a *app) bulkEnded(b *bulk) tea.Cmd {
	tone, summary := b.summary()
	if b.quit && tone == ui.Good {
		return tea.Quit
	}
	if b.quit {
		summary = b.whyNot(a.scene) + " adit stays."
	}
	if err := b.progress.JournalErr; err != nil {
		summary = sentences(summary, "The journal could not be written: "+err.Error()+".")
	}
	a.toast(tone, summary)
	return nil
}

func (b *bulk) ended() bool { return !b.progress.Ended.IsZero() }

// through is how many items there is nothing left to do for.
func (b *bulk) through() int {
	return len(b.progress.Results) - b.progress.Count(session.ItemWaiting, session.ItemWorking)
}

// words of an errand: what it is called while it goes on, and what a tunnel is afterwards.
func words(e session.Errand) (doing, done string) {
	switch e {
	case session.ErrandDelete:
		return "Deleting", "deleted"
	case session.ErrandTag:
		return "Tagging", "tagged"
	}
	return "Closing", "closed"
}

// summary counts what became of them.
func (b *bulk) summary() (ui.Tone, string) {
	_, done := words(b.spec.Errand)
	p := b.progress
	tone := ui.Good
	parts := []string{itoa(p.Count(session.ItemDone)) + " " + done}
	add := func(n int, worse ui.Tone, text string) {
		if n > 0 {
			parts = append(parts, text)
			tone = worse
		}
	}
	if n := p.Count(session.ItemUnchanged); n > 0 {
		parts = append(parts, plural(n, "was so already", "were so already"))
	}
	spared, left, failed := p.Count(session.ItemSpared), p.Count(session.ItemLeft), p.Count(session.ItemFailed)
	add(spared, ui.Warn, plural(spared, "became connected and stays open", "became connected and stay open"))
	add(left, ui.Warn, itoa(left)+" left alone")
	add(failed, ui.Bad, itoa(failed)+" could not be "+done)
	return tone, strings.Join(parts, ", ") + "."
}

// whyNot says of the first tunnel that was not closed why, and when it ends by itself.
func (b *bulk) whyNot(s *scene) string {
	for i, r := range b.progress.Results {
		t := b.spec.Items[i].Tunnel
		var why string
		switch r.State {
		case session.ItemFailed:
			sentence, _ := explain(r.Err)
			why = "could not be closed: " + sentences(sentence, advice(r.Err))
		case session.ItemSpared:
			why = "became connected and stays open."
		case session.ItemLeft:
			why = "was left alone."
		default:
			continue
		}
		return sentences("The tunnel to "+label(t), why, s.endsItself(t))
	}
	return ""
}

// counts are how many are through, of how many, and whether one failed.
func (b *bulk) counts() (done, all int, failed bool) {
	return b.through(), len(b.progress.Results), b.progress.Count(session.ItemFailed) > 0
}

func (b *bulk) update(msg tea.Msg, s *scene) (bool, func() tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false, nil
	}
	binding, _ := s.keys.Lookup(key.String(), keymap.ScopeBulk)
	if binding.Action != "" && b.disabled(binding.Action) {
		return false, nil
	}
	switch binding.Action {
	case keymap.BulkBack:
		b.quit = false
		return true, nil
	case keymap.BulkPause:
		b.batch.Pause(b.progress.PausedAt.IsZero())
	case keymap.BulkCancel:
		b.batch.Cancel()
		b.batch.Pause(false)
	case keymap.BulkRetry:
		again := b.spec
		again.Items = b.batch.Failed()
		return true, func() tea.Cmd { return b.app.startBulk(again) }
	}
	return false, nil
}

// disabled tells whether a key has nothing to do now.
func (b *bulk) disabled(name keymap.Action) bool {
	switch name {
	case keymap.BulkPause, keymap.BulkCancel:
		return b.batch == nil || b.ended()
	case keymap.BulkRetry:
		return !b.ended() || b.progress.Count(session.ItemFailed) == 0
	}
	return false
}

func (b *bulk) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(84)
	lines := []string{s.theme.Spans(width-4, ui.Span{Text: b.pace(s.now), Tone: ui.Dim}), ""}
	if s.height < 14 {
		lines = nil
	}
	room := max(s.height-6-len(lines), 1)
	n := len(b.spec.Items)
	first := max(min(b.through()-room/2, n-room), 0)
	for i := first; i < min(first+room, n); i++ {
		lines = append(lines, b.line(s, b.spec.Items[i].Tunnel, b.progress.Results[i], width-4))
	}
	title, _ := words(b.spec.Errand)
	if b.ended() {
		title += " ended"
	}
	return s.theme.Frame(title+": "+itoa(b.through())+" of "+itoa(n), lines, width, 0), nil
}

// pace is how fast it goes and how long it may still take.
func (b *bulk) pace(now time.Time) string {
	through, worked := b.through(), b.progress.Worked(now)
	switch {
	case b.batch == nil:
		return "about to begin"
	case b.ended():
		_, summary := b.summary()
		return summary
	case !b.progress.PausedAt.IsZero():
		return "resting; what is under way comes to its end"
	case through == 0 || worked < time.Second:
		return "under way"
	}
	rate := float64(through) / worked.Seconds()
	left := time.Duration(float64(len(b.progress.Results)-through) / rate * float64(time.Second))
	return fmt.Sprintf("%.1f a second, about %s left", rate, ui.Countdown(left))
}

func (b *bulk) line(s *scene, t client.Tunnel, r session.ItemResult, width int) string {
	sy := s.theme.Symbols
	name := label(t)
	if t.Thing != "" {
		name += " " + shortID(t.Key.ID)
	}
	said := func(symbol string, tone ui.Tone, what string) string {
		return s.theme.Spans(width, ui.Span{Text: symbol + " " + name + "  ", Tone: tone}, ui.Span{Text: what})
	}
	switch r.State {
	case session.ItemDone:
		return s.theme.Spans(width, ui.Span{Text: sy.Done + " ", Tone: ui.Good}, ui.Span{Text: name})
	case session.ItemWorking:
		return said(sy.Spinner[0], ui.Accent, "")
	case session.ItemSpared:
		return said(sy.On, ui.Warn, "became connected and stays open")
	case session.ItemUnchanged:
		return said(sy.Done, ui.Dim, "was so already")
	case session.ItemLeft:
		return said(sy.Closed, ui.Dim, "left alone")
	case session.ItemFailed:
		sentence, _ := explain(r.Err)
		return said(sy.Failed, ui.Bad, sentence)
	}
	return s.theme.Spans(width, ui.Span{Text: "  " + name, Tone: ui.Dim})
}

// hints are the keys that work now.
func (b *bulk) hints(s *scene) []hint {
	var hints []hint
	for _, binding := range s.keys.Hints(keymap.ScopeBulk) {
		if b.disabled(binding.Action) {
			continue
		}
		h := s.hintOf(binding)
		switch {
		case binding.Action == keymap.BulkBack && b.quit:
			h.word = "stay after all"
		case binding.Action == keymap.BulkBack && !b.ended():
			h.word = "back, it goes on"
		case binding.Action == keymap.BulkPause && !b.progress.PausedAt.IsZero():
			h.word = "go on"
		}
		hints = append(hints, h)
	}
	return hints
}
