package client

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text came from the network. It is kept raw, so that editing it changes nothing else, and shown clean.
type Text string

// Raw is the text as it came.
func (t Text) Raw() string { return string(t) }

// String is the text fit for a terminal: control characters, escape sequences and bidirectional controls are gone.
func (t Text) String() string { return Clean(string(t)) }

const (
	// cleanLimit bounds what Clean returns, in characters. The longest field of the API is a description of 2048.
	cleanLimit = 4096
	// markLimit bounds the combining marks on one character: written languages need a handful, piles of them paint over
	// the lines above.
	markLimit = 8
)

// Clean makes foreign text fit for a terminal line: at most 4096 characters without escape sequences, control
// characters, bidirectional controls and invisible characters. Line breaks and tabs become spaces, invalid UTF-8 becomes
// U+FFFD. Letters of every script stay as they are, with their combining marks and joiners. Cleaning twice changes nothing.
func Clean(raw string) string {
	if plain(raw) {
		return raw
	}
	c := cleaner{rest: raw}
	for c.rest != "" && c.count <= cleanLimit {
		c.step()
	}
	if c.count <= cleanLimit {
		return c.out.String()
	}
	runes := []rune(c.out.String())
	return string(runes[:cleanLimit-1]) + "…"
}

func plain(raw string) bool {
	if len(raw) > cleanLimit {
		return false
	}
	for i := range len(raw) {
		if raw[i] < ' ' || raw[i] > '~' {
			return false
		}
	}
	return true
}

type cleaner struct {
	rest  string
	out   strings.Builder
	last  rune
	count int
	marks int
	// unterminated tells that no string terminator is left, so that looking for one again and again is not quadratic.
	unterminated bool
}

func (c *cleaner) step() {
	r, size := utf8.DecodeRuneInString(c.rest)
	c.rest = c.rest[size:]
	switch {
	case r == '\r' && strings.HasPrefix(c.rest, "\n"):
	case r == '\n', r == '\r', r == '\t', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
		c.keep(' ')
	case r == '\x1b':
		c.escape()
	case r == '\u009b':
		c.skipControlSequence()
	case r == '\u0090', r == '\u0098', r == '\u009d', r == '\u009e', r == '\u009f':
		c.skipControlString()
	case r == '\u200c', r == '\u200d':
		// Joiners shape Arabic and Indic words and emoji; after anything else they only hide.
		if c.last >= utf8.RuneSelf && c.last != '\u200c' && c.last != '\u200d' {
			c.keep(r)
		}
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), invisible(r):
	case unicode.In(r, unicode.Mn, unicode.Me):
		if c.marks < markLimit {
			c.marks++
			c.keep(r)
		}
	default:
		c.marks = 0
		c.keep(r)
	}
}

func (c *cleaner) keep(r rune) {
	c.out.WriteRune(r)
	c.last = r
	c.count++
}

// invisible tells the characters that draw nothing though Unicode does not count them as formats.
func invisible(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0':
		return true
	}
	return r >= 0xe0000 && r <= 0xe0fff
}

// escape drops what follows an ESC (ECMA-48, 5.3): a control sequence, a control string, or intermediates and a final byte.
func (c *cleaner) escape() {
	if c.rest == "" {
		return
	}
	switch next := c.rest[0]; {
	case next == '[':
		c.rest = c.rest[1:]
		c.skipControlSequence()
	case strings.IndexByte("]PX^_", next) >= 0:
		c.rest = c.rest[1:]
		c.skipControlString()
	default:
		c.skipFinal(0x30)
	}
}

func (c *cleaner) skipControlSequence() {
	for c.rest != "" && c.rest[0] >= 0x30 && c.rest[0] <= 0x3f {
		c.rest = c.rest[1:]
	}
	c.skipFinal(0x40)
}

// skipFinal drops intermediate bytes and the final byte, which is lowest or more.
func (c *cleaner) skipFinal(lowest byte) {
	for c.rest != "" && c.rest[0] >= 0x20 && c.rest[0] <= 0x2f {
		c.rest = c.rest[1:]
	}
	if c.rest != "" && c.rest[0] >= lowest && c.rest[0] <= 0x7e {
		c.rest = c.rest[1:]
	}
}

// skipControlString drops an operating system command and its like up to the terminator. Without one the text stays:
// its introducer is gone, so it is harmless, and hiding the rest of a name would be a trick of its own.
func (c *cleaner) skipControlString() {
	if c.unterminated {
		return
	}
	end := -1
	width := 0
	for _, terminator := range []string{"\a", "\x1b\\", "\u009c"} {
		if at := strings.Index(c.rest, terminator); at >= 0 && (end < 0 || at < end) {
			end, width = at, len(terminator)
		}
	}
	if end < 0 {
		c.unterminated = true
		return
	}
	c.rest = c.rest[end+width:]
}
