package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// input is a JSON object of a request. Its getters note what breaks a constraint; violations tells of all of it at once,
// as the service does. Names are case-sensitive, unknown members are ignored, and null is the same as absent.
type input struct {
	path    string
	members map[string]json.RawMessage
	found   *findings
}

type findings struct {
	// malformed is a value of the wrong JSON type.
	malformed  string
	violations []string
}

// parse reads the object of a request; no body at all is an empty one.
func parse(body []byte) (input, error) {
	in := input{found: &findings{}}
	if len(bytes.TrimSpace(body)) == 0 {
		return in, nil
	}
	if err := json.Unmarshal(body, &in.members); err != nil || !utf8.Valid(body) {
		return in, &fault{Type: "SerializationException", Message: "The request is not a JSON object."}
	}
	return in, nil
}

// err tells what was found wrong so far.
func (in input) err() error {
	switch n := len(in.found.violations); {
	case in.found.malformed != "":
		return &fault{Type: "SerializationException", Message: in.found.malformed}
	case n == 1:
		return &fault{Type: "ValidationException", Message: "1 validation error detected: " + in.found.violations[0]}
	case n > 1:
		return &fault{Type: "ValidationException", Message: fmt.Sprintf("%d validation errors detected: %s", n, strings.Join(in.found.violations, "; "))}
	}
	return nil
}

// violates notes a broken constraint without repeating the value, which may be long or secret.
func (in input) violates(path, constraint string) {
	in.found.violations = append(in.found.violations, fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must %s", path, constraint))
}

func (in input) at(name string) string {
	if in.path == "" {
		return name
	}
	return in.path + "." + name
}

// value decodes a member into to, and tells whether it was there and of the right type.
func (in input) value(name string, required bool, to any) bool {
	raw := in.members[name]
	if len(raw) == 0 || string(raw) == "null" {
		if required {
			in.violates(in.at(name), "not be null")
		}
		return false
	}
	if json.Unmarshal(raw, to) != nil {
		in.found.malformed = "The member '" + in.at(name) + "' has the wrong JSON type."
		return false
	}
	return true
}

// text is a string member, "" when absent.
func (in input) text(name string, required bool, rule rule) (text string) {
	if in.value(name, required, &text) {
		in.check(in.at(name), text, rule)
	}
	return text
}

func (in input) check(path, text string, rule rule) {
	n := utf8.RuneCountInString(text)
	switch {
	case n < rule.min:
		in.violates(path, "have length greater than or equal to "+strconv.Itoa(rule.min))
	case n > rule.max:
		in.violates(path, "have length less than or equal to "+strconv.Itoa(rule.max))
	case rule.allows != nil && strings.ContainsFunc(text, func(r rune) bool { return !rule.allows(r) }):
		in.violates(path, "satisfy regular expression pattern: "+rule.pattern)
	}
}

// integer is a whole number within bounds, 0 when absent.
func (in input) integer(name string, low, high int) (n int) {
	if in.value(name, false, &n) {
		switch {
		case n < low:
			in.violates(in.at(name), "have value greater than or equal to "+strconv.Itoa(low))
		case n > high:
			in.violates(in.at(name), "have value less than or equal to "+strconv.Itoa(high))
		}
	}
	return n
}

// boolean is false when absent.
func (in input) boolean(name string) (b bool) {
	in.value(name, false, &b)
	return b
}

// object is a member that is an object.
func (in input) object(name string) (member input, ok bool) {
	member = input{path: in.at(name), found: in.found}
	return member, in.value(name, false, &member.members)
}

// list checks the length of a list and gives the path of its elements, counted from one.
func (in input) list(name string, n, low, high int) (element func(int) string) {
	switch {
	case n < low:
		in.violates(in.at(name), "have length greater than or equal to "+strconv.Itoa(low))
	case n > high:
		in.violates(in.at(name), "have length less than or equal to "+strconv.Itoa(high))
	}
	return func(i int) string { return in.at(name) + "." + strconv.Itoa(i+1) + ".member" }
}

// texts is a list of strings.
func (in input) texts(name string, required bool, low, high int, rule rule) (texts []string) {
	var members []*string
	if !in.value(name, required, &members) {
		return nil
	}
	path := in.list(name, len(members), low, high)
	for i, text := range members {
		if text == nil {
			in.violates(path(i), "not be null")
			continue
		}
		in.check(path(i), *text, rule)
		texts = append(texts, *text)
	}
	return texts
}

// objects is a list of objects.
func (in input) objects(name string, required bool, low, high int) (objects []input) {
	var members []map[string]json.RawMessage
	if !in.value(name, required, &members) {
		return nil
	}
	path := in.list(name, len(members), low, high)
	for i, member := range members {
		objects = append(objects, input{path: path(i), members: member, found: in.found})
	}
	return objects
}
