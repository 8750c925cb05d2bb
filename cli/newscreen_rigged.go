//go:build e2epanic

package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/views"
)

// newScreen makes a screen that panics at the point that ADIT_PANIC names, for the tests of what a crash leaves behind. It
// is in no build but theirs (-tags e2epanic). The points are
//
//	init, view, update TYPE, answer TYPE    in the model, and in the goroutine of the command that answers with TYPE
//	log WORDS                               in whichever goroutine logs a record with all of these words
func newScreen(ctx context.Context, w *world, opts views.Options) tea.Model {
	kind, words, _ := strings.Cut(os.Getenv("ADIT_PANIC"), " ")
	r := rig{kind: kind, words: words}
	*w.log = *slog.New(riggedLog{Handler: w.log.Handler(), rig: r})
	return riggedModel{Model: views.New(ctx, opts), rig: r}
}

// rig panics at its point.
type rig struct{ kind, words string }

func (r rig) at(kind, what string) {
	if kind != r.kind {
		return
	}
	for word := range strings.FieldsSeq(r.words) {
		if !strings.Contains(what, word) {
			return
		}
	}
	panic("rigged: " + kind + " " + r.words)
}

type riggedModel struct {
	tea.Model
	rig rig
}

func (m riggedModel) Init() tea.Cmd {
	m.rig.at("init", "")
	return m.command(m.Model.Init())
}

func (m riggedModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.rig.at("update", fmt.Sprintf("%T", msg))
	model, cmd := m.Model.Update(msg)
	return riggedModel{model, m.rig}, m.command(cmd)
}

func (m riggedModel) View() tea.View {
	view := m.Model.View()
	m.rig.at("view", view.Content)
	return view
}

func (m riggedModel) command(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		msg := cmd()
		batch, many := msg.(tea.BatchMsg)
		if !many {
			m.rig.at("answer", fmt.Sprintf("%T", msg))
			return msg
		}
		for i := range batch {
			batch[i] = m.command(batch[i])
		}
		return batch
	}
}

type riggedLog struct {
	slog.Handler
	rig   rig
	attrs string
}

func (riggedLog) Enabled(context.Context, slog.Level) bool { return true }

func (l riggedLog) Handle(ctx context.Context, r slog.Record) error {
	text := r.Message + l.attrs
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	l.rig.at("log", text)
	return l.Handler.Handle(ctx, r)
}

func (l riggedLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := riggedLog{l.Handler.WithAttrs(attrs), l.rig, l.attrs}
	for _, a := range attrs {
		next.attrs += " " + a.String()
	}
	return next
}

func (l riggedLog) WithGroup(name string) slog.Handler {
	return riggedLog{l.Handler.WithGroup(name), l.rig, l.attrs}
}
