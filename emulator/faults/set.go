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
	// Kind is any but Slow, or "".
	Kind Kind
	// Bytes are those before a Drop.
	Bytes int
	// Delay is how long the answer is held back, whatever it is.
	Delay time.Duration
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

// Of decides on one request. Delays add up; of the other kinds the first rule that strikes counts, and those behind it do
// not look at the request.
func (s *Set) Of(operation string) (e Effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.rules {
		if !rule.covers(operation) || !rule.strikes(s.now()) {
			continue
		}
		if rule.Kind != Slow {
			e.Kind, e.Bytes = rule.Kind, rule.Bytes
			return e
		}
		e.Delay += rule.Delay
		e.Delay = min(e.Delay, MaxDelay)
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
