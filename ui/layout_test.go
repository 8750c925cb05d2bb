package ui

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOverlayPutsTheBoxInTheMiddle(t *testing.T) {
	base := strings.TrimSuffix(strings.Repeat("..........\n", 5), "\n")
	want := "..........\n...####...\n...####...\n..........\n.........."
	if got := strings.ReplaceAll(Overlay(base, "####\n####", 10, 5), resetStyle, ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if x, y := Center("####\n####", 10, 5); x != 3 || y != 1 {
		t.Errorf("the cursor of the box is offset by %d, %d", x, y)
	}
}

func TestOverlayDoesNotCutWideCharactersInTwo(t *testing.T) {
	got := strings.ReplaceAll(Overlay("日本語日本", "###", 10, 1), resetStyle, "")
	if want := "日 ###日本"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = strings.ReplaceAll(Overlay("日本語日本", "####", 10, 1), resetStyle, "")
	if want := "日 #### 本"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOverlayKeepsTheStylesOnBothSidesOfTheBox(t *testing.T) {
	th := NewTheme(Look{Dark: true})
	got := Overlay(th.Text(Bad, "aaabbbaaa"), "###", 9, 1)
	left, right, _ := strings.Cut(got, "###")
	red := th.escapes[Bad][0].on
	if !strings.HasPrefix(left, red+"aaa") || !strings.Contains(left, resetStyle) {
		t.Errorf("left of the box: %q", left)
	}
	if !strings.HasPrefix(right, resetStyle) || !strings.Contains(right, red) || !strings.Contains(right, "aaa") {
		t.Errorf("right of the box: %q", right)
	}
}

func TestOverlayKeepsTheEndOfABoxThatIsTooTall(t *testing.T) {
	got := strings.ReplaceAll(Overlay("", "title\nb\nc\nd\ne\nchoices\nborder", 7, 4), resetStyle, "")
	if want := "title  \nb      \nchoices\nborder "; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Wrapping only breaks: all words come out, in their order, and a line is only as short as the next word is long.
func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, width := awkward().Draw(t, "text"), rapid.IntRange(2, 30).Draw(t, "width")
		lines := wrap(text, width)
		joined := strings.Join(strings.Fields(plain(text)), "")
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != joined {
			t.Fatalf("%q became %q", joined, got)
		}
		for _, line := range lines {
			if cells(line) > width {
				t.Fatalf("%q is wider than %d", line, width)
			}
		}
	})
}

func TestWrapBreaksBetweenWordsAndLongWordsInside(t *testing.T) {
	got := strings.Join(wrap("to pump-07 iotsecuretunneling 日本語", 10), "|")
	if want := "to pump-07|iotsecuret|unneling|日本語"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
