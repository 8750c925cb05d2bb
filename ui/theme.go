package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Tone is the meaning of a colour. It never stands alone: a symbol or a word says the same.
type Tone uint8

const (
	Plain  Tone = iota
	Dim         // secondary
	Good        // connected, done
	Warn        // soon over, waiting, stale
	Bad         // failed, dangerous
	Accent      // titles, the key in a hint
	Strong      // bold
)

// tones is how many there are.
const tones = int(Strong) + 1

// Look is what a theme is made for.
type Look struct {
	Dark, NoColor, ASCII, ReducedMotion bool
}

// Theme maps tones to styles. It is made once for a look and then only read.
type Theme struct {
	Look    Look
	Symbols Symbols

	// styles and escapes hold the same twice: lipgloss renders a text in microseconds, and a table has a thousand spans
	// a frame. The second index is 1 on the selected row.
	styles  [tones]lipgloss.Style
	escapes [tones][2]escape
}

// escape switches a style on and off.
type escape struct{ on, off string }

// NewTheme makes the theme for a look.
func NewTheme(look Look) *Theme {
	t := &Theme{Look: look, Symbols: newSymbols(look)}
	for tone := range tones {
		style := lipgloss.NewStyle()
		selected := lipgloss.NewStyle()
		if look.NoColor {
			style = withoutColor(style, Tone(tone))
			selected = withoutColor(selected, Tone(tone)).Reverse(true)
		} else {
			p := darkPalette()
			if !look.Dark {
				p = lightPalette()
			}
			style = p.style(Tone(tone))
			selected = p.selected(Tone(tone))
		}
		t.styles[tone] = style
		t.escapes[tone] = [2]escape{newEscape(style), newEscape(selected)}
	}
	return t
}

// Style of a tone.
func (t *Theme) Style(tone Tone) lipgloss.Style { return t.styles[tone] }

// Text renders s in a tone. s is one line.
func (t *Theme) Text(tone Tone, s string) string {
	if s == "" {
		return ""
	}
	e := t.escapes[tone][0]
	return e.on + s + e.off
}

// newEscape takes the sequences of a style from lipgloss, so that there is one source of truth for them.
func newEscape(s lipgloss.Style) escape {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return escape{on, off}
}

// withoutColor says by weight what cannot be said by colour.
func withoutColor(s lipgloss.Style, tone Tone) lipgloss.Style {
	switch tone {
	case Dim:
		return s.Faint(true)
	case Bad, Accent, Strong:
		return s.Bold(true)
	}
	return s
}

// palette holds a colour a tone, nil for the terminal's own, and what the selected row stands on.
type palette struct {
	tones      [tones]color.Color
	selection  color.Color
	onSelected color.Color // Plain and Strong there, since the terminal's own colour may not be readable on it
}

// The colours keep a contrast of 4.5 to 1 (WCAG 2.2, 1.4.3) on the terminal's usual background and on the selected row,
// and stay apart from the latter where a terminal has sixteen colours only.
func darkPalette() palette {
	return palette{
		tones: [tones]color.Color{
			Dim:    lipgloss.Color("#a3a9b5"),
			Good:   lipgloss.Color("#7fd692"),
			Warn:   lipgloss.Color("#e8c170"),
			Bad:    lipgloss.Color("#ff9aa2"),
			Accent: lipgloss.Color("#8ab8ff"),
		},
		selection:  lipgloss.Color("#1f2d4d"),
		onSelected: lipgloss.Color("#f2f5fa"),
	}
}

func lightPalette() palette {
	return palette{
		tones: [tones]color.Color{
			Dim:    lipgloss.Color("#566070"),
			Good:   lipgloss.Color("#17692f"),
			Warn:   lipgloss.Color("#7d5200"),
			Bad:    lipgloss.Color("#b3202c"),
			Accent: lipgloss.Color("#1d4fa8"),
		},
		selection:  lipgloss.Color("#d9dfe8"),
		onSelected: lipgloss.Color("#11161d"),
	}
}

func (p palette) style(tone Tone) lipgloss.Style {
	s := lipgloss.NewStyle().Bold(tone == Strong || tone == Accent)
	if c := p.tones[tone]; c != nil {
		s = s.Foreground(c)
	}
	return s
}

func (p palette) selected(tone Tone) lipgloss.Style {
	s := p.style(tone).Background(p.selection)
	if p.tones[tone] == nil {
		s = s.Foreground(p.onSelected)
	}
	return s
}
