package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks plain text into lines of at most width cells, between words where it can.
func wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(plain(s)) {
		if line != "" && cells(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for cells(word) > width {
			head, tail := splitAt(word, width)
			lines = append(lines, head)
			word = tail
		}
		line = word
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// splitAt parts plain text after at most width cells. The head holds at least one character, be it wider than that.
func splitAt(s string, width int) (head, tail string) {
	end, used := 0, 0
	for end < len(s) {
		cluster, w := ansi.FirstGraphemeCluster(s[end:], ansi.GraphemeWidth)
		if end > 0 && used+w > width {
			break
		}
		used += w
		end += len(cluster)
	}
	return s[:end], s[end:]
}

// Paragraph renders a span over as many lines as it needs, each exactly width cells.
func (t *Theme) Paragraph(s Span, width int) []string {
	lines := wrap(s.Text, width)
	for i, line := range lines {
		lines[i] = Fit(t.Text(s.Tone, line), width, "")
	}
	return lines
}
