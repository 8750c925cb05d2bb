package ui

import "strings"

// Overlay puts box in the middle of base, which is width×height. Lines of the box that do not fit are left out above its
// last ones, where the choices stand.
func Overlay(base, box string, width, height int) string {
	under := strings.Split(block(strings.Split(base, "\n"), width, height, ""), "\n")
	if width <= 0 || height <= 0 {
		return strings.Join(under, "\n")
	}
	x, y := Center(box, width, height)
	over, w := clampBox(box, width, height)
	for i, line := range over {
		below := under[y+i]
		under[y+i] = Fit(below, x, "") + resetStyle + Fit(line, w, "") + resetStyle + skip(below, x+w, width-x-w)
	}
	return strings.Join(under, "\n")
}

// resetStyle ends whatever style a line that was cut in two left open.
const resetStyle = "\x1b[m"

// Center is where Overlay puts the upper left corner of box: what a cursor inside the box is offset by.
func Center(box string, width, height int) (x, y int) {
	over, w := clampBox(box, width, height)
	return (width - w) / 2, (height - len(over)) / 2
}

// clampBox is the lines of a box, at most height of them, and their width, at most width.
func clampBox(box string, width, height int) (lines []string, w int) {
	lines = strings.Split(box, "\n")
	for _, line := range lines {
		w = max(w, cells(line))
	}
	if over := len(lines) - height; over > 0 {
		head := height / 2
		lines = append(lines[:head:head], lines[head+over:]...)
	}
	return lines, min(w, width)
}

// Frame draws a border with a title around lines: a box of exactly width×height cells, or of the height that the lines
// need when height is 0. Inside it is width-4 cells wide.
func (t *Theme) Frame(title string, lines []string, width, height int) string {
	if height == 0 {
		height = len(lines) + 2
	}
	if width < 4 {
		return block(lines, width, height, "")
	}
	s := t.Symbols
	side := t.Text(Dim, s.Side)
	name := clip(plain(title), width-6, s.Ellipsis)
	head := t.Text(Dim, s.Corners[0]+s.Rule)
	if name != "" {
		head += " " + t.Text(Accent, name) + " "
	}
	rules := strings.Repeat(s.Rule, max(width-1-cells(head), 0))
	out := []string{head + t.Text(Dim, rules+s.Corners[1])}
	for i := range height - 2 {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out = append(out, side+" "+Fit(line, width-4, s.Ellipsis)+" "+side)
	}
	out = append(out, t.Text(Dim, s.Corners[3]+strings.Repeat(s.Rule, width-2)+s.Corners[2]))
	return block(out, width, height, "")
}
