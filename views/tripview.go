package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// view shows the stages as far as they have come. What failed stays, with its reason and its remedy.
func (t *trip) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(84)
	inner := width - 4
	var under []string
	if note := t.note(); note.Text != "" {
		under = append(append(under, ""), s.theme.Paragraph(note, inner)...)
	}
	if t.notice != "" {
		under = append(append(under, ""), s.theme.Paragraph(ui.Span{Text: client.Clean(t.notice), Tone: ui.Warn}, inner)...)
	}
	room := s.height - 3 - len(under)
	if keys := s.hintLine(t.hints(s), inner); s.height >= 14 {
		under = append(under, "", keys)
		room -= 2
	}
	lines := append(t.stages(s, inner, room), under...)
	return s.theme.Frame(t.title(), lines, width, 0), nil
}

// stages are all of them when there is room, else those that say where it stands: what is still to come goes first, then
// what is done.
func (t *trip) stages(s *scene, width, room int) []string {
	for _, leaveOut := range [][]session.StageState{nil, {session.StagePending}, {session.StagePending, session.StageDone}} {
		var lines []string
		for _, stage := range t.progress.Stages {
			if !slices.Contains(leaveOut, stage.State) {
				lines = append(lines, t.stage(s, stage, width)...)
			}
		}
		if len(lines) <= room || len(leaveOut) == 2 {
			return lines
		}
	}
	return nil
}

func (t *trip) title() string {
	what := "ssh to "
	switch {
	case t.request.Then == session.ThenProxy:
		what = "local proxy to "
	case t.request.Then == session.ThenNothing:
		what = "tunnel to "
	}
	return what + client.Clean(t.progress.Target)
}

// stage is its symbol, its words and how long it took. One that is still to come is dim.
func (t *trip) stage(s *scene, stage session.Stage, width int) []string {
	sy := s.theme.Symbols
	symbol, tone, words := " ", ui.Dim, ui.Dim
	switch stage.State {
	case session.StageRunning:
		symbol, tone, words = sy.Spinner[t.turn%len(sy.Spinner)], ui.Accent, ui.Plain
	case session.StageDone:
		symbol, tone, words = sy.Done, ui.Good, ui.Plain
	case session.StageFailed:
		symbol, tone, words = sy.Failed, ui.Bad, ui.Bad
	}
	took := ""
	if d := stage.Ended.Sub(stage.Started); stage.State == session.StageDone && d >= 50*time.Millisecond {
		took = fmt.Sprintf("%.1f s", d.Seconds())
	}
	if stage.State == session.StageRunning && !stage.Started.IsZero() {
		if d := s.now.Sub(stage.Started); d >= 2*time.Second {
			took = ui.Countdown(d)
		}
	}
	text := s.theme.Paragraph(ui.Span{Text: client.Clean(stage.Text) + t.absent(s, stage) + t.sendAgain(s, stage), Tone: words}, max(width-11, 10))
	for i, line := range text {
		if i == 0 {
			text[i] = s.theme.Text(tone, symbol) + " " + line + " " + s.theme.Text(ui.Dim, fmt.Sprintf("%8s", took))
		} else {
			text[i] = "  " + line
		}
	}
	if stage.State == session.StageFailed && stage.Remedy != "" {
		for _, line := range s.theme.Paragraph(ui.Span{Text: client.Clean(stage.Remedy), Tone: ui.Warn}, max(width-2, 10)) {
			text = append(text, "  "+line)
		}
	}
	return text
}

// absentFrom is how long a device that is there may need for its token at most.
const absentFrom = 30 * time.Second

// absent says of a long wait for the device what it most likely means.
func (t *trip) absent(s *scene, stage session.Stage) string {
	if stage.ID != session.StageDevice || stage.State != session.StageRunning || stage.Started.IsZero() || s.now.Sub(stage.Started) < absentFrom {
		return ""
	}
	return " " + client.Clean(t.progress.Target) + " has not picked the token up and may be offline."
}

// sendAgain says beside the wait for the device which key sends its token again, and when.
func (t *trip) sendAgain(s *scene, stage session.Stage) string {
	key := s.key(keymap.AttemptResend)
	if stage.ID != session.StageDevice || stage.State != session.StageRunning || t.progress.ResendAfter.IsZero() || key == "" {
		return ""
	}
	if wait := t.progress.ResendAfter.Sub(s.now); wait > 0 {
		return " " + key + " sends it in " + ui.Countdown(wait) + "."
	}
	return " " + key + " sends the token again."
}

// note is what stands under the stages: what to wait for, or where the local proxy is.
func (t *trip) note() ui.Span {
	p := t.progress
	switch {
	case p.Note != "":
		return ui.Span{Text: client.Clean(p.Note), Tone: ui.Good}
	case p.Done && p.Err != nil && !t.shownAsStage():
		sentence, remedy := explain(p.Err)
		return ui.Span{Text: strings.TrimSpace(sentence + " " + remedy), Tone: ui.Bad}
	}
	return ui.Span{}
}

// shownAsStage tells whether a failed stage says already why the attempt failed.
func (t *trip) shownAsStage() bool {
	for _, stage := range t.progress.Stages {
		if stage.State == session.StageFailed {
			return true
		}
	}
	return false
}

// hints are the keys that work now.
func (t *trip) hints(s *scene) []hint {
	var hints []hint
	for _, b := range s.keys.Hints(keymap.ScopeDialog) {
		if t.disabled(b.Action) != "" {
			continue
		}
		h := s.hintOf(b)
		switch b.Action {
		case keymap.AttemptRetry:
			if t.progress.Err == nil {
				h.word = "done"
			}
		case keymap.AttemptNew:
			h.word += " (billed)"
		case keymap.AttemptPort:
			taken, _ := t.portTaken()
			h.word = "use " + client.Clean(taken.Free)
		}
		hints = append(hints, h)
	}
	return hints
}
