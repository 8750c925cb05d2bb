package filter

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is why a text is no filter.
type Error struct {
	// At is the byte of the text where the term begins that is wrong.
	At  int
	Why string
}

// Error says it in a sentence.
func (e *Error) Error() string { return e.Why }

// word is a piece of the text between blanks.
type word struct {
	at     int // where it stands in the text
	end    int
	not    bool
	text   string // without the "!" and the quotes
	quoted bool   // it is text, whatever it looks like
	regex  bool
}

// Parse reads a filter; an empty text is the one that matches everything. Its error is an *Error about the first term that
// is wrong, and the filter is then made of those that are right.
func Parse(text string) (Filter, error) {
	words, broken := split(text)
	var f Filter
	var wrong *Error
	var right []string
	for _, w := range words {
		t, why := w.term()
		if why != "" {
			wrong = cmp.Or(wrong, &Error{w.at, why})
			continue
		}
		t.not = w.not
		f.terms = append(f.terms, t)
		right = append(right, text[w.at:w.end])
	}
	if wrong = cmp.Or(wrong, broken); wrong == nil {
		f.text = text
		return f, nil
	}
	f.text = strings.Join(right, " ")
	return f, wrong
}

// split parts a text into its words. Blanks within quotes and within a regular expression do not part.
func split(text string) ([]word, *Error) {
	var words []word
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		w := word{at: i}
		if text[i] == '!' {
			w.not = true
			i++
		}
		var end int
		var why string
		switch {
		case i < len(text) && text[i] == '/':
			w.regex = true
			w.text, end, why = upTo(text, i, '/', "close the regular expression with /")
		default:
			w.quoted = i < len(text) && text[i] == '"'
			w.text, end, why = unquote(text, i)
		}
		if why == "" && w.text == "" && !w.quoted && !w.regex {
			why = "say what must not be there behind the !"
		}
		if why != "" {
			return words, &Error{w.at, why}
		}
		w.end = end
		words = append(words, w)
		i = end
	}
	return words, nil
}

// upTo reads from an opening mark to the closing one, which a backslash keeps from closing.
func upTo(text string, i int, mark byte, open string) (inner string, end int, why string) {
	var b strings.Builder
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && j+1 < len(text) && text[j+1] == mark:
			b.WriteByte(mark)
			j++
		case text[j] == mark:
			return b.String(), j + 1, ""
		default:
			b.WriteByte(text[j])
		}
	}
	return "", 0, open
}

// unquote reads up to the next blank that is not quoted, and takes the quotes away.
func unquote(text string, i int) (inner string, end int, why string) {
	var b strings.Builder
	for i < len(text) {
		if text[i] == '"' {
			part, after, why := upTo(text, i, '"', `close the quote with "`)
			if why != "" {
				return "", 0, why
			}
			b.WriteString(part)
			i = after
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			break
		}
		b.WriteString(text[i : i+size])
		i += size
	}
	return b.String(), i, ""
}

// term makes the condition of a word, or says why there is none.
func (w word) term() (term, string) {
	lowered := strings.ToLower(w.text)
	switch {
	case w.regex:
		return regexTerm(w.text)
	case w.quoted:
		return textTerm(lowered), ""
	case lowered == "mine":
		return term{holds: func(s *Subject) Verdict { return verdict(s.Mine) }}, ""
	}
	if name, rest, ok := comparison(lowered); ok {
		return timeTerm(name, rest)
	}
	name, value, ok := strings.Cut(lowered, ":")
	if !ok {
		return textTerm(lowered), ""
	}
	f, known := fieldOf(name)
	switch {
	case known:
		return f.term(value)
	case name == "left" || name == "age":
		return term{}, fmt.Sprintf("write %s<30m or %s>2h", name, name)
	}
	if near := nearest(name); near != "" {
		return term{}, fmt.Sprintf("%s: is no field; did you mean %s: ? In quotes it is text", name, near)
	}
	// A thing's name may have a colon.
	return textTerm(lowered), ""
}

// term of a field with its values, parted by commas.
func (f field) term(values string) (term, string) {
	var wanted []string
	for value := range strings.SplitSeq(values, ",") {
		if value == "" {
			continue
		}
		if f.words != nil && !fits(f.words, value) {
			return term{}, fmt.Sprintf("%s: is one of %s", f.name, strings.Join(f.words, ", "))
		}
		wanted = append(wanted, value)
	}
	if len(wanted) == 0 {
		if f.words != nil {
			return term{}, fmt.Sprintf("%s: is one of %s", f.name, strings.Join(f.words, ", "))
		}
		return term{}, "say which " + f.name
	}
	return term{described: f.described, holds: func(s *Subject) Verdict {
		found := No
		for _, value := range wanted {
			found = max(found, f.match(s, value))
		}
		return found
	}}, ""
}

func fits(words []string, value string) bool {
	for _, word := range words {
		if strings.HasPrefix(word, value) {
			return true
		}
	}
	return false
}

// textTerm looks for a text anywhere in the row.
func textTerm(part string) term {
	return anywhere(func(text string) bool { return holds(text, part) })
}

func regexTerm(pattern string) (term, string) {
	expression, err := regexp.Compile("(?i)" + pattern)
	if err != nil {
		// Of the pattern alone, since (?i) is not what was typed.
		why := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return term{}, "the regular expression is wrong: " + strings.Replace(why, "(?i)", "", 1)
	}
	return anywhere(expression.MatchString), ""
}

// anywhere looks at all the texts of a row. What the list tells may be enough; that a text is nowhere is known only once
// the row was described.
func anywhere(match func(string) bool) term {
	return term{described: true, holds: func(s *Subject) Verdict {
		if match(s.Thing.String()) || match(s.Description.String()) || match(s.Key.ID) {
			return Yes
		}
		for _, service := range s.Services {
			if match(service.String()) {
				return Yes
			}
		}
		for _, t := range s.Tags {
			if match(t.Key.String() + "=" + t.Value.String()) {
				return Yes
			}
		}
		return told(s, false)
	}}
}
