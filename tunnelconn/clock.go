package tunnelconn

import (
	"context"
	"errors"
	"time"
)

var errSlept = errors.New("the machine slept for long, so the link is built anew")

// wokenBriefly and wokenLong are how far the wall clock has to have jumped for a link to be doubted, and to be given up.
// A clock that is set by an hour forward costs a link; one that is set back costs nothing.
const wokenBriefly, wokenLong = 2500 * time.Millisecond, time.Minute

// clock notices that the machine has slept, which stops the clock that timers run by and not the one on the wall.
type clock struct {
	wall     func() time.Time
	seen, at time.Time
}

func newClock(wall func() time.Time) clock { return clock{wall, wall(), time.Now()} }

// jump is how much further than time itself the wall clock has moved since the last call; negative when it was set back.
func (c *clock) jump() time.Duration {
	seen, at := c.wall(), time.Now()
	jump := seen.Sub(c.seen) - at.Sub(c.at)
	c.seen, c.at = seen, at
	return jump
}

// untilWoken is a context that ends with errSlept when the machine has slept: whatever was waited for by then is looked at
// anew. The caller ends it.
func (t timing) untilWoken(ctx context.Context) (context.Context, context.CancelFunc) {
	awake, end := context.WithCancelCause(ctx)
	clock := newClock(t.wall)
	tick := time.NewTicker(t.awake)
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-awake.Done():
				return
			case <-tick.C:
				if clock.jump() > wokenBriefly {
					end(errSlept)
				}
			}
		}
	}()
	return awake, func() { end(nil) }
}
