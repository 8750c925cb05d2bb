package views

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Run shows the screen until it ends. It draws when there is something to draw.
func Run(model tea.Model, options ...tea.ProgramOption) error {
	f := &frames{}
	program := tea.NewProgram(framed{model, f}, options...)
	f.find = func() *time.Ticker { return tickerOf(program) }
	_, err := program.Run()
	f.end()
	return err
}

const (
	// gather is how long a change waits for others that come with it, and frameGap how close to each other frames are.
	gather, frameGap = time.Millisecond, time.Second / 120
	// glance is how often the library looks for what a changed view does not tell, such as a query of the terminal.
	glance = 100 * time.Millisecond
)

// frames sets the pace of the library. Bubble Tea looks for a new view sixty times a second: a key waits up to 17 ms for
// the next time, and a screen that stands still costs more than all that adit does for it. There is no option for another
// way (charmbracelet/bubbletea#1776), so its ticker is moved from here: at once when the view has changed, and else now and
// then. Where a later version of the library has no such ticker, its own pace stays.
type frames struct {
	find   func() *time.Ticker
	shown  string
	cursor tea.Position

	mu     sync.Mutex
	ticker *time.Ticker
	rest   *time.Timer
	// next is when the last frame that was asked for is drawn.
	next time.Time
}

// see asks for a frame when a view is not the one before. The library calls for a view once after each message, from the
// goroutine that starts and stops its ticker.
func (f *frames) see(v tea.View) {
	cursor := tea.Position{X: -1}
	if v.Cursor != nil {
		cursor = v.Cursor.Position
	}
	if v.Content == f.shown && cursor == f.cursor {
		return
	}
	f.shown, f.cursor = v.Content, cursor
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ticker == nil {
		f.ticker = f.find()
	}
	now := time.Now()
	if f.ticker == nil || now.Before(f.next) {
		return
	}
	wait := max(gather, frameGap-now.Sub(f.next))
	f.next = now.Add(wait)
	f.ticker.Reset(wait)
	// The library gets the view only after this: the tick after the next has it for sure.
	f.rest = time.AfterFunc(3*wait, f.slow)
}

// slow goes back to a glance now and then, unless another frame was asked for meanwhile.
func (f *frames) slow() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !time.Now().Before(f.next.Add(gather)) {
		f.ticker.Reset(glance)
	}
}

// end leaves the ticker alone.
func (f *frames) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rest != nil {
		f.rest.Stop()
	}
}

// tickerOf is the library's ticker, nil where it has none.
func tickerOf(p *tea.Program) *time.Ticker {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(field.UnsafePointer())
}

// framed is a model whose views the frames see.
type framed struct {
	tea.Model
	frames *frames
}

// Update passes a message on.
func (f framed) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	model, cmd := f.Model.Update(msg)
	return framed{model, f.frames}, cmd
}

// View is the model's.
func (f framed) View() tea.View {
	v := f.Model.View()
	f.frames.see(v)
	return v
}
