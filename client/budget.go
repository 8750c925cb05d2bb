package client

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// holdAfterThrottle is how long nothing is asked after a throttle.
	holdAfterThrottle = 5 * time.Second
	// leastRate keeps a throttled watcher alive, in calls a second.
	leastRate rate.Limit = 0.2
	// rateStep is what a clean second gives back, in calls a second.
	rateStep rate.Limit = 0.1
)

// budget is what all calls of one account and region may use. Quotas are shared with the rest of the account, so it learns
// them as TCP learns a path: a throttle halves the rate, every clean second adds a little, up to the rate it began with.
type budget struct {
	limiter *rate.Limiter
	most    rate.Limit

	mu     sync.Mutex
	held   time.Time
	raised time.Time
}

func newBudget(perSecond float64, burst int) *budget {
	most := rate.Limit(perSecond)
	return &budget{limiter: rate.NewLimiter(most, burst), most: most}
}

// wait blocks until one more call may be made.
func (b *budget) wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		hold := time.Until(b.held)
		b.mu.Unlock()
		if hold <= 0 {
			return b.limiter.Wait(ctx)
		}
		if err := sleep(ctx, hold); err != nil {
			return err
		}
	}
}

// heard learns from an answer.
func (b *budget) heard(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch {
	case KindOf(err) == KindThrottled:
		// Calls that were under way when the first was throttled tell nothing new.
		if now.After(b.held) {
			b.limiter.SetLimit(max(b.limiter.Limit()/2, leastRate))
			b.held = now.Add(holdAfterThrottle)
		}
		b.raised = b.held
	case b.limiter.Limit() < b.most && now.Sub(b.raised) >= time.Second:
		b.limiter.SetLimit(min(b.limiter.Limit()+rateStep, b.most))
		b.raised = now
	}
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
