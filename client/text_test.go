package client

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var cleaned = []struct{ name, raw, want string }{
	{"plain", "pump-07", "pump-07"},
	{"colour", "a\x1b[1;31mb\x1b[0m", "ab"},
	{"title", "a\x1b]0;owned\ab", "ab"},
	{"clipboard with ST", "a\x1b]52;c;Zm9v\x1b\\b", "ab"},
	{"title without an end", "a\x1b]0;owned", "a0;owned"},
	{"device control", "\x1bPq#0\x1b\\x", "x"},
	{"charset and two-character escapes", "\x1b(0a\x1bcb", "ab"},
	{"lone escape at the end", "a\x1b", "a"},
	{"C1 control sequence", "a\u009b31mb", "ab"},
	{"C1 as a raw byte", "a\x9b31mb", "a\ufffd31mb"},
	{"C1 operating system command", "a\u009d0;t\u009cb", "ab"},
	{"line breaks", "a\r\nb\nc\td\u2028e", "a b c d e"},
	{"bidi", "a\u202eb\u2066c\u2069\u200fd", "abcd"},
	{"invisible", "a\u200b\ufeff\u00ad\u2060b\U000e0041\u3164", "ab"},
	{"combining", "e\u0301", "e\u0301"},
	{"pile of marks", "e" + strings.Repeat("\u0301", 50), "e" + strings.Repeat("\u0301", 8)},
	{"right to left", "שלום مرحبا", "שלום مرحبا"},
	{"joiner in Persian", "می\u200cخواهم", "می\u200cخواهم"},
	{"joiner in Latin", "pump\u200d-07", "pump-07"},
	{"emoji", "👩\u200d🔧", "👩\u200d🔧"},
	{"wide", "泵七号", "泵七号"},
}

func TestCleanTextIsFitForATerminal(t *testing.T) {
	for _, c := range cleaned {
		if got := Clean(c.raw); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.raw, got, c.want)
		}
		if text := Text(c.raw); text.Raw() != c.raw || text.String() != c.want {
			t.Errorf("%s: raw %q, shown %q", c.name, text.Raw(), text.String())
		}
	}
}

func TestCleanTextIsBounded(t *testing.T) {
	for _, raw := range []string{strings.Repeat("a", 10000), strings.Repeat("泵", 10000)} {
		got := Clean(raw)
		if n := utf8.RuneCountInString(got); n != cleanLimit || !strings.HasSuffix(got, "…") {
			t.Errorf("%d characters, ends with %q", n, got[len(got)-3:])
		}
	}
}

func FuzzCleanIsSafeAndStable(f *testing.F) {
	for _, c := range cleaned {
		f.Add(c.raw)
	}
	f.Add(strings.Repeat("\x1b]", 5000))
	f.Fuzz(func(t *testing.T, raw string) {
		got := Clean(raw)
		if again := Clean(got); again != got {
			t.Errorf("Clean(%q) = %q, cleaned again %q", raw, got, again)
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > cleanLimit {
			t.Errorf("Clean(%q) is %d characters, valid %v", raw, utf8.RuneCountInString(got), utf8.ValidString(got))
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
				t.Errorf("Clean(%q) holds %U", raw, r)
			}
		}
	})
}
