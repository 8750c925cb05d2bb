package api

import (
	"net/http"
	"regexp"
	"strings"
)

// mostTerms is how many terms a query of the fleet index may have.
const mostTerms = 12

// indexQuery is a query of the fleet index, as far as it is understood here. Names are in lower case, since the index knows no
// other; one that ends in * stands for all that begin so. No names stand for all things.
type indexQuery struct {
	names     []string
	connected string // true, false, or "" for both
}

var indexToken = regexp.MustCompile(`"(?:\\.|[^"\\])*"|[():]|(?:\\.|[^\s():"\\])+|\S`)

// parseIndexQuery reads clauses that must all hold: *, thingName: with a name, a prefix, or several in parentheses joined by
// OR, and connectivity.connected: with true or false.
func parseIndexQuery(text string) (indexQuery, error) {
	var q indexQuery
	tokens := indexToken.FindAllString(text, -1)
	next := func() (token string) {
		if len(tokens) > 0 {
			token, tokens = tokens[0], tokens[1:]
		}
		return token
	}
	misread := &fault{Type: "InvalidQueryException", status: http.StatusBadRequest,
		Message: "The emulator understands *, thingName: with a name, a prefix or (a OR b), and connectivity.connected:, joined by AND."}
	for clauses := 0; clauses == 0 || len(tokens) > 0; clauses++ {
		field := next()
		if field == "AND" && clauses > 0 {
			field = next()
		}
		if field == "*" {
			continue
		}
		if next() != ":" {
			return q, misread
		}
		switch value := next(); {
		case field == "thingName" && value == "(" && q.names == nil:
			for value = "OR"; value == "OR"; value = next() {
				q.names = append(q.names, nameInQuery(next()))
			}
			if value != ")" {
				return q, misread
			}
		case field == "thingName" && q.names == nil:
			q.names = []string{nameInQuery(value)}
		case field == "connectivity.connected" && (value == "true" || value == "false") && q.connected == "":
			q.connected = value
		default:
			return q, misread
		}
	}
	for _, name := range q.names {
		if strings.Trim(name, "():") == "" {
			return q, misread
		}
	}
	if len(q.names) > mostTerms {
		return q, &fault{Type: "InvalidQueryException", status: http.StatusBadRequest, Message: "The query has more than 12 terms."}
	}
	return q, nil
}

// nameInQuery is a term without its quotes and backslashes.
func nameInQuery(term string) string {
	if len(term) > 1 && term[0] == '"' {
		term = term[1 : len(term)-1]
	}
	var name strings.Builder
	for escaped, rest := false, term; rest != ""; rest = rest[1:] {
		if escaped = rest[0] == '\\' && !escaped; !escaped {
			name.WriteByte(rest[0])
		}
	}
	return strings.ToLower(name.String())
}

// finds tells whether a thing is asked for by its name.
func (q indexQuery) finds(name string) bool {
	if q.names == nil {
		return true
	}
	name = strings.ToLower(name)
	for _, want := range q.names {
		if prefix, open := strings.CutSuffix(want, "*"); name == want || open && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
