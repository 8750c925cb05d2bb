package views

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

var errNoPath = errors.New("Give the name of a file.")

// LogEntry is a line of the log.
type LogEntry struct {
	// N counts the entries of a LogBook from one.
	N     uint64
	At    time.Time
	Level slog.Level
	// Text is the message with its attributes.
	Text string
}

// LogBook keeps the latest entries of the log. It is sampled by the screen and never calls into it: a handler that did
// would wait for a screen that stands still, and with it whoever logs.
type LogBook interface {
	// Entries are the latest, the oldest first.
	Entries() []LogEntry
	// Count grows with each entry.
	Count() uint64
}

// logView shows the log from a level up, the latest first.
type logView struct {
	scene *scene
	table *ui.Table[uint64, LogEntry]
	level slog.Level
	count uint64
	stale bool
}

func newLogView(s *scene) *logView {
	v := &logView{scene: s, level: slog.LevelInfo}
	v.table = ui.NewTable(func(e LogEntry) uint64 { return e.N }, []ui.Column[LogEntry]{
		{ID: "time", Title: "TIME", Min: 8, Max: 15, Cell: func(e LogEntry) ui.Cell { return text(ui.Dim, s.moment(e.At)) }},
		{ID: "level", Title: "LEVEL", Min: 5, Max: 5, Cell: func(e LogEntry) ui.Cell { return text(levelTone(e.Level), levelWord(e.Level)) }},
		{ID: "text", Title: "WHAT", Min: 20, Cell: func(e LogEntry) ui.Cell { return text(ui.Plain, client.Clean(e.Text)) }},
	})
	return v
}

func levelTone(level slog.Level) ui.Tone {
	switch {
	case level >= slog.LevelError:
		return ui.Bad
	case level >= slog.LevelWarn:
		return ui.Warn
	case level < slog.LevelInfo:
		return ui.Dim
	}
	return ui.Plain
}

func levelWord(level slog.Level) string { return strings.ToLower(level.String()) }

func (v *logView) fill(book LogBook) {
	if book == nil || book.Count() == v.count && !v.stale {
		return
	}
	latest, ok := v.table.Selected()
	top := !ok || len(v.table.Visible()) > 0 && v.table.Visible()[0].N == latest.N
	v.count, v.stale = book.Count(), false
	var rows []LogEntry
	entries := book.Entries()
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].Level >= v.level {
			rows = append(rows, entries[i])
		}
	}
	v.table.SetRows(rows)
	if top && len(rows) > 0 {
		v.table.Top()
	}
}

func (v *logView) view(book LogBook, room int) []string {
	s := v.scene
	v.fill(book)
	v.table.SetSize(s.width, max(room-2, 2))
	lines := strings.Split(v.table.View(s.theme), "\n")
	if v.table.Len() == 0 {
		copy(lines[min(2, len(lines)):], s.paragraph(ui.Plain, "Nothing was logged at "+levelWord(v.level)+" or above.", 3))
	}
	return append(lines, s.rule(), s.theme.Spans(s.width, ui.Span{Text: " " + levelWord(v.level) + " and above", Tone: ui.Dim}))
}

// nextLevel shows less of the log, and after errors all of it.
func (a *app) nextLevel() tea.Cmd {
	v := a.log
	switch v.level {
	case slog.LevelDebug:
		v.level = slog.LevelInfo
	case slog.LevelInfo:
		v.level = slog.LevelWarn
	case slog.LevelWarn:
		v.level = slog.LevelError
	default:
		v.level = slog.LevelDebug
	}
	v.stale = true
	a.tell(keymap.LogLevel, ui.Plain, "The log from "+levelWord(v.level)+" up.")
	return nil
}

func needEntry(a *app) string {
	if a.log == nil || a.log.table.Len() == 0 {
		return "Nothing is selected."
	}
	return ""
}

// logDetail shows all of the selected entry.
func (a *app) logDetail() tea.Cmd {
	e, _ := a.log.table.Selected()
	a.show(&detail{title: "Log, " + levelWord(e.Level), write: func(s *scene, width int) []string {
		return append(s.fact(width, "when", ui.Span{Text: s.moment(e.At)}), s.fact(width, "what", ui.Span{Text: client.Clean(e.Text)})...)
	}})
	return nil
}
