package ui

import (
	"slices"
	"strings"
	"time"
)

// Toasts are short notices that go by themselves. The zero value has none.
type Toasts struct{ list []Toast }

// Toast is one of them.
type Toast struct {
	Tone  Tone
	Text  string
	Until time.Time

	kind string
}

// toastsShown is how many stand at once; older ones give way.
const toastsShown = 3

// Push adds a toast. One that says the same is only made to stay longer. What went wrong stays twice as long, and a
// long sentence as long as it takes to read it.
func (t *Toasts) Push(tone Tone, text string, now time.Time) { t.push("", tone, text, now) }

// Replace adds a toast in place of those of the same kind: what they say is over.
func (t *Toasts) Replace(kind string, tone Tone, text string, now time.Time) {
	t.Drop(kind)
	t.push(kind, tone, text, now)
}

// Drop takes those of a kind away: what they say is over.
func (t *Toasts) Drop(kind string) {
	t.list = slices.DeleteFunc(t.list, func(old Toast) bool { return old.kind == kind })
}

func (t *Toasts) push(kind string, tone Tone, text string, now time.Time) {
	stay := 4*time.Second + time.Duration(len([]rune(text)))*30*time.Millisecond
	if tone == Bad || tone == Warn {
		stay *= 2
	}
	t.list = slices.DeleteFunc(t.list, func(old Toast) bool { return old.Tone == tone && old.Text == text })
	t.list = append(t.list, Toast{tone, text, now.Add(stay), kind})
	if over := len(t.list) - toastsShown; over > 0 {
		t.list = slices.Delete(t.list, 0, over)
	}
}

// Expire drops what is over and tells whether anything changed.
func (t *Toasts) Expire(now time.Time) bool {
	before := len(t.list)
	t.list = slices.DeleteFunc(t.list, func(old Toast) bool { return !now.Before(old.Until) })
	return len(t.list) != before
}

// Next is when to look again, zero for never.
func (t *Toasts) Next() time.Time {
	var next time.Time
	for _, toast := range t.list {
		if next.IsZero() || toast.Until.Before(next) {
			next = toast.Until
		}
	}
	return next
}

// View is the toasts one under the other, the newest last, as many lines as they need; "" when there are none.
func (t *Toasts) View(th *Theme, width int) string {
	var lines []string
	for _, toast := range t.list {
		symbol := Span{" " + th.sign(toast.Tone) + " ", toast.Tone}
		for i, line := range wrap(toast.Text, width-3) {
			if i > 0 {
				symbol.Text = blank(3)
			}
			lines = append(lines, th.Spans(width, symbol, Span{line, toast.Tone}))
		}
	}
	return strings.Join(lines, "\n")
}

// sign is the symbol that says without colour what a tone says.
func (t *Theme) sign(tone Tone) string {
	switch tone {
	case Good:
		return t.Symbols.Done
	case Warn:
		return t.Symbols.Warning
	case Bad:
		return t.Symbols.Failed
	}
	return t.Symbols.Dot
}
