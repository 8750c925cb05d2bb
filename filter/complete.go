package filter

import (
	"slices"
	"strings"
)

// Complete lists what the text may go on to: each is the whole text with its last word completed, the likeliest first.
// Values tells what is there for a field; where the field has words of its own it is not asked.
func Complete(text string, values func(field string) []string) []string {
	start := strings.LastIndexByte(text, ' ') + 1
	before, last := text[:start], text[start:]
	if strings.ContainsAny(last, `"/`) || strings.Count(before, `"`)%2 == 1 {
		return nil
	}
	if rest, not := strings.CutPrefix(last, "!"); not {
		before, last = before+"!", rest
	}
	name, typed, valued := strings.Cut(last, ":")
	if !valued {
		return names(before, last)
	}
	f, known := fieldOf(strings.ToLower(name))
	if !known {
		return nil
	}
	words := f.words
	if words == nil {
		words = values(f.name)
	}
	head := before + name + ":"
	if comma := strings.LastIndexByte(typed, ','); comma >= 0 {
		head, typed = head+typed[:comma+1], typed[comma+1:]
	}
	var found []string
	for _, value := range words {
		if begins(value, strings.ToLower(typed)) && len(value) > len(typed) && !strings.Contains(value, ",") {
			found = append(found, head+quoted(value))
		}
	}
	return found
}

// names are the fields and words that a word may become. Nothing is offered before a letter is typed but the fields.
func names(before, last string) []string {
	var all []string
	for _, f := range fields() {
		all = append(all, f.name+":")
	}
	all = append(all, "left<", "age>", "mine")
	var found []string
	for _, name := range all {
		if strings.HasPrefix(name, strings.ToLower(last)) && name != last {
			found = append(found, before+name)
		}
	}
	return found
}

// quoted writes a value so that it stays one word.
func quoted(value string) string {
	if !strings.ContainsAny(value, " \t\"") {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `\"`) + `"`
}

// nearest is the field that a misspelt one may have meant, "" for none: one letter more, less, or another, or two that
// changed places.
func nearest(typed string) string {
	for _, f := range fields() {
		if len(typed) >= 3 && near(typed, f.name) {
			return f.name
		}
	}
	return ""
}

func near(a, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	x, y := a[i:], b[i:]
	switch {
	case len(x) == len(y)+1:
		return x[1:] == y
	case len(x)+1 == len(y):
		return x == y[1:]
	case len(x) != len(y) || len(x) == 0:
		return false
	case x[1:] == y[1:]:
		return true
	}
	return len(x) > 1 && slices.Equal([]byte{x[1], x[0]}, []byte(y[:2])) && x[2:] == y[2:]
}
