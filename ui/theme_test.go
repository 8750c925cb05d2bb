package ui

import (
	"fmt"
	"image/color"
	"math"
	"reflect"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// contrast of two colours by WCAG 2.2.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestThemeColoursCanBeRead(t *testing.T) {
	for _, c := range []struct {
		name        string
		palette     palette
		backgrounds []string
	}{
		{"dark", darkPalette(), []string{"#000000", "#1e1e2e", "#282c34"}},
		{"light", lightPalette(), []string{"#ffffff", "#fdf6e3", "#f5f5f5"}},
	} {
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
				if got := contrast(fore, ground); got < 4.5 {
					t.Errorf("%s: tone %d on %v has a contrast of %.1f", c.name, tone, ground, got)
				}
			}
		}
	}
}

// With sixteen colours each is replaced by the nearest, and none of them may become that of the selected row.
func TestThemeColoursDifferFromTheSelectionInSixteenColours(t *testing.T) {
	for name, p := range map[string]palette{"dark": darkPalette(), "light": lightPalette()} {
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

func TestThemeWithoutColourSetsNone(t *testing.T) {
	th := NewTheme(Look{NoColor: true, Dark: true})
	for tone := range tones {
		for _, e := range th.escapes[tone] {
			if got := fmt.Sprintf("%q", e.on); e.on != "" && len(e.on) > len("\x1b[1;7m") {
				t.Errorf("tone %d begins with %s", tone, got)
			}
		}
	}
}

func TestThemeTextIsWhatItsStyleRenders(t *testing.T) {
	for _, look := range []Look{{Dark: true}, {}, {NoColor: true}} {
		th := NewTheme(look)
		for tone := range tones {
			if got, want := th.Text(Tone(tone), "pump"), th.Style(Tone(tone)).Render("pump"); got != want {
				t.Errorf("%+v tone %d: %q, lipgloss has %q", look, tone, got, want)
			}
		}
		if th.Text(Bad, "") != "" {
			t.Error("an empty text has a style")
		}
	}
}

// symbolTexts are all symbols of a look.
func symbolTexts(look Look) []string {
	var texts []string
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			texts = append(texts, v.String())
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		}
	}
	walk(reflect.ValueOf(newSymbols(look)))
	return texts
}

func TestSymbolsAreOneCellWide(t *testing.T) {
	for _, look := range []Look{{}, {ASCII: true}, {ReducedMotion: true}, {ASCII: true, ReducedMotion: true}} {
		for _, s := range symbolTexts(look) {
			if w := ansi.StringWidth(s); w != 1 {
				t.Errorf("%+v: %q is %d cells wide", look, s, w)
			}
			if look.ASCII && !isASCII(s) {
				t.Errorf("%q is not ASCII", s)
			}
		}
	}
}

func TestStatesHaveDifferentSymbols(t *testing.T) {
	for _, look := range []Look{{}, {ASCII: true}} {
		s := newSymbols(look)
		seen := map[string]bool{}
		for _, symbol := range []string{s.On, s.Off, s.Never, s.Closed, s.Stale, s.Done, s.Failed, s.Warning} {
			if seen[symbol] {
				t.Errorf("%+v: %q stands for two states", look, symbol)
			}
			seen[symbol] = true
		}
	}
}

func TestSpinnerStandsStillWithReducedMotion(t *testing.T) {
	if n := len(NewTheme(Look{ReducedMotion: true}).Symbols.Spinner); n != 1 {
		t.Errorf("it has %d frames", n)
	}
}
