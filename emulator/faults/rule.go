// Package faults makes the emulated service fail on demand: it refuses, delays, loses or bends what a rule names, as often
// as the rule says. Chance follows from a seed, so that a run can be repeated: the n-th request that a rule looks at has
// the same fate each time.
package faults

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Every is the operation of a rule for all of the API's: not for Notification and Connection.
const Every = "*"

// Notification is an operation of the emulator's own: telling a device of its token.
const Notification = "Notification"

// Connection is an operation of the emulator's own: a local proxy that connects.
const Connection = "Connection"

const (
	// MaxDelay is the longest a rule may hold an answer back, or let a read lag; the server gives up after 30 s.
	MaxDelay = 25 * time.Second
	// MaxWait is the longest until something happens to a connection: the longest life of a tunnel.
	MaxWait = 12 * time.Hour
)

// Rule is one fault.
type Rule struct {
	// Operation is the name of one, such as OpenTunnel, or Every.
	Operation string
	Kind      Kind
	// Rate is the share of the requests that it befalls, 0 < Rate ≤ 1.
	Rate float64
	// PerSecond is, for Throttle, how many requests are good in a second; 0 is none of them.
	PerSecond float64
	// Times is how often it happens at most; 0 has no bound.
	Times int
	// Delay is that of Slow and Stale; for Replace, Expire and SessionReset it is the time from the connection to them.
	Delay time.Duration
	// Bytes are, for a Connection, what is sent before it drops, and the size of the pieces of Split and Fragment.
	Bytes int
	// Tag is, for Deny, a tag key that the request must name to be refused: a whole key, the beginning of some with a * at
	// its end, or with a ! before it any other key than these. "" refuses every request.
	Tag string
}

// Parse reads a rule as a person writes it:
//
//	OPERATION=FAULT[,rate=0.5][,times=3][,per-second=2][,delay=1s][,bytes=1000][,tag=KEY]
func Parse(text string) (Rule, error) {
	wrong := func(format string, args ...any) (Rule, error) {
		return Rule{}, fmt.Errorf("the fault %q %s", text, fmt.Sprintf(format, args...))
	}
	operation, rest, found := strings.Cut(strings.TrimSpace(text), "=")
	if !found || operation == "" {
		return wrong("is not of the form OPERATION=FAULT, such as OpenTunnel=throttle,rate=0.5")
	}
	words := strings.Split(rest, ",")
	rule := Rule{Operation: operation, Kind: Kind(words[0]), Rate: 1}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		var err error
		switch name {
		case "rate":
			rule.Rate, err = strconv.ParseFloat(value, 64)
		case "times":
			rule.Times, err = strconv.Atoi(value)
			if err == nil && rule.Times == 0 { // the zero value has no bound, which nobody means who writes 0
				return wrong("would never happen: times is 1 at least")
			}
		case "per-second":
			rule.PerSecond, err = strconv.ParseFloat(value, 64)
			if err == nil && rule.PerSecond == 0 { // the zero value lets none pass, which throttle alone says better
				return wrong("would let nothing pass: leave per-second out for that")
			}
		case "delay":
			rule.Delay, err = time.ParseDuration(value)
		case "bytes":
			rule.Bytes, err = strconv.Atoi(value)
		case "tag":
			if rule.Tag = strings.TrimSpace(value); rule.Tag == "" { // it would deny every request
				return wrong("names no tag key: %s", word)
			}
		default:
			return wrong("has %q, which is none of rate, times, per-second, delay, bytes and tag", word)
		}
		if err != nil {
			return wrong("has a wrong value: %s", word)
		}
	}
	if why := rule.wrong(); why != "" {
		return wrong("%s", why)
	}
	return rule, nil
}

// ParseAll reads rules, one a line. Empty lines and those that begin with # are skipped.
func ParseAll(text string) ([]Rule, error) {
	var rules []Rule
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rule, err := Parse(line)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// String is the rule as Parse reads it.
func (r Rule) String() string {
	text := r.Operation + "=" + string(r.Kind)
	if r.Rate != 1 {
		text += ",rate=" + strconv.FormatFloat(r.Rate, 'g', -1, 64)
	}
	if r.Times > 0 {
		text += ",times=" + strconv.Itoa(r.Times)
	}
	if r.PerSecond > 0 {
		text += ",per-second=" + strconv.FormatFloat(r.PerSecond, 'g', -1, 64)
	}
	if r.Bytes > 0 {
		text += ",bytes=" + strconv.Itoa(r.Bytes)
	}
	if r.Delay > 0 {
		text += ",delay=" + r.Delay.String()
	}
	if r.Tag != "" {
		text += ",tag=" + r.Tag
	}
	return text
}

// names tells whether a request with tag keys is one that the rule's tag is about.
func (r Rule) names(tags []string) bool {
	if r.Tag == "" {
		return true
	}
	pattern, others := strings.CutPrefix(r.Tag, "!")
	beginning, open := strings.CutSuffix(pattern, "*")
	for _, tag := range tags {
		if is := tag == pattern || open && strings.HasPrefix(tag, beginning); is != others {
			return true
		}
	}
	return false
}
