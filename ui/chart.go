package ui

import (
	"math"
	"strings"
)

// Bar draws a fraction 0..1 in exactly width cells. It is empty only at 0 and full only at 1. It carries no tone of its
// own: its text may stand in a Span.
func (t *Theme) Bar(fraction float64, width int) string {
	if width <= 0 {
		return ""
	}
	full := 0
	if fraction > 0 { // false when it is not a number
		full = min(max(int(math.Round(math.Min(fraction, 1)*float64(width))), 1), width)
		if fraction < 1 && full == width && width > 1 {
			full--
		}
	}
	return strings.Repeat(t.Symbols.Bar[0], full) + strings.Repeat(t.Symbols.Bar[1], width-full)
}

// Sparkline draws the last width values, scaled to the greatest of them, in exactly width cells: the newest at the right.
// It carries no tone of its own.
func (t *Theme) Sparkline(values []float64, width int) string {
	if width <= 0 {
		return ""
	}
	if len(values) > width {
		values = values[len(values)-width:]
	}
	top := 0.0
	for _, v := range values {
		if v > top && !math.IsInf(v, 1) {
			top = v
		}
	}
	var b strings.Builder
	b.WriteString(blank(width - len(values)))
	steps := t.Symbols.Spark
	for _, v := range values {
		step := 0
		if v > 0 && top > 0 {
			step = int(math.Ceil(math.Min(v/top, 1) * float64(len(steps)-1)))
		}
		b.WriteString(steps[step])
	}
	return b.String()
}
