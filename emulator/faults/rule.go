// Package faults makes the emulated service fail on demand: it refuses, delays or loses what a rule names, as often as the
// rule says. Chance follows from a seed, so that a run can be repeated: the n-th request that a rule looks at has the same
// fate each time.
package faults

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is what goes wrong.
type Kind string

const (
	// Throttle refuses with ThrottlingException, Fail with InternalFailureException and status 500, Limit with
	// LimitExceededException, Deny with AccessDeniedException. Nothing is done then.
	Throttle Kind = "throttle"
	Fail     Kind = "error"
	Limit    Kind = "limit"
	Deny     Kind = "deny"
	// Drop does the work and closes the connection instead of answering.
	Drop Kind = "drop"
	// Slow does the work and answers after Rule.Delay.
	Slow Kind = "slow"
	// Split is for Connection alone: each tunnel frame comes in WebSocket messages of a few bytes.
	Split Kind = "split"
)

// Every is the operation of a rule for all of the API's: not for Notification and Connection.
const Every = "*"

// Notification is an operation of the emulator's own: telling a device of its token. It can be dropped.
const Notification = "Notification"

// Connection is an operation of the emulator's own: a local proxy that connects. Drop loses its TCP connection after so
// many bytes, Slow lets it wait for its first message, which is SERVICE_IDS, and Split cuts up what it is sent.
const Connection = "Connection"

// MaxDelay is the longest a rule may hold an answer back; the server gives up after 30 s.
const MaxDelay = 25 * time.Second

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
	// Delay is that of Slow.
	Delay time.Duration
	// Bytes is, for a Connection that drops, how many are sent to the local proxy before.
	Bytes int
}

// Parse reads a rule as a person writes it:
//
//	OPERATION=FAULT[,rate=0.5][,times=3][,per-second=2][,delay=1s][,bytes=1000]
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
		case "per-second":
			rule.PerSecond, err = strconv.ParseFloat(value, 64)
		case "delay":
			rule.Delay, err = time.ParseDuration(value)
		case "bytes":
			rule.Bytes, err = strconv.Atoi(value)
		default:
			return wrong("has %q, which is none of rate, times, per-second, delay and bytes", word)
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

// wrong says what makes no sense about a rule.
func (r Rule) wrong() string {
	switch r.Kind {
	case Throttle, Fail, Limit, Deny, Drop, Slow, Split:
	default:
		return "names none of throttle, error, limit, deny, drop, slow and split"
	}
	switch {
	case !(r.Rate > 0 && r.Rate <= 1):
		return "needs a rate above 0 and up to 1"
	case r.Times < 0:
		return "cannot happen less than never"
	case !(r.PerSecond >= 0 && r.PerSecond <= 1e6), r.PerSecond > 0 && r.Kind != Throttle:
		return "cannot have this per-second: it is for throttle, and up to a million"
	case (r.Kind == Slow) != (r.Delay > 0), r.Delay > MaxDelay:
		return "must have a delay up to " + MaxDelay.String() + " if it is slow, and none otherwise"
	case r.Operation == Notification && r.Kind != Drop:
		return "is not possible: a notification can only be dropped"
	case r.Operation == Connection && r.Kind != Drop && r.Kind != Slow && r.Kind != Split:
		return "is not possible: a connection can be dropped, slow or split"
	case r.Operation != Connection && r.Kind == Split:
		return "is not possible: only a connection can be split"
	case r.Bytes < 0, r.Bytes > 0 && (r.Operation != Connection || r.Kind != Drop):
		return "cannot have these bytes: they are for a connection that drops"
	}
	return ""
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
	return text
}
