package filter

import (
	"slices"
	"strings"

	"adit/client"
)

// field is what can stand before a colon.
type field struct {
	name string
	// words are all the values there are, nil for any.
	words []string
	// described: only DescribeTunnel tells it.
	described bool
	// match tells whether a row has a value, which is in lower case and not empty.
	match func(s *Subject, value string) Verdict
}

// fields in the order in which they are offered.
func fields() []field {
	return []field{
		{name: "thing", described: true, match: func(s *Subject, value string) Verdict { return fact(s, holds(s.Thing.String(), value)) }},
		{name: "service", described: true, match: func(s *Subject, value string) Verdict {
			return fact(s, slices.ContainsFunc(s.Services, func(t client.Text) bool { return begins(t.String(), value) }))
		}},
		{name: "status", words: []string{"open", "closed"}, match: func(s *Subject, value string) Verdict {
			return verdict(begins(string(s.Status), value))
		}},
		{name: "source", words: []string{"connected", "none", "you", "closed"}, described: true, match: matchSource},
		{name: "device", words: []string{"connected", "gone", "never", "closed"}, described: true, match: matchDevice},
		{name: "owner", described: true, match: func(s *Subject, value string) Verdict { return told(s, holds(s.Owner, value)) }},
		{name: "tag", described: true, match: matchTag},
		{name: "id", match: func(s *Subject, value string) Verdict { return verdict(begins(s.Key.ID, value)) }},
		{name: "description", match: func(s *Subject, value string) Verdict { return verdict(holds(s.Description.String(), value)) }},
		{name: "region", match: func(s *Subject, value string) Verdict { return verdict(begins(s.Context.Region, value)) }},
		{name: "profile", match: func(s *Subject, value string) Verdict { return verdict(begins(s.Context.Profile, value)) }},
	}
}

func fieldOf(name string) (field, bool) {
	for _, f := range fields() {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// told is a verdict on what DescribeTunnel tells and what may change.
func told(s *Subject, holds bool) Verdict {
	if !s.Described {
		return Maybe
	}
	return verdict(holds)
}

// fact is a verdict on what never changes, which an earlier run may have learnt.
func fact(s *Subject, holds bool) Verdict {
	if !s.Described && s.Lifetime == 0 {
		return Maybe
	}
	return verdict(holds)
}

func matchSource(s *Subject, value string) Verdict {
	word := "none"
	switch {
	case !s.Open():
		word = "closed"
	case s.Held:
		word = "you"
	case !s.Source.Known:
		return Maybe
	case s.Source.Connected:
		word = "connected"
	}
	// Whoever is connected, the source is.
	return verdict(begins(word, value) || s.Held && begins("connected", value))
}

func matchDevice(s *Subject, value string) Verdict {
	word := "gone"
	switch {
	case !s.Open():
		word = "closed"
	case !s.Destination.Known:
		return Maybe
	case s.Destination.Connected:
		word = "connected"
	case s.Destination.Never():
		word = "never"
	}
	return verdict(begins(word, value))
}

func matchTag(s *Subject, value string) Verdict {
	key, of, valued := strings.Cut(value, "=")
	return told(s, slices.ContainsFunc(s.Tags, func(t client.Tag) bool {
		return strings.EqualFold(t.Key.String(), key) && (!valued || holds(t.Value.String(), of))
	}))
}

// holds tells whether a text has a part, which is in lower case, in whatever case.
func holds(text, part string) bool {
	if part == "" {
		return true
	}
	for i := range len(text) {
		c := text[i]
		if c >= 0x80 {
			return strings.Contains(strings.ToLower(text), part)
		}
		if lower(c) == part[0] && len(text)-i >= len(part) && begins(text[i:], part) {
			return true
		}
	}
	return false
}

// begins tells whether a text begins with a part, which is in lower case, in whatever case.
func begins(text, part string) bool {
	for i := range len(part) {
		switch {
		case i >= len(text):
			return false
		case text[i] >= 0x80 || part[i] >= 0x80:
			return strings.HasPrefix(strings.ToLower(text[i:]), part[i:])
		case lower(text[i]) != part[i]:
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
