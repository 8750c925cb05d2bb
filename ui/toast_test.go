package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

func TestToastsGoByThemselves(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var toasts Toasts
	if !toasts.Next().IsZero() || toasts.Expire(now) || toasts.View(NewTheme(Look{}), 40) != "" {
		t.Error("without toasts there is something to do")
	}
	toasts.Push(Bad, "failed", now)
	toasts.Push(Good, "copied", now)
	next := toasts.Next()
	if !next.After(now.Add(2*time.Second)) || next.After(now.Add(6*time.Second)) {
		t.Errorf("the short one goes after %v", next.Sub(now))
	}
	if toasts.Expire(next.Add(-1)) {
		t.Error("something went early")
	}
	if !toasts.Expire(next) {
		t.Error("nothing went")
	}
	if view := toasts.View(NewTheme(Look{NoColor: true}), 40); !strings.Contains(view, "failed") || strings.Contains(view, "copied") {
		t.Errorf("left is %q", view)
	}
	last := toasts.Next()
	if !last.After(next) || !toasts.Expire(last) || !toasts.Next().IsZero() {
		t.Error("the last one does not go")
	}
}

func TestToastThatSaysTheSameStaysLongerInsteadOfTwice(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var toasts Toasts
	toasts.Push(Warn, "no network", now)
	first := toasts.Next()
	toasts.Push(Warn, "no network", now.Add(time.Second))
	if got := toasts.Next(); !got.Equal(first.Add(time.Second)) {
		t.Errorf("it goes at %v, want a second after %v", got, first)
	}
	if n := strings.Count(toasts.View(NewTheme(Look{NoColor: true}), 40), "no network"); n != 1 {
		t.Errorf("it is there %d times", n)
	}
}

func TestToastsShowTheNewestThreeWithTheirSigns(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var toasts Toasts
	for i, tone := range []Tone{Plain, Good, Warn, Bad} {
		toasts.Push(tone, strings.Repeat(string(rune('a'+i)), 3)+" bbbb", now)
	}
	want := " ✓ bbb\n   bbbb\n ! ccc\n   bbbb\n ✗ ddd\n   bbbb"
	var got []string
	for line := range strings.SplitSeq(ansi.Strip(toasts.View(NewTheme(Look{Dark: true}), 9)), "\n") {
		got = append(got, strings.TrimRight(line, " "))
	}
	if strings.Join(got, "\n") != want {
		t.Errorf("shown is\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

func TestToastOfTheSameKindTakesThePlaceOfTheOlder(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var toasts Toasts
	toasts.Push(Plain, "something else", now)
	toasts.Replace("list", Plain, "Loading", now)
	toasts.Replace("list", Warn, "All are listed", now)
	view := toasts.View(NewTheme(Look{NoColor: true}), 40)
	if strings.Contains(view, "Loading") || !strings.Contains(view, "All are listed") || !strings.Contains(view, "something else") {
		t.Errorf("shown is %q", view)
	}
}
