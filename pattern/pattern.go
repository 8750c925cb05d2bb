// Package pattern knows what names look like: rules in the form of regular expressions. It is a leaf, as rooms that do not
// know each other share some of the rules and none may have its own version of one. An expression is compiled when a text
// is first held against it, not when the program starts: a start needs few, and to compile them all was a seventh of it.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is what a text must look like. It is safe for concurrent use.
type Pattern struct {
	compiled func() *regexp.Regexp
}

// Of makes a pattern of a regular expression. One that is none panics at its first use.
func Of(expression string) Pattern {
	return Pattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// MatchString tells whether the text fits.
func (p Pattern) MatchString(text string) bool { return p.compiled().MatchString(text) }

var (
	// ClientToken is the service's rule for the token that a local proxy chooses (the guide's handshake).
	ClientToken = Of(`^[a-zA-Z0-9-]{32,128}$`)
	// Name is the API's rule for things and services.
	Name = Of(`^[a-zA-Z0-9:_-]{1,128}$`)
	// Region is the shape of AWS's regions: eu-west-1, us-gov-east-1.
	Region = Of(`^[a-z]{2,}(-[a-z0-9]+)+$`)
)
