package views

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// counter shows the last text it was told; "end" ends it.
type counter struct{ text string }

func (counter) Init() tea.Cmd { return nil }

func (c counter) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	text, ok := msg.(string)
	switch {
	case text == "end":
		return c, tea.Quit
	case ok:
		c.text = text
	}
	return c, nil
}

func (c counter) View() tea.View { return tea.NewView("shown: " + c.text) }

// told is a model that sends itself messages at some times.
type told struct {
	counter
	at []time.Duration
}

func (t told) Init() tea.Cmd {
	var cmds []tea.Cmd
	for i, at := range t.at {
		cmds = append(cmds, tea.Tick(at, func(time.Time) tea.Msg { return strings.Repeat("#", i+1) }))
	}
	return tea.Batch(append(cmds, tea.Tick(time.Second, func(time.Time) tea.Msg { return "end" }))...)
}

func (t told) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	model, cmd := t.counter.Update(msg)
	return told{model.(counter), t.at}, cmd
}

// paper is an output that notes when something was written on it.
type paper struct {
	mu    sync.Mutex
	start time.Time
	at    []time.Duration
	text  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = append(p.at, time.Since(p.start).Truncate(time.Millisecond))
	return p.text.Write(b)
}

func TestAChangeIsDrawnAtOnceAndManyTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &paper{start: time.Now()}
		ms := time.Millisecond
		model := told{at: []time.Duration{100 * ms, 400 * ms, 401*ms + 100*time.Microsecond, 403 * ms, 700 * ms}}
		if err := Run(model, tea.WithInput(nil), tea.WithOutput(p), tea.WithoutSignalHandler(), tea.WithWindowSize(20, 2)); err != nil {
			t.Fatal(err)
		}
		// The first view, the change that came alone, the three that came together, the last one, and the farewell.
		want := []time.Duration{1 * ms, 101 * ms, 401 * ms, 409 * ms, 701 * ms, 1000 * ms}
		if !slices.Equal(p.at, want) {
			t.Errorf("written at %v, want %v", p.at, want)
		}
		if text := p.text.String(); !strings.Contains(text, "shown: #####") {
			t.Errorf("the screen is %q", text)
		}
	})
}
