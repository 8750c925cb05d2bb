package faults

import (
	"slices"
	"strings"
)

// Kind is what goes wrong.
type Kind string

const (
	// Throttle refuses with ThrottlingException, Fail with InternalFailureException and status 500, Limit with
	// LimitExceededException, Deny with AccessDeniedException. Nothing is done then. Of a Connection, Throttle refuses with
	// status 429 and Fail with 500, before its token is used.
	Throttle Kind = "throttle"
	Fail     Kind = "error"
	Limit    Kind = "limit"
	Deny     Kind = "deny"
	// Drop does the work and closes the connection instead of answering. It loses a Notification, and the TCP connection
	// of a local proxy after Rule.Bytes.
	Drop Kind = "drop"
	// Slow does the work and answers after Rule.Delay. A Connection waits so long for its first message, SERVICE_IDS, and a
	// device for its Notification.
	Slow Kind = "slow"
	// Stale answers a read with what was true Rule.Delay ago.
	Stale Kind = "stale"

	// What is sent to a local proxy: Split cuts tunnel frames into WebSocket messages of a few bytes, Fragment cuts
	// messages into WebSocket frames, Coalesce puts frames that come close together into one message, and Unknown sends a
	// frame of an unknown, ignorable type behind each.
	Split    Kind = "split"
	Fragment Kind = "fragment"
	Coalesce Kind = "coalesce"
	Unknown  Kind = "unknown"

	// What happens to a connection Rule.Delay after it was made: SessionReset sends that message, Replace is a newcomer's
	// taking of its side, and Expire the end of the tunnel's lifetime.
	SessionReset Kind = "session-reset"
	Replace      Kind = "replace"
	Expire       Kind = "expire"
)

// reads are the operations that can be Stale, tagged those whose requests name tag keys.
func reads() []string  { return []string{"DescribeTunnel", "ListTunnels", "ListTagsForResource"} }
func tagged() []string { return []string{"OpenTunnel", "TagResource", "UntagResource"} }

// possible are the kinds that an operation has.
func possible(operation string) []Kind {
	switch {
	case operation == Notification:
		return []Kind{Drop, Slow}
	case operation == Connection:
		return []Kind{Throttle, Fail, Drop, Slow, Split, Fragment, Coalesce, Unknown, SessionReset, Replace, Expire}
	case slices.Contains(reads(), operation):
		return []Kind{Throttle, Fail, Limit, Deny, Drop, Slow, Stale}
	}
	return []Kind{Throttle, Fail, Limit, Deny, Drop, Slow}
}

// Event tells whether a kind happens to a connection that is there.
func (k Kind) Event() bool { return k == SessionReset || k == Replace || k == Expire }

// wrong says what makes no sense about a rule.
func (r Rule) wrong() string {
	kinds := possible(r.Operation)
	if !slices.Contains(kinds, r.Kind) {
		var words []string
		for _, kind := range kinds {
			words = append(words, string(kind))
		}
		return "is not possible: " + r.Operation + " has " + strings.Join(words, ", ")
	}
	held := r.Kind == Slow || r.Kind == Stale
	switch {
	case !(r.Rate > 0 && r.Rate <= 1):
		return "needs a rate above 0 and up to 1"
	case r.Times < 0:
		return "cannot happen less than never"
	case !(r.PerSecond >= 0 && r.PerSecond <= 1e6), r.PerSecond > 0 && r.Kind != Throttle:
		return "cannot have this per-second: it is for throttle, and up to a million"
	case held && (r.Delay <= 0 || r.Delay > MaxDelay):
		return "needs a delay up to " + MaxDelay.String()
	case r.Kind.Event() && (r.Delay < 0 || r.Delay > MaxWait):
		return "cannot have this delay: it may be up to " + MaxWait.String()
	case !held && !r.Kind.Event() && r.Delay != 0:
		return "cannot have a delay: that is for slow, stale, session-reset, replace and expire"
	case r.Bytes < 0, r.Bytes > 0 && (r.Operation != Connection || r.Kind != Drop && r.Kind != Split && r.Kind != Fragment):
		return "cannot have these bytes: they are for a connection that drops, splits or fragments"
	case r.Tag != "" && (r.Kind != Deny || !slices.Contains(tagged(), r.Operation)):
		return "cannot have a tag: that is for the denial of " + strings.Join(tagged(), ", ")
	}
	return ""
}
