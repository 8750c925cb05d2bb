package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Dialog is a question with choices; the default is the safe choice whose key is enter, or else the first safe one.
// Without a safe one, enter does nothing until a choice was moved to.
type Dialog struct {
	Title   string
	Body    []Span // each span is a paragraph
	Choices []Choice
	// Typed must be typed before a dangerous choice works, "" for none.
	Typed string
	// OpenedAt starts the grace period in which a dialog that opened by itself takes no key; zero for none.
	OpenedAt time.Time

	field *input // what was typed, made with the first key
	moved bool   // a choice was moved to by hand
	at    int    // that choice
	quiet Quiet
}

// Choice is a key of a dialog and the answer it gives.
type Choice struct {
	Key, Label, Answer string
	Danger             bool
}

// Update takes a key and returns the answer, "" for none yet. Esc answers "cancel".
func (d *Dialog) Update(key tea.KeyPressMsg, now time.Time) (answer string) {
	if d.held(now) {
		return ""
	}
	switch k := key.String(); {
	case k == "esc":
		return "cancel"
	case k == "enter":
		return d.answer(d.Focus())
	case k == "tab" || k == "right" && d.Typed == "":
		d.move(1)
	case k == "shift+tab" || k == "left" && d.Typed == "":
		d.move(-1)
	case d.Typed != "" && (key.Text != "" || k == "backspace" || k == "ctrl+u" || k == "ctrl+w"):
		d.input().update(key)
		// Typing it out in full turns to the choice it was asked for, and spoiling it turns back.
		d.moved = false
	default:
		for i, c := range d.Choices {
			if c.Key == k {
				return d.answer(i)
			}
		}
	}
	return ""
}

// held tells whether the grace period still runs; each key in it makes it run on.
func (d *Dialog) held(now time.Time) bool {
	if !d.OpenedAt.IsZero() {
		d.quiet, d.OpenedAt = NewQuiet(d.OpenedAt), time.Time{}
	}
	return d.quiet.Holds(now)
}

// Paste takes pasted text where something must be typed.
func (d *Dialog) Paste(text tea.PasteMsg, now time.Time) {
	if d.Typed != "" && !d.held(now) {
		d.input().update(text)
		d.moved = false
	}
}

// answer of a choice, "" for one that may not be made yet.
func (d *Dialog) answer(i int) string {
	if i < 0 || d.Choices[i].Danger && !d.unlocked() {
		return ""
	}
	return d.Choices[i].Answer
}

// unlocked tells whether what had to be typed was.
func (d *Dialog) unlocked() bool {
	return d.Typed == "" || d.field != nil && d.field.value() == d.Typed
}

// Focus is the choice that enter makes, -1 for none.
func (d *Dialog) Focus() int {
	if d.moved {
		return d.at
	}
	danger := d.Typed != "" && d.unlocked()
	first := -1
	for i, c := range d.Choices {
		if c.Danger == danger && (first < 0 || c.Key == "enter") {
			first = i
		}
	}
	return first
}

// move turns to another choice, round and round.
func (d *Dialog) move(delta int) {
	if n := len(d.Choices); n > 0 {
		d.at = (d.Focus() + delta + 2*n) % n
		d.moved = true
	}
}

// input is where Typed is typed.
func (d *Dialog) input() *input {
	if d.field == nil {
		in := newInput("", "")
		d.field = &in
	}
	return d.field
}

// View draws the dialog as a box of exactly width cells and the height it needs.
func (d *Dialog) View(th *Theme, width int) string {
	lines := d.text(th, width-4)
	if d.Typed != "" {
		typed := ""
		if d.field != nil {
			typed = plain(d.field.value())
		}
		tone := Warn
		if d.unlocked() {
			tone = Good
		}
		lines = append(lines, th.Spans(width-4, Span{d.prompt(), Dim}, Span{typed, tone}), "")
	}
	return th.Frame(d.Title, append(lines, d.choices(th, width-4)...), width, 0)
}

// Cursor is where what must be typed is typed, counted from the box's upper left corner; nil when nothing is.
func (d *Dialog) Cursor(th *Theme, width int) *tea.Cursor {
	if d.Typed == "" {
		return nil
	}
	before := 0
	if d.field != nil {
		before = d.field.before()
	}
	x := 2 + cells(d.prompt()) + before
	return tea.NewCursor(min(x, max(width-3, 0)), 1+len(d.text(th, width-4)))
}

func (d *Dialog) prompt() string { return "Type " + plain(d.Typed) + " to go on: " }

// text is the paragraphs, each followed by an empty line.
func (d *Dialog) text(th *Theme, width int) []string {
	var lines []string
	for _, span := range d.Body {
		lines = append(append(lines, th.Paragraph(span, width)...), "")
	}
	return lines
}

// choices are shown with their keys; the one that enter makes stands in brackets.
func (d *Dialog) choices(th *Theme, width int) []string {
	chips := make([]Span, len(d.Choices))
	for i, c := range d.Choices {
		tone := Plain
		switch {
		case c.Danger && !d.unlocked():
			tone = Dim
		case c.Danger:
			tone = Bad
		}
		label := plain(c.Label)
		if d.Typed == "" { // else a letter is text
			label = strings.TrimSpace(plain(c.Key) + " " + label)
		}
		if i == d.Focus() {
			chips[i] = Span{"[" + label + "]", tone}
		} else {
			chips[i] = Span{" " + label + " ", tone}
		}
	}
	lines, _ := flow(th, chips, width, 2)
	return lines
}
