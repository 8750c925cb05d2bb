package faults

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Effect is what befalls one request. The zero value is nothing.
type Effect struct {
	// Kind is any but Slow and Stale, or "".
	Kind Kind
	// Bytes are those of the rule.
	Bytes int
	// After is when Kind happens to a connection, from its beginning.
	After time.Duration
	// Delay is how long the answer is held back, Lag how old it is, whatever it is.
	Delay, Lag time.Duration
}

// Set holds the rules in force. It is safe for concurrent use.
type Set struct {
	seed uint64
	now  func() time.Time

	mu    sync.Mutex
	rules []*state
}

type state struct {
	Rule
	dice *rand.Rand
	// good is what a Throttle with PerSecond lets through, nil for others.
	good     *rate.Limiter
	happened int
}

// NewSet puts rules in force; now is the clock of PerSecond.
func NewSet(seed uint64, now func() time.Time, rules []Rule) *Set {
	s := &Set{seed: seed, now: now}
	s.Replace(rules)
	return s
}

// Replace puts other rules in force. Chance and counts begin anew.
func (s *Set) Replace(rules []Rule) {
	states := make([]*state, len(rules))
	for i, rule := range rules {
		states[i] = &state{Rule: rule, dice: rand.New(rand.NewPCG(s.seed, uint64(i)))}
		if rule.PerSecond > 0 {
			states[i].good = rate.NewLimiter(rate.Limit(rule.PerSecond), max(1, int(math.Ceil(rule.PerSecond))))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = states
}

// Rules in force.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := make([]Rule, len(s.rules))
	for i, state := range s.rules {
		rules[i] = state.Rule
	}
	return rules
}

// MaxLag is how far back a read may have to look.
func (s *Set) MaxLag() (lag time.Duration) {
	for _, rule := range s.Rules() {
		if rule.Kind == Stale {
			lag = max(lag, rule.Delay)
		}
	}
	return lag
}

// Of decides on one request, which names these tag keys. Delays add up, and the longest lag counts; of the other kinds the
// first rule that strikes counts, and those behind it do not look at the request.
func (s *Set) Of(operation string, tags ...string) (e Effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.rules {
		if !rule.covers(operation) || !rule.names(tags) || !rule.strikes(s.now()) {
			continue
		}
		switch rule.Kind {
		case Slow:
			e.Delay = min(e.Delay+rule.Delay, MaxDelay)
		case Stale:
			e.Lag = max(e.Lag, rule.Delay)
		default:
			e.Kind, e.Bytes, e.After = rule.Kind, rule.Bytes, rule.Delay
			return e
		}
	}
	return e
}

func (s *state) covers(operation string) bool {
	return s.Operation == operation || s.Operation == Every && operation != Notification && operation != Connection
}

func (s *state) strikes(now time.Time) bool {
	if s.Times > 0 && s.happened >= s.Times {
		return false
	}
	if s.good != nil && s.good.AllowN(now, 1) {
		return false
	}
	if s.Rate < 1 && s.dice.Float64() >= s.Rate {
		return false
	}
	s.happened++
	return true
}
