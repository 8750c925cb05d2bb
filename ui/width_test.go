package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// awkward draws texts that break columns: wide and combining characters, emoji sequences, flags, text that runs from
// right to left, direction marks, control characters and bytes that are not UTF-8.
func awkward() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"pump-07", " ", "日本語", "ｆｕｌｌ", "한국어", "é́", "\u0301", "👩\u200d💻", "👩", "\u200d", "🇩🇪", "🇩", "1️⃣", "☺️", "⚠️",
			"مضخة", "\u0600", "שלום", "\u202e", "\u200f", "ก็", "नि", "ﷺ", "\ufe0f", "­", "\t", "\n", "\r", "\x00", "\u0085",
			"\x1b[2J", "\x1b]52;c;eA==\x07", "\x9b", "\xff", "\u2028", "█", "…",
		}),
		rapid.StringN(0, 12, 24),
		rapid.StringMatching(`[a-z ]{0,30}`),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "pieces"), "")
	})
}

func anyTheme(t *rapid.T) *Theme {
	return NewTheme(Look{
		Dark:    rapid.Bool().Draw(t, "dark"),
		NoColor: rapid.Bool().Draw(t, "no colour"),
		ASCII:   rapid.Bool().Draw(t, "ascii"),
	})
}

func anySpans() *rapid.Generator[[]Span] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
		return Span{awkward().Draw(t, "text"), Tone(rapid.IntRange(0, tones-1).Draw(t, "tone"))}
	}), 0, 4)
}

// requireBlock fails unless view is height lines (any number when height is negative), each exactly width cells wide and
// free of control characters once its styles are taken off.
func requireBlock(t *rapid.T, view string, width, height int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if height == 0 && view == "" {
		return
	}
	if height >= 0 && len(lines) != height {
		t.Fatalf("%d lines instead of %d:\n%q", len(lines), height, view)
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w != width {
			t.Fatalf("line is %d cells wide instead of %d: %q", w, width, line)
		}
		if text := withoutStyles(line); text != plain(text) {
			t.Fatalf("control character in %q", line)
		}
	}
}

// withoutStyles takes off colour and weight, and nothing else: any other sequence stays to be found.
func withoutStyles(s string) string {
	var b strings.Builder
	for s != "" {
		rest, ok := strings.CutPrefix(s, "\x1b[")
		if n := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789;:", r) }); ok && n >= 0 && rest[n] == 'm' {
			s = rest[n+1:]
			continue
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

func TestFitIsExactlyAsWideAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th := anyTheme(t)
		width := rapid.IntRange(0, 40).Draw(t, "width")
		s := th.Text(Good, plain(awkward().Draw(t, "first"))) + th.Text(Bad, plain(awkward().Draw(t, "second")))
		got := Fit(s, width, rapid.SampledFrom([]string{"", "…", "..."}).Draw(t, "ellipsis"))
		if w := ansi.StringWidth(got); w != width {
			t.Fatalf("Fit(%q, %d) is %d wide: %q", s, width, w, got)
		}
	})
}

func TestSpansAreExactlyAsWideAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(0, 60).Draw(t, "width")
		requireBlock(t, anyTheme(t).Spans(width, anySpans().Draw(t, "spans")...), width, 1)
	})
}

func TestTableIsExactlyAsLargeAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type row struct {
			id    int
			spans []Span
		}
		var columns []Column[row]
		for i := range rapid.IntRange(0, 6).Draw(t, "columns") {
			lowest := rapid.IntRange(0, 12).Draw(t, "min")
			columns = append(columns, Column[row]{
				ID:       string(rune('a' + i)),
				Title:    awkward().Draw(t, "title"),
				Min:      lowest,
				Max:      rapid.SampledFrom([]int{0, lowest, lowest + 5}).Draw(t, "max"),
				Priority: rapid.IntRange(0, 3).Draw(t, "priority"),
				Right:    rapid.Bool().Draw(t, "right"),
				Cell:     func(r row) Cell { return r.spans },
				Less:     func(a, b row) bool { return a.id < b.id },
			})
		}
		table := NewTable(func(r row) int { return r.id }, columns)
		var rows []row
		for i := range rapid.IntRange(0, 8).Draw(t, "rows") {
			rows = append(rows, row{i, anySpans().Draw(t, "spans")})
		}
		table.SetRows(rows)
		table.ToggleMark()
		table.SortBy(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "sort"))
		width, height := rapid.IntRange(0, 120).Draw(t, "width"), rapid.IntRange(0, 12).Draw(t, "height")
		table.SetSize(width, height)
		requireBlock(t, table.View(anyTheme(t)), width, height)
	})
}

func TestFormIsExactlyAsLargeAsToldAndItsCursorIsInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := anyForm(t)
		th := anyTheme(t)
		width, height := rapid.IntRange(0, 100).Draw(t, "width"), rapid.IntRange(0, 30).Draw(t, "height")
		for range rapid.IntRange(0, 12).Draw(t, "keys") {
			form.Update(anyKey().Draw(t, "key"))
			requireBlock(t, form.View(th, width, height), width, height)
			if c := form.Cursor(th, width, height); c != nil && (c.X < 0 || c.Y < 0 || c.X >= width || c.Y >= height) {
				t.Fatalf("cursor at %v in %d×%d", c.Position, width, height)
			}
		}
		if height >= 3 && width >= 16 && form.Cursor(th, width, height) == nil {
			t.Fatal("the focused field is out of sight")
		}
	})
}

func anyForm(t *rapid.T) *Form {
	check := func(s string) error {
		if strings.Contains(s, "p") {
			return errors.New("no p, please: " + s)
		}
		return nil
	}
	text := NewTextField("text", awkward().Draw(t, "label"), awkward().Draw(t, "value"), awkward().Draw(t, "placeholder"), check)
	text.SetSuggestions([]string{awkward().Draw(t, "suggestion"), "pump-07", "日本語テキスト"})
	pairs := make([][2]string, rapid.IntRange(0, 4).Draw(t, "pairs"))
	for i := range pairs {
		pairs[i] = [2]string{awkward().Draw(t, "key"), awkward().Draw(t, "value")}
	}
	form := NewForm(awkward().Draw(t, "title"),
		text,
		NewListField("list", "List", rapid.SliceOfN(awkward(), 0, 4).Draw(t, "values"), 3, check),
		NewPairsField("pairs", awkward().Draw(t, "label"), pairs, 4, func(k, _ string) error { return check(k) }),
		NewChoiceField("choice", "Choice", rapid.SliceOfN(awkward(), 1, 4).Draw(t, "options"), 1),
	)
	form.Footer(anySpans().Draw(t, "footer"))
	return form
}

func anyKey() *rapid.Generator[tea.Msg] {
	return rapid.OneOf(
		rapid.Map(rapid.SampledFrom([]rune{
			tea.KeyTab, tea.KeyDown, tea.KeyUp, tea.KeyLeft, tea.KeyRight, tea.KeyBackspace, tea.KeyDelete,
			tea.KeyEnter, tea.KeyHome, tea.KeyEnd, tea.KeySpace,
		}), func(code rune) tea.Msg { return tea.KeyPressMsg{Code: code} }),
		rapid.Map(rapid.SampledFrom([]rune{'s', 'd', 'e', 'w', 'k', 'u'}), func(code rune) tea.Msg {
			return tea.KeyPressMsg{Code: code, Mod: tea.ModCtrl}
		}),
		rapid.Just[tea.Msg](tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}),
		rapid.Map(rapid.SampledFrom([]string{"p", "=", ",", "語", "é", "ش"}), func(s string) tea.Msg {
			return tea.KeyPressMsg{Code: []rune(s)[0], Text: s}
		}),
		rapid.Map(awkward(), func(s string) tea.Msg { return tea.PasteMsg{Content: s} }),
	)
}

func TestDialogIsExactlyAsWideAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &Dialog{
			Title: awkward().Draw(t, "title"), Body: anySpans().Draw(t, "body"), Typed: awkward().Draw(t, "typed"),
			Choices: []Choice{{"y", awkward().Draw(t, "yes"), "yes", true}, {"n", awkward().Draw(t, "no"), "no", false}},
		}
		th, width := anyTheme(t), rapid.IntRange(0, 90).Draw(t, "width")
		for range rapid.IntRange(0, 4).Draw(t, "keys") {
			if key, ok := anyKey().Draw(t, "key").(tea.KeyPressMsg); ok {
				d.Update(key, time.Time{})
			}
		}
		view := d.View(th, width)
		requireBlock(t, view, width, -1)
		if c := d.Cursor(th, width); c != nil && width > 8 && (c.X < 0 || c.X >= width || c.Y >= strings.Count(view, "\n")) {
			t.Fatalf("cursor at %v", c.Position)
		}
	})
}

func TestMenuIsExactlyAsLargeAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		for range rapid.IntRange(0, 8).Draw(t, "entries") {
			entries = append(entries, Entry{
				Keys: awkward().Draw(t, "keys"), Title: awkward().Draw(t, "title"), Group: awkward().Draw(t, "group"),
				Answer: "a", Disabled: rapid.SampledFrom([]string{"", "read-only"}).Draw(t, "disabled"),
			})
		}
		m := NewMenu(awkward().Draw(t, "title"), entries)
		for range rapid.IntRange(0, 5).Draw(t, "keys") {
			m.Update(anyKey().Draw(t, "key"))
		}
		th := anyTheme(t)
		width, height := rapid.IntRange(0, 90).Draw(t, "width"), rapid.IntRange(0, 20).Draw(t, "height")
		requireBlock(t, m.View(th, width, height), width, height)
		if c := m.Cursor(th, width, height); c != nil && (c.X < 0 || c.Y < 0 || c.X >= width || c.Y >= height) {
			t.Fatalf("cursor at %v in %d×%d", c.Position, width, height)
		}
	})
}

func TestToastsAreExactlyAsWideAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var toasts Toasts
		for range rapid.IntRange(1, 5).Draw(t, "toasts") {
			toasts.Push(Tone(rapid.IntRange(0, tones-1).Draw(t, "tone")), awkward().Draw(t, "text"), time.Time{})
		}
		width := rapid.IntRange(0, 60).Draw(t, "width")
		requireBlock(t, toasts.View(anyTheme(t), width), width, -1)
	})
}

func TestOverlayKeepsTheSizeOfItsBase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th := anyTheme(t)
		width, height := rapid.IntRange(0, 60).Draw(t, "width"), rapid.IntRange(0, 15).Draw(t, "height")
		var base []string
		for range rapid.IntRange(0, 16).Draw(t, "lines") {
			base = append(base, th.Spans(rapid.IntRange(0, 70).Draw(t, "line"), anySpans().Draw(t, "spans")...))
		}
		box := th.Frame(awkward().Draw(t, "title"), base, rapid.IntRange(0, 70).Draw(t, "box"), rapid.IntRange(0, 20).Draw(t, "tall"))
		requireBlock(t, Overlay(strings.Join(base, "\n"), box, width, height), width, height)
		if x, y := Center(box, width, height); x < 0 || y < 0 || x > width || y > height {
			t.Fatalf("the box is at %d, %d", x, y)
		}
	})
}

func TestChartsAreExactlyAsWideAsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th, width := anyTheme(t), rapid.IntRange(0, 30).Draw(t, "width")
		for _, s := range []string{
			th.Bar(rapid.Float64().Draw(t, "fraction"), width),
			th.Sparkline(rapid.SliceOf(rapid.Float64()).Draw(t, "values"), width),
		} {
			requireBlock(t, s, width, 1)
		}
	})
}
