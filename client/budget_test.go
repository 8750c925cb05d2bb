package client

import (
	"testing"
	"testing/synctest"
	"time"
)

var throttle = &Error{Kind: KindThrottled}

// spend makes calls for a while, as fast as the budget lets it, and tells how many.
func spend(t *testing.T, b *budget, during time.Duration) int {
	t.Helper()
	calls := 0
	for end := time.Now().Add(during); ; calls++ {
		if err := b.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !time.Now().Before(end) {
			return calls
		}
		b.heard(nil)
	}
}

func budgetOf(start, most float64, burst int) *budget {
	return newBudget(start, most, burst, func() float64 { return 0.5 })
}

func TestBudgetGrowsWithCleanSecondsUpToItsMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budgetOf(4, 8, 1)
		spend(t, b, 21*time.Second)
		if got := b.rate(); got < 5.8 || got > 6.2 {
			t.Errorf("after 20 s: %.2f a second, want 6", got)
		}
		spend(t, b, time.Minute)
		if got := b.rate(); got != 8 {
			t.Errorf("after a minute: %.2f a second, want 8", got)
		}
	})
}

func TestThrottlesInARowHoldLongerAndCutDeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budgetOf(4, 8, 4)
		rate := 4.0
		for _, want := range []time.Duration{2, 4, 8, 16, 32, 32} {
			b.heard(throttle)
			b.heard(throttle) // was under way
			rate = max(rate/2, 0.2)
			if got := b.hold(); got != want*time.Second || b.rate() != rate {
				t.Errorf("hold %v, %v a second, want %v s and %v", got, b.rate(), want, rate)
			}
			time.Sleep(b.hold())
		}
		b.heard(nil)
		b.heard(throttle)
		if got := b.hold(); got != 2*time.Second {
			t.Errorf("after a good answer: hold %v", got)
		}
	})
}

func TestBudgetIsCarefulWhereItWasThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budgetOf(4, 8, 4)
		b.heard(throttle)
		time.Sleep(b.hold())
		b.heard(nil)
		b.heard(throttle)
		if got := b.rate(); got != 1.6 {
			t.Errorf("%v a second after two throttles, want 1.6", got)
		}
		time.Sleep(b.hold() + 10*time.Second)
		if n := spend(t, b, 10*time.Second); n > 17 {
			t.Errorf("%d calls in 10 s at 1.6 a second: there was a burst", n)
		}
		spend(t, b, time.Minute)
		if got := b.rate(); got < 1.6 || got > 1.8 {
			t.Errorf("%.2f a second a minute later, want about 1.7", got)
		}
		spend(t, b, forgetThrottles+time.Minute)
		if got := b.rate(); got < 7 || b.limiter.Burst() != 4 {
			t.Errorf("%.2f a second and bursts of %d after ten minutes", got, b.limiter.Burst())
		}
	})
}

func TestSmallSharesGrowTowardsLargeOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		after := func(rate float64) float64 {
			b := budgetOf(rate/firstCut, 8, 1)
			b.heard(throttle)
			spend(t, b, 2*time.Minute)
			return b.rate() / rate
		}
		if small, large := after(1), after(3); small < 2*large-1 || large <= 1 {
			t.Errorf("in two minutes 1 a second grew by %.2f, and 3 by %.2f", small, large)
		}
	})
}

func TestChancePartsThoseWhoWereThrottledTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early := newBudget(4, 8, 4, func() float64 { return 0 })
		late := newBudget(4, 8, 4, func() float64 { return 0.999 })
		early.heard(throttle)
		late.heard(throttle)
		if early.hold() < time.Second || late.hold() > 3*time.Second || late.hold()-early.hold() < 1900*time.Millisecond {
			t.Errorf("they hold %v and %v", early.hold(), late.hold())
		}
		if got := late.jitter() - early.jitter(); got < 45*time.Millisecond || got > 50*time.Millisecond {
			t.Errorf("their paces are %v apart", got)
		}
	})
}
