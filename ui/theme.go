package ui

import (
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
	// Dark is what the terminal's background is.
	Dark bool
	// Colours are those of the theme, on either background.
	Colours                       Colours
	NoColor, ASCII, ReducedMotion bool
}

// Colours is a set of them.
type Colours uint8

const (
	Standard Colours = iota
	HighContrast
	// Sixteen are the terminal's own sixteen colours, as its owner set them.
	Sixteen
	// ColourBlind differ also for who sees red and green, or green and blue, as one.
	ColourBlind
)

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
			p := paletteOf(look)
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
