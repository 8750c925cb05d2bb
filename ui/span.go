package ui

import "strings"

// Cell is one field of a row: a run of spans. Their texts must be clean of control characters.
type Cell []Span

// Span is text in a tone.
type Span struct {
	Text string
	Tone Tone
}

// Spans renders a run of spans on one line of exactly width cells, with the theme's ellipsis when it cuts.
func (t *Theme) Spans(width int, spans ...Span) string { return t.line(spans, width, false) }

// painter writes spans of changing tones with as few escape sequences as they need, and on the selected row keeps its
// background through all of them.
type painter struct {
	b        *strings.Builder
	theme    *Theme
	selected bool
	open     escape
}

// write adds text in a tone.
func (p *painter) write(tone Tone, s string) {
	if s == "" {
		return
	}
	layer := 0
	if p.selected {
		layer = 1
	}
	if e := p.theme.escapes[tone][layer]; e != p.open {
		p.b.WriteString(p.open.off)
		p.b.WriteString(e.on)
		p.open = e
	}
	p.b.WriteString(s)
}

// end closes what is open.
func (p *painter) end() {
	p.b.WriteString(p.open.off)
	p.open = escape{}
}

// cell adds spans in exactly width cells, to the right if told so.
func (p *painter) cell(spans []Span, width int, right bool) {
	if width <= 0 {
		return
	}
	total := 0
	for _, s := range spans {
		total += cells(plain(s.Text))
	}
	if right {
		p.write(Plain, blank(width-total))
	}
	left := width
	for _, s := range spans {
		text := plain(s.Text)
		w := cells(text)
		if total > width && w >= left {
			// The ellipsis needs a cell, and every span before this one left at least that.
			text = clip(text+p.theme.Symbols.Ellipsis, left, p.theme.Symbols.Ellipsis)
			p.write(s.Tone, text)
			left -= cells(text)
			break
		}
		p.write(s.Tone, text)
		left -= w
	}
	if !right || total > width {
		p.write(Plain, blank(left))
	}
}

// line renders spans on one line of exactly width cells, on the selection's background if selected.
func (t *Theme) line(spans []Span, width int, selected bool) string {
	var b strings.Builder
	p := painter{b: &b, theme: t, selected: selected}
	p.cell(spans, width, false)
	p.end()
	return Fit(b.String(), width, "")
}
