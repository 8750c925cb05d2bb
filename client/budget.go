package client

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// leastRate keeps a throttled watcher alive, in calls a second.
	leastRate rate.Limit = 0.2
	// rateStep is the most that a clean second adds, in calls a second.
	rateStep rate.Limit = 0.1
	// firstCut is what the first throttle leaves of a rate that was only assumed, rowCut what one leaves that follows
	// another at once: it is still too much. For longHold nothing is asked then, on average, doubled with each in a row up
	// to 16 times.
	firstCut = 0.5
	rowCut   = 0.7
	longHold = 2 * time.Second
	// nearCut and nearHold are for a throttle after good answers, which tells that the rate has just come to the limit.
	nearCut  = 0.9
	nearHold = 500 * time.Millisecond
	// caution is how a rate grows that was throttled before: see growth.
	caution = 2e-4
	// forgetThrottles is how long without a throttle it takes to grow as if there had never been one.
	forgetThrottles = 10 * time.Minute
	// paceJitter is how much later than the bucket allows a call may come, as a part of the pause between two.
	paceJitter = 0.1
)

// budget is the token bucket of one operation of one account and region. A quota is shared with the rest of the account,
// which adit knows nothing of, so the rate is learnt as TCP learns a path: clean seconds add to it, a throttle cuts it and
// has nothing asked for a while. What is left to chance keeps several that share a quota from falling into step.
type budget struct {
	limiter *rate.Limiter
	most    rate.Limit
	burst   int
	random  func() float64

	mu sync.Mutex
	// held is until when nothing is asked; after the first throttle it is also since when there was none.
	held time.Time
	// raised is when the rate last grew.
	raised time.Time
	// throttled: there was a throttle that is not yet forgotten. row counts those without a good answer in between.
	throttled bool
	row       int
}

// budgets are those of one account and region.
type budgets struct{ list, describe *budget }

func (o WatcherOptions) budgets() budgets {
	return budgets{
		list:     newBudget(o.ListRate, o.ListRate, listBurst, o.Random),
		describe: newBudget(o.Rate, o.MostRate, o.Burst, o.Random),
	}
}

func newBudget(start, most float64, burst int, random func() float64) *budget {
	return &budget{limiter: rate.NewLimiter(rate.Limit(start), burst), most: rate.Limit(most), burst: burst, random: random}
}

// rate is how many calls a second there are at present.
func (b *budget) rate() float64 { return float64(b.limiter.Limit()) }

// wait blocks until one more call may be made.
func (b *budget) wait(ctx context.Context) error {
	if err := b.limiter.Wait(ctx); err != nil {
		return err
	}
	for pause := max(b.hold(), b.jitter()); pause > 0; pause = b.hold() {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}

func (b *budget) hold() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.held)
}

// jitter delays a call a little once others are seen to use the quota. Much would do harm: the more even the pace of
// each, the less often all of them together go beyond the limit.
func (b *budget) jitter() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.throttled {
		return 0
	}
	return time.Duration(b.random() * paceJitter / b.rate() * float64(time.Second))
}

// heard learns from an answer.
func (b *budget) heard(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case now.Before(b.held):
		// Calls that were under way at the throttle tell nothing new.
	case KindOf(err) == KindThrottled:
		b.cut(now)
	default:
		b.row = 0
		b.grow(now)
	}
}

// cut is for a throttle. From now on there are no bursts: in a crowded quota they hit what others do.
func (b *budget) cut(now time.Time) {
	left, hold := rate.Limit(nearCut), nearHold
	switch {
	case b.row > 0:
		left, hold = rowCut, longHold<<min(b.row, mostDoubling)
	case !b.throttled:
		left, hold = firstCut, longHold
	}
	b.limiter.SetLimit(max(b.limiter.Limit()*left, leastRate))
	b.limiter.SetBurst(1)
	b.held = now.Add(time.Duration((0.5 + b.random()) * float64(hold)))
	b.raised = b.held
	b.throttled = true
	b.row++
}

func (b *budget) grow(now time.Time) {
	if now.Sub(b.raised) < time.Second {
		return
	}
	if b.throttled && now.Sub(b.held) >= forgetThrottles {
		b.throttled = false
		b.limiter.SetBurst(b.burst)
	}
	b.limiter.SetLimit(min(b.limiter.Limit()+b.growth(now), b.most))
	b.raised = now
}

// growth is what one more clean second adds. After a throttle it is little, and more the longer there was no other, so
// that most of the time is spent just below the limit. The larger a rate is the slower it grows, and the smaller it is
// the more each cut leaves it: so those who share a quota come to equal parts.
func (b *budget) growth(now time.Time) rate.Limit {
	if !b.throttled {
		return rateStep
	}
	r := b.limiter.Limit()
	return min(rateStep, caution*rate.Limit(now.Sub(b.held).Seconds())*min(r, 1/(r*r*r*r)))
}

// sleep waits, or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
