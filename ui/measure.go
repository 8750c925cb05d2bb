package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// cells is the width of a text, styled or not, on the screen.
func cells(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Fit pads or cuts styled text to width cells, with an ellipsis when it cuts. The text is one line.
func Fit(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	if w := cells(s); w <= width {
		return s + blank(width-w)
	}
	if cells(ellipsis) > width {
		ellipsis = ""
	}
	// Truncate counts a keycap such as "1️⃣" as one cell and StringWidth as two, so that what it cuts may still be too wide.
	for limit := width; limit > 0; limit-- {
		cut := ansi.Truncate(s, limit, ellipsis)
		if w := cells(cut); w <= width {
			return cut + blank(width-w)
		}
	}
	return blank(width)
}

// skip leaves the first n cells of styled text out and keeps the styles that hold there; the rest is exactly width cells.
func skip(s string, n, width int) string {
	if width <= 0 {
		return ""
	}
	want := max(cells(s)-n, 0)
	rest := ansi.TruncateLeft(s, n, "")
	// A wide character across the edge is either gone whole or there whole: the line must not shift for it.
	for cut := n + 1; cells(rest) > want && cut < n+8; cut++ {
		rest = ansi.TruncateLeft(s, cut, "")
	}
	return Fit(blank(want-cells(rest))+rest, width, "")
}

// plain makes a text one line of printable characters, each control character a space: whatever a span is given, it can
// neither move the cursor nor widen the line. Bytes that are not UTF-8 go too: a lone 0x9b is a control sequence.
func plain(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// blank is n spaces.
func blank(n int) string {
	return strings.Repeat(" ", max(n, 0))
}

// block makes lines exactly width×height, cutting what is over and filling what is missing.
func block(lines []string, width, height int, ellipsis string) string {
	out := make([]string, max(height, 0))
	for i := range out {
		if i < len(lines) {
			out[i] = Fit(lines[i], width, ellipsis)
		} else {
			out[i] = blank(width)
		}
	}
	return strings.Join(out, "\n")
}
