// Package choices are what the emulated service does where AWS's behaviour is unknown: a table of names, each with a default
// and its alternatives. docs/emulator.md prints the table, and a test holds both together.
//
// The package knows names and values, not what they do: each part of the service asks for the choices that are its own.
package choices

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Name of a choice.
type Name string

// Choice is a row of the table.
type Choice struct {
	// Part of the service that it is about.
	Part string
	Name Name
	// What it decides, in a sentence.
	What string
	// Default is the value when nothing is chosen, as Parse reads it.
	Default string
	// words are the values, the default first, of a choice that has words.
	words []string
	// low and high bound a number, or a time in nanoseconds, that is not the default.
	low, high int64
	kind      kind
}

// kind is what values are.
type kind uint8

const (
	ofWords kind = iota
	ofNumbers
	ofTimes
)

func word(part string, name Name, what string, values ...string) Choice {
	return Choice{Part: part, Name: name, What: what, Default: values[0], words: values}
}

func number(part string, name Name, what string, value, low, high int64) Choice {
	return Choice{Part: part, Name: name, What: what, Default: strconv.FormatInt(value, 10), low: low, high: high, kind: ofNumbers}
}

func span(part string, name Name, what string, value, low, high time.Duration) Choice {
	return Choice{Part: part, Name: name, What: what, Default: short(value), low: int64(low), high: int64(high), kind: ofTimes}
}

// short is a duration without the zeros at its end: 3h, not 3h0m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Alternatives are the values beside the default, in words for a person.
func (c Choice) Alternatives() string {
	switch c.kind {
	case ofNumbers:
		return fmt.Sprintf("a number from %d to %d", c.low, c.high)
	case ofTimes:
		return fmt.Sprintf("a time from %s to %s", short(time.Duration(c.low)), short(time.Duration(c.high)))
	}
	return strings.Join(c.words[1:], ", ")
}

// Words are the values of a choice that has words, its default first; nil for a number and a time.
func (c Choice) Words() []string { return slices.Clone(c.words) }

// takes tells whether a value is one of the choice's.
func (c Choice) takes(value string) bool {
	if value == c.Default {
		return true
	}
	switch c.kind {
	case ofNumbers:
		n, err := strconv.ParseInt(value, 10, 64)
		return err == nil && n >= c.low && n <= c.high
	case ofTimes:
		d, err := time.ParseDuration(value)
		return err == nil && int64(d) >= c.low && int64(d) <= c.high
	}
	return slices.Contains(c.words, value)
}
