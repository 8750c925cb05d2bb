package settings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// kind is what a value may be.
type kind interface {
	// read makes the value of what was written for it.
	read(node) (any, error)
}

// pair is an entry of a table, and where it was chosen.
type pair struct {
	name  string
	value any
	at    Origin
	token *token.Token
}

// text is one line, which check may refuse.
type text struct{ check func(string) error }

func (k text) read(n node) (any, error) {
	if n.form != plain {
		return nil, wrong(n.token, "must be one text")
	}
	if k.check != nil {
		if err := k.check(n.text); err != nil {
			return nil, &fault{n.token, err}
		}
	}
	return n.text, nil
}

// choice is one of a few words.
type choice []string

func (k choice) read(n node) (any, error) {
	if n.form != plain || !slices.Contains(k, n.text) {
		return nil, wrong(n.token, "must be one of %s", strings.Join(k, ", "))
	}
	return n.text, nil
}

// toggle is yes or no.
type toggle struct{}

func (toggle) read(n node) (any, error) {
	switch strings.ToLower(n.text) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return nil, wrong(n.token, "must be true or false")
}

// number is a whole one, from least to most.
type number struct{ least, most int }

func (k number) read(n node) (any, error) {
	i, err := strconv.Atoi(n.text)
	if err != nil || i < k.least || i > k.most {
		return nil, wrong(n.token, "must be from %d to %d", k.least, k.most)
	}
	return i, nil
}

// span is the lifetime of a tunnel, in the API's whole minutes.
type span struct{}

func (span) read(n node) (any, error) {
	d, err := time.ParseDuration(n.text)
	if err != nil || d%time.Minute != 0 || d < time.Minute || d > 12*time.Hour {
		return nil, wrong(n.token, "must be whole minutes from 1m to 12h, such as 90m")
	}
	return d, nil
}

// list is texts; one alone may be written without brackets. With most it is neither empty nor longer.
type list struct {
	most  int
	check func(string) error
}

func (k list) read(n node) (any, error) {
	items := n.items
	if n.form == plain {
		items = []node{n}
	}
	if n.form == mapping || n.form == nothing {
		return nil, wrong(n.token, "must be a list, such as [a, b]")
	}
	if k.most > 0 && (len(items) == 0 || len(items) > k.most) {
		return nil, wrong(n.token, "must be one to %d", k.most)
	}
	read := []string{}
	for _, item := range items {
		s, err := text{k.check}.read(item)
		if err != nil {
			return nil, err
		}
		if k.most > 0 && slices.Contains(read, item.text) {
			return nil, wrong(item.token, "%s stands here twice", item.text)
		}
		read = append(read, s.(string))
	}
	return read, nil
}

// table is names with values of one kind.
type table struct {
	value kind
	most  int // 0 for no limit
	// whole: a comma on a command line is part of the value.
	whole     bool
	check     func(name string) error
	checkPair func(name, value string) error
}

func (k table) read(n node) (any, error) {
	if n.form != mapping {
		return nil, wrong(n.token, "must be names with values, such as {a: b}")
	}
	if k.most > 0 && len(n.names) > k.most {
		return nil, wrong(n.token, "must be %d at most", k.most)
	}
	var read []pair
	for _, entry := range n.names {
		value, err := k.value.read(entry.value)
		if err == nil && k.check != nil {
			err = k.check(entry.text)
		}
		if err == nil && k.checkPair != nil {
			err = k.checkPair(entry.text, entry.value.text)
		}
		if err != nil {
			return nil, placed(err, entry)
		}
		read = append(read, pair{name: entry.text, value: value, token: entry.token})
	}
	return read, nil
}

// placed says which name a mistake belongs to, and where that stands when the mistake itself has no place.
func placed(err error, of name) error {
	at := of.token
	var known *fault
	if errors.As(err, &known) {
		err = known.why
		if known.token != nil {
			at = known.token
		}
	}
	return &fault{at, fmt.Errorf("%s: %w", of.text, err)}
}

// show writes a value as the file could have it, on one line.
func show(value any) string {
	switch v := value.(type) {
	case time.Duration:
		return strconv.Itoa(int(v/time.Minute)) + "m"
	case []pair:
		mapping := yaml.MapSlice{}
		for _, p := range v {
			mapping = append(mapping, yaml.MapItem{Key: p.name, Value: p.value})
		}
		value = mapping
	}
	written, err := yaml.MarshalWithOptions(value, yaml.Flow(true))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(written))
}
