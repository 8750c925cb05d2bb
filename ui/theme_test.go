package ui

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

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
	for _, look := range []Look{{Dark: true}, {}, {NoColor: true}, {Dark: true, Colours: Sixteen}, {Colours: ColourBlind}, {Colours: HighContrast}} {
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
		for _, symbol := range []string{s.On, s.Off, s.Never, s.Unknown, s.Closed, s.Stale, s.Done, s.Failed, s.Warning} {
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
