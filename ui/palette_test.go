package ui

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// contrast of two colours by WCAG 2.2.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	rgb := linear(c)
	return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
}

// linear is a colour in light instead of in steps.
func linear(c color.Color) [3]float64 {
	r, g, b, _ := c.RGBA()
	var out [3]float64
	for i, v := range []uint32{r, g, b} {
		f := float64(v) / 0xffff
		if out[i] = math.Pow((f+0.055)/1.055, 2.4); f <= 0.04045 {
			out[i] = f / 12.92
		}
	}
	return out
}

// palettes are those whose colours are ours, with the backgrounds they are made for and the contrast they promise.
func palettes() map[string]struct {
	palette     palette
	backgrounds []string
	contrast    float64
} {
	type of = struct {
		palette     palette
		backgrounds []string
		contrast    float64
	}
	dark, light := []string{"#000000", "#1e1e2e", "#282c34"}, []string{"#ffffff", "#fdf6e3", "#f5f5f5"}
	return map[string]of{
		"dark": {darkPalette(), dark, 4.5}, "light": {lightPalette(), light, 4.5},
		"high contrast, dark": {contrastDarkPalette(), dark, 7}, "high contrast, light": {contrastLightPalette(), light, 7},
		"colour-blind, dark": {colourBlindDarkPalette(), dark, 4.5}, "colour-blind, light": {colourBlindLightPalette(), light, 4.5},
	}
}

func TestThemeColoursCanBeRead(t *testing.T) {
	for name, c := range palettes() {
		grounds := []color.Color{c.palette.selection}
		for _, b := range c.backgrounds {
			grounds = append(grounds, lipgloss.Color(b))
		}
		for _, ground := range grounds {
			for tone, fore := range c.palette.tones {
				if fore == nil && ground == c.palette.selection {
					fore = c.palette.onSelected
				}
				if fore == nil {
					continue // the terminal's own on its own
				}
				if got := contrast(fore, ground); got < c.contrast {
					t.Errorf("%s: tone %d on %v has a contrast of %.1f", name, tone, ground, got)
				}
			}
		}
	}
}

// With sixteen colours each is replaced by the nearest, and none of them may become that of the selected row.
func TestThemeColoursDifferFromTheSelectionInSixteenColours(t *testing.T) {
	for name, c := range palettes() {
		p := c.palette
		ground := colorprofile.ANSI.Convert(p.selection)
		for tone, fore := range p.tones {
			if fore == nil {
				fore = p.onSelected
			}
			if colorprofile.ANSI.Convert(fore) == ground {
				t.Errorf("%s: tone %d is invisible on the selected row: both are %v", name, tone, ground)
			}
		}
	}
}

func TestSixteenColoursAreTheTerminalsOwn(t *testing.T) {
	for _, dark := range []bool{true, false} {
		p := sixteenPalette(dark)
		for tone, c := range append(p.tones[:], p.selection, p.onSelected) {
			if c != nil && colorprofile.ANSI.Convert(c) != c {
				t.Errorf("dark %v: colour %d is %v, which is none of the sixteen", dark, tone, c)
			}
		}
		if p.selection == p.onSelected {
			t.Error("the selected row cannot be read")
		}
	}
}

// seen is what a colour becomes for who lacks a kind of cone, after G. Machado, M. Oliveira and L. Fernandes, "A
// Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), severity 1.
func seen(by string, c color.Color) [3]float64 {
	matrix := map[string][9]float64{
		"protanopia":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
		"deuteranopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
		"tritanopia":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
	}[by]
	in := linear(c)
	var out [3]float64
	for i := range out {
		out[i] = min(max(matrix[3*i]*in[0]+matrix[3*i+1]*in[1]+matrix[3*i+2]*in[2], 0), 1)
	}
	return out
}

// lab is a linear colour in CIE 1976 L*a*b*, in which distances are about what is seen.
func lab(rgb [3]float64) [3]float64 {
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	x := f((0.4124*rgb[0] + 0.3576*rgb[1] + 0.1805*rgb[2]) / 0.95047)
	y := f(0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2])
	z := f((0.0193*rgb[0] + 0.1192*rgb[1] + 0.9505*rgb[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func TestColoursForTheColourBlindDiffer(t *testing.T) {
	for name, p := range map[string]palette{"dark": colourBlindDarkPalette(), "light": colourBlindLightPalette()} {
		for _, by := range []string{"protanopia", "deuteranopia", "tritanopia"} {
			meanings := []Tone{Good, Warn, Bad}
			for i, a := range meanings {
				for _, b := range meanings[i+1:] {
					x, y := lab(seen(by, p.tones[a])), lab(seen(by, p.tones[b]))
					if d := math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2]); d < 20 {
						t.Errorf("%s: tones %d and %d differ by %.0f for %s", name, a, b, d, by)
					}
				}
			}
		}
	}
}

func TestEveryThemeIsItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, dark := range []bool{true, false} {
		for colours := Standard; colours <= ColourBlind; colours++ {
			name := fmt.Sprintf("dark %v, colours %d", dark, colours)
			th := NewTheme(Look{Dark: dark, Colours: colours})
			drawn := th.Text(Good, "x") + th.Text(Warn, "x") + th.Text(Dim, "x")
			if other, ok := seen[drawn]; ok {
				t.Errorf("%s looks like %s", name, other)
			}
			seen[drawn] = name
		}
	}
}
