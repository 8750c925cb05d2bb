package api

import (
	"math"
	"strings"
	"unicode"
)

// rule is the constraint of a string in the service's model: its length in characters, and the characters it may have.
type rule struct {
	min, max int
	allows   func(rune) bool // nil allows all
	pattern  string
}

func anyText(low, high int) rule { return rule{min: low, max: high} }

func tunnelID() rule {
	return rule{1, 128, wordOr("-+=:"), `[a-zA-Z0-9_\-+=:]{1,128}`}
}

func nameOf() rule { // of a thing and of a service
	return rule{1, 128, wordOr(":-"), `[a-zA-Z0-9:_-]+`}
}

func description() rule {
	return rule{1, 2048, func(r rune) bool { return !unicode.Is(unicode.C, r) }, `[^\p{C}]{1,2048}`}
}

func nextToken() rule {
	return rule{1, 4096, wordOr("=-"), `[a-zA-Z0-9_=-]{1,4096}`}
}

func resourceARN() rule { return anyText(1, 1011) }

func tagKey() rule   { return rule{1, 128, inTag, tagPattern} }
func tagValue() rule { return rule{0, 256, inTag, tagPattern} }

const tagPattern = `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`

func inTag(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Z, unicode.N) || strings.ContainsRune("_.:/=+-@", r)
}

// Of a thing.
func attributeName() rule  { return rule{1, 128, wordOr(".,@/:#-"), `[a-zA-Z0-9_.,@/:#-]+`} }
func attributeValue() rule { return rule{0, 800, wordOr(".,@/:#=[]-"), `[a-zA-Z0-9_.,@/:#=\[\]-]*`} }

// wordOr allows ASCII letters, digits, the underscore and more.
func wordOr(more string) func(rune) bool {
	return func(r rune) bool {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_':
			return true
		}
		return strings.ContainsRune(more, r)
	}
}

// noMaximum is the length of a list that the model leaves open.
const noMaximum = math.MaxInt
