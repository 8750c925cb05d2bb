package client

import (
	"math"
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

func TestThrottlesInARowHoldLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budgetOf(4, 8, 4)
		for _, want := range []struct {
			hold time.Duration
			rate float64
		}{{2, 2}, {4, 1.4}, {8, 0.98}, {16, 0.686}, {32, 0.48}, {32, 0.336}, {32, 0.235}, {32, 0.2}} {
			b.heard(throttle)
			b.heard(throttle) // was under way
			if got := b.hold(); got != want.hold*time.Second || math.Abs(b.rate()-want.rate) > 0.001 {
				t.Errorf("hold %v, %v a second, want %v s and %v", got, b.rate(), want.hold, want.rate)
			}
			time.Sleep(b.hold())
		}
	})
}

func TestThrottleAtTheLimitCostsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budgetOf(4, 8, 4)
		b.heard(throttle)
		time.Sleep(b.hold())
		b.heard(nil)
		b.heard(throttle)
		if got := b.hold(); got != nearHold || b.rate() != 1.8 {
			t.Errorf("hold %v and %v a second after a throttle in between good answers, want %v and 1.8", got, b.rate(), nearHold)
		}
		time.Sleep(b.hold())
		b.heard(throttle)
		if got := b.hold(); got != 2*longHold || b.rate() != 1.26 {
			t.Errorf("hold %v and %v a second after another at once", got, b.rate())
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
		time.Sleep(b.hold() + 10*time.Second)
		if n := spend(t, b, 10*time.Second); n > 19 {
			t.Errorf("%d calls in 10 s at 1.8 a second: there was a burst", n)
		}
		spend(t, b, time.Minute)
		if got := b.rate(); got < 1.8 || got > 2 {
			t.Errorf("%.2f a second a minute later, want about 1.8", got)
		}
		spend(t, b, forgetThrottles+time.Minute)
		if got := b.rate(); got < 6 || b.limiter.Burst() != 4 {
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
