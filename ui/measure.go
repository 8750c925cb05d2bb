package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// cells is the width of a text, styled or not, on the screen.
func cells(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Fit pads or cuts styled text to width cells, with an ellipsis when it cuts. The text is one line.
func Fit(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	s = clip(s, width, ellipsis)
	return pad(s, width-cells(s))
}

// clip cuts styled text to at most width cells, with an ellipsis when it cuts.
func clip(s string, width int, ellipsis string) string {
	if cells(s) <= width {
		return s
	}
	if cells(ellipsis) > width {
		ellipsis = ""
	}
	// Truncate counts a keycap such as "1️⃣" as one cell and StringWidth as two, so that what it cuts may still be too wide.
	for limit := width; limit > 0; limit-- {
		if cut := ansi.Truncate(s, limit, ellipsis); cells(cut) <= width {
			return cut
		}
	}
	return ""
}

// pad adds n spaces. Some scripts have a character that makes one with what follows it and takes no cell of its own: a
// space there would be lost, unless a sequence stands between them.
func pad(s string, n int) string {
	if n <= 0 {
		return s
	}
	if last := len(s) - 1; last >= 0 && s[last] > '~' {
		return s + resetStyle + blank(n)
	}
	return s + blank(n)
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
// neither move the cursor nor widen the line. Bytes that are not UTF-8 go too, for a lone 0x9b is a control sequence, and
// format characters, for a direction override would turn the rest of the line round; only the joiners stay, which
// Persian, Indic scripts and emoji are spelled with.
func plain(s string) string {
	if isASCII(s) {
		return s
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d':
			return -1
		}
		return r
	}, s)
}

// isASCII tells whether each byte of s is a printable character one cell wide, as most are.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
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
