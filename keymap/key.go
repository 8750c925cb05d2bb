package keymap

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkKey tells why a text is not a key as Bubble Tea reports it, nil when it is one. Only the canonical spelling ever
// matches a key press, so any other would be a binding that silently does nothing.
func checkKey(key string) error {
	mods, base := splitKey(key)
	for i, mod := range mods {
		order := slices.Index(modifiers(), mod)
		if order < 0 {
			return fmt.Errorf("%q is not a modifier; use ctrl, alt or shift", mod)
		}
		if i > 0 && order <= slices.Index(modifiers(), mods[i-1]) {
			return fmt.Errorf("write the modifiers in the order ctrl, alt, shift")
		}
	}
	switch {
	case base == "":
		return fmt.Errorf("the key is missing")
	case base == " ":
		return fmt.Errorf(`write "space"`)
	case isNamed(base):
		return nil
	case utf8.RuneCountInString(base) > 1:
		return fmt.Errorf("there is no key %q", base)
	}
	return checkRune(mods, base)
}

// checkRune tells why a printable key with its modifiers cannot be pressed as written.
func checkRune(mods []string, base string) error {
	r, _ := utf8.DecodeRuneInString(base)
	upper := string(unicode.ToUpper(r))
	switch {
	case r == utf8.RuneError || !unicode.IsPrint(r):
		return fmt.Errorf("%q is not a printable character", base)
	case slices.Equal(mods, []string{"shift"}):
		return fmt.Errorf("write %q", upper)
	case len(mods) > 0 && unicode.IsUpper(r):
		return fmt.Errorf("with modifiers, write shift and the small letter")
	case slices.Equal(mods, []string{"ctrl"}) && strings.Contains("him[", base):
		return fmt.Errorf("most terminals send it as backspace, tab, enter or esc")
	}
	return nil
}

// splitKey parts the modifiers from the key; the key itself may be "+".
func splitKey(key string) (mods []string, base string) {
	if key == "+" {
		return nil, key
	}
	if rest, ok := strings.CutSuffix(key, "++"); ok {
		return strings.Split(rest, "+"), "+"
	}
	parts := strings.Split(key, "+")
	return parts[:len(parts)-1], parts[len(parts)-1]
}

// isText tells whether a key types something.
func isText(key string) bool {
	return key == "space" || utf8.RuneCountInString(key) == 1
}

// isNamed tells whether a key has a name instead of a character.
func isNamed(base string) bool {
	switch base {
	case "enter", "tab", "backspace", "esc", "space", "up", "down", "left", "right",
		"insert", "delete", "home", "end", "pgup", "pgdown",
		"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12":
		return true
	}
	return false
}

// modifiers in the order in which Bubble Tea writes them.
func modifiers() []string { return []string{"ctrl", "alt", "shift", "meta", "hyper", "super"} }
