package views

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// bulk closes tunnels one after the other and shows what became of each. Leaving it does not stop it.
type bulk struct {
	// rows are as they were when it was asked whether to close them.
	rows    []tunnelRow
	remove  bool
	results []closing
	step    func(i int) tea.Cmd
	// quit ends the program when all are closed; leaving the overlay takes it back.
	quit bool
}

// closing is what became of one tunnel.
type closing struct {
	err error
	// spared: it became connected after the question, and stays open.
	spared bool
}

type bulkMsg struct {
	of     *bulk
	result closing
}

func (a *app) startBulk(b *bulk) tea.Cmd {
	ctx, running := a.ctx, a.sessions
	services := make([]client.Service, len(b.rows))
	for i, r := range b.rows {
		services[i] = a.service(r.Context)
	}
	b.step = func(i int) tea.Cmd {
		row, service, quitting := b.rows[i], services[i], b.quit
		return func() tea.Msg {
			if row.Open() {
				now, err := look(ctx, service, row.Key.ID)
				switch {
				case client.KindOf(err) == client.KindNotFound:
					// It is gone, which closing records.
				case err != nil:
					return bulkMsg{b, closing{err: err}}
				case now.Open() && cameToLife(row, now, quitting):
					return bulkMsg{b, closing{spared: true}}
				}
			}
			return bulkMsg{b, closing{err: running.CloseTunnel(ctx, service, row.Key, b.remove)}}
		}
	}
	a.show(b)
	return b.step(0)
}

// look describes a tunnel as it is now: what the list knows may be old, and a close cannot be taken back.
func look(ctx context.Context, service client.Service, id string) (client.Tunnel, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return service.Describe(ctx, id)
}

// cameToLife tells whether somebody connected to a tunnel after the question whether to close it. A device alone is no
// reason to keep a tunnel of our own when we leave.
func cameToLife(before tunnelRow, now client.Tunnel, quitting bool) bool {
	return now.Source.Connected && !before.Source.Connected && before.proxy == nil ||
		now.Destination.Connected && !before.Destination.Connected && !quitting
}

func (a *app) bulkStep(msg bulkMsg) tea.Cmd {
	b := msg.of
	b.results = append(b.results, msg.result)
	a.sample()
	if len(b.results) < len(b.rows) {
		return b.step(len(b.results))
	}
	tone, summary := b.summary()
	if b.quit && tone == ui.Good {
		return tea.Quit
	}
	if b.quit {
		summary = b.whyNot(a.scene) + " adit stays."
	}
	a.toast(tone, summary)
	return nil
}

// summary counts what became of them.
func (b *bulk) summary() (ui.Tone, string) {
	spared, failed := 0, 0
	for _, r := range b.results {
		switch {
		case r.spared:
			spared++
		case r.err != nil:
			failed++
		}
	}
	tone, done := ui.Good, "closed"
	if b.remove {
		done = "deleted"
	}
	parts := []string{itoa(len(b.results)-spared-failed) + " " + done}
	if spared > 0 {
		tone = ui.Warn
		parts = append(parts, plural(spared, "became connected and stays open", "became connected and stay open"))
	}
	if failed > 0 {
		tone = ui.Bad
		parts = append(parts, itoa(failed)+" could not be "+done)
	}
	return tone, strings.Join(parts, ", ") + "."
}

// whyNot says of the first tunnel that was not closed why, and when it ends by itself.
func (b *bulk) whyNot(s *scene) string {
	for i, r := range b.results {
		row := b.rows[i]
		var why string
		switch {
		case r.err != nil:
			sentence, _ := explain(r.err)
			why = "could not be closed: " + sentences(sentence, advice(r.err))
		case r.spared:
			why = "became connected and stays open."
		default:
			continue
		}
		return sentences("The tunnel to "+label(row.Tunnel), why, s.endsItself(row.Tunnel))
	}
	return ""
}

// progress is how many are through, of how many, and whether one failed.
func (b *bulk) progress() (done, all int, failed bool) {
	for _, r := range b.results {
		failed = failed || r.err != nil
	}
	return len(b.results), len(b.rows), failed
}

func (b *bulk) update(msg tea.Msg, _ *scene) (bool, func() tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok || key.String() != "esc" && key.String() != "enter" {
		return false, nil
	}
	b.quit = false
	return true, nil
}

func (b *bulk) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(84)
	room := max(s.height-6, 1)
	first := max(min(len(b.results)-room/2, len(b.rows)-room), 0)
	var lines []string
	for i, r := range b.rows[first:min(first+room, len(b.rows))] {
		lines = append(lines, b.line(s, first+i, r, width-4))
	}
	title := "Closing: "
	if len(b.results) == len(b.rows) {
		title = "Closing ended: "
	}
	return s.theme.Frame(title+itoa(len(b.results))+" of "+itoa(len(b.rows)), lines, width, 0), nil
}

func (b *bulk) line(s *scene, i int, r tunnelRow, width int) string {
	sy := s.theme.Symbols
	name := label(r.Tunnel)
	if r.Thing != "" {
		name += " " + shortID(r.Key.ID)
	}
	switch {
	case i >= len(b.results):
		return s.theme.Spans(width, ui.Span{Text: "  " + name, Tone: ui.Dim})
	case b.results[i].spared:
		return s.theme.Spans(width, ui.Span{Text: sy.On + " " + name + "  ", Tone: ui.Warn}, ui.Span{Text: "became connected and stays open"})
	case b.results[i].err != nil:
		sentence, _ := explain(b.results[i].err)
		return s.theme.Spans(width, ui.Span{Text: sy.Failed + " " + name + "  ", Tone: ui.Bad}, ui.Span{Text: sentence})
	}
	return s.theme.Spans(width, ui.Span{Text: sy.Done + " ", Tone: ui.Good}, ui.Span{Text: name})
}

func (b *bulk) hints(*scene) []hint {
	if b.quit {
		return []hint{{"esc", "stay after all"}}
	}
	return []hint{{"esc", "back"}}
}
