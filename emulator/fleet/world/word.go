package world

import "strings"

// wordBuilder collects literal text and variables.
type wordBuilder struct {
	word
	text strings.Builder
}

func (b *wordBuilder) variable(p piece) {
	b.flush()
	b.pieces = append(b.pieces, p)
}

func (b *wordBuilder) flush() {
	if b.text.Len() > 0 {
		b.pieces = append(b.pieces, piece{text: b.text.String()})
		b.text.Reset()
	}
}

// word reads one word; there must be one.
func (p *parser) word() (word, error) {
	var b wordBuilder
	start := len(p.rest)
	for p.rest != "" {
		c := p.rest[0]
		switch {
		case strings.IndexByte(" \t\r\n;|<>", c) >= 0, strings.HasPrefix(p.rest, "&&"):
			if len(p.rest) == start {
				return word{}, unexpected(string(c))
			}
			b.flush()
			return b.word, nil
		case strings.IndexByte("&()`", c) >= 0:
			return word{}, unexpected(string(c))
		case c == '\\':
			if len(p.rest) == 1 {
				return word{}, unexpected("end of line")
			}
			if p.rest[1] != '\n' {
				b.text.WriteByte(p.rest[1])
				b.quoted = true
			}
			p.rest = p.rest[2:]
		case c == '\'':
			inner, rest, closed := strings.Cut(p.rest[1:], "'")
			if !closed {
				return word{}, errUnterminated
			}
			b.text.WriteString(inner)
			b.quoted = true
			p.rest = rest
		case c == '"':
			p.rest = p.rest[1:]
			b.quoted = true
			if err := p.doubleQuoted(&b); err != nil {
				return word{}, err
			}
		case c == '$':
			piece, err := p.variable()
			if err != nil {
				return word{}, err
			}
			b.variable(piece)
		default:
			b.text.WriteByte(c)
			p.rest = p.rest[1:]
		}
	}
	if start == 0 {
		return word{}, unexpected("end of line")
	}
	b.flush()
	return b.word, nil
}

// doubleQuoted reads up to the closing quote; only $, `, ", \ and a line end lose their meaning to a backslash there.
func (p *parser) doubleQuoted(b *wordBuilder) error {
	for p.rest != "" {
		c := p.rest[0]
		switch {
		case c == '"':
			p.rest = p.rest[1:]
			return nil
		case c == '`':
			return unexpected("`")
		case c == '\\' && len(p.rest) > 1 && strings.IndexByte("$`\"\\\n", p.rest[1]) >= 0:
			if p.rest[1] != '\n' {
				b.text.WriteByte(p.rest[1])
			}
			p.rest = p.rest[2:]
		case c == '$':
			piece, err := p.variable()
			if err != nil {
				return err
			}
			b.variable(piece)
		default:
			b.text.WriteByte(c)
			p.rest = p.rest[1:]
		}
	}
	return errUnterminated
}

// variable reads $NAME, ${NAME}, $?, $$ or a lone dollar sign.
func (p *parser) variable() (piece, error) {
	rest := p.rest[1:]
	switch {
	case strings.HasPrefix(rest, "("):
		return piece{}, unexpected("$(")
	case strings.HasPrefix(rest, "?"), strings.HasPrefix(rest, "$"):
		p.rest = rest[1:]
		return piece{text: rest[:1], variable: true}, nil
	case strings.HasPrefix(rest, "{"):
		name, after, closed := strings.Cut(rest[1:], "}")
		special := name == "?" || name == "$"
		if !closed || !special && (name == "" || nameLength(name) != len(name)) {
			return piece{}, unexpected("${")
		}
		p.rest = after
		return piece{text: name, variable: true}, nil
	}
	n := nameLength(rest)
	p.rest = rest[n:]
	if n == 0 {
		return piece{text: "$"}, nil
	}
	return piece{text: rest[:n], variable: true}, nil
}

// nameLength is the length of the variable's name that text begins with.
func nameLength(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(text)
}
