package ui

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// palette holds a colour a tone, nil for the terminal's own, and what the selected row stands on.
type palette struct {
	tones      [tones]color.Color
	selection  color.Color
	onSelected color.Color // Plain and Strong there, since the terminal's own colour may not be readable on it
	// alike: every tone has that colour on the selected row, as none of the others can be read there for certain.
	alike bool
}

func paletteOf(look Look) palette {
	switch {
	case look.Colours == HighContrast && look.Dark:
		return contrastDarkPalette()
	case look.Colours == HighContrast:
		return contrastLightPalette()
	case look.Colours == ColourBlind && look.Dark:
		return colourBlindDarkPalette()
	case look.Colours == ColourBlind:
		return colourBlindLightPalette()
	case look.Colours == Sixteen:
		return sixteenPalette(look.Dark)
	case look.Dark:
		return darkPalette()
	}
	return lightPalette()
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

// The colours of high contrast keep 7 to 1 (WCAG 2.2, 1.4.6).
func contrastDarkPalette() palette {
	return palette{
		tones: [tones]color.Color{
			Dim:    lipgloss.Color("#d4d8e0"),
			Good:   lipgloss.Color("#8dffa8"),
			Warn:   lipgloss.Color("#ffdf80"),
			Bad:    lipgloss.Color("#ffb3b8"),
			Accent: lipgloss.Color("#b3d1ff"),
		},
		selection:  lipgloss.Color("#00246b"),
		onSelected: lipgloss.Color("#ffffff"),
	}
}

func contrastLightPalette() palette {
	return palette{
		tones: [tones]color.Color{
			Dim:    lipgloss.Color("#36404d"),
			Good:   lipgloss.Color("#004a18"),
			Warn:   lipgloss.Color("#573700"),
			Bad:    lipgloss.Color("#7d000c"),
			Accent: lipgloss.Color("#00307a"),
		},
		selection:  lipgloss.Color("#d9dfe8"),
		onSelected: lipgloss.Color("#000000"),
	}
}

// The colours for the colour-blind part by blue and yellow and by lightness, after M. Okabe and K. Ito, "Color Universal
// Design" (2008).
func colourBlindDarkPalette() palette {
	return palette{
		tones: [tones]color.Color{
			Dim:    lipgloss.Color("#a3a9b5"),
			Good:   lipgloss.Color("#56b4e9"),
			Warn:   lipgloss.Color("#f0e442"),
			Bad:    lipgloss.Color("#ff8a4c"),
			Accent: lipgloss.Color("#d8b4ff"),
		},
		selection:  lipgloss.Color("#1f2d4d"),
		onSelected: lipgloss.Color("#f2f5fa"),
	}
}

func colourBlindLightPalette() palette {
	return palette{
		tones: [tones]color.Color{
			Dim:    lipgloss.Color("#566070"),
			Good:   lipgloss.Color("#0060a0"),
			Warn:   lipgloss.Color("#6d6200"),
			Bad:    lipgloss.Color("#5a0018"),
			Accent: lipgloss.Color("#5a2d9c"),
		},
		selection:  lipgloss.Color("#d9dfe8"),
		onSelected: lipgloss.Color("#11161d"),
	}
}

// sixteenPalette names the terminal's own colours: bright ones on dark, the others on light.
func sixteenPalette(dark bool) palette {
	p := palette{
		tones: [tones]color.Color{
			Good: lipgloss.Green, Warn: lipgloss.Yellow, Bad: lipgloss.Red, Accent: lipgloss.Blue, Dim: lipgloss.BrightBlack,
		},
		selection: lipgloss.Blue, onSelected: lipgloss.BrightWhite, alike: true,
	}
	if dark {
		p.tones[Good], p.tones[Warn], p.tones[Bad] = lipgloss.BrightGreen, lipgloss.BrightYellow, lipgloss.BrightRed
		p.tones[Accent], p.tones[Dim] = lipgloss.BrightCyan, lipgloss.White
	}
	return p
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
	if p.tones[tone] == nil || p.alike {
		s = s.Foreground(p.onSelected)
	}
	return s
}
