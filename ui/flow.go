package ui

// spot is where something starts in a block of lines.
type spot struct{ x, y int }

// flow sets chips side by side, gap cells apart, on as many lines of exactly width cells as they need, and tells where
// each one stands. There is always at least one line.
func flow(th *Theme, chips []Span, width, gap int) (lines []string, at []spot) {
	var line []Span
	used := 0
	for _, chip := range chips {
		w := min(cells(chip.Text), width)
		if used > 0 && used+gap+w > width {
			lines = append(lines, th.Spans(width, line...))
			line, used = nil, 0
		}
		if used > 0 {
			line = append(line, Span{blank(gap), Plain})
			used += gap
		}
		at = append(at, spot{used, len(lines)})
		line = append(line, chip)
		used += w
	}
	return append(lines, th.Spans(width, line...)), at
}
