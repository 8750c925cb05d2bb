package tunnelconn

import (
	"context"
	"errors"
	"time"
)

var (
	errSilent = errors.New("the tunneling service stopped answering")
	errSlept  = errors.New("the machine slept for long, so the link is built anew")
)

// keepAlive pings until the session is over. An error says that the link is dead, and how that showed.
//
// Silence after a ping is death when nothing of ours stands in front of the ping. With data on its way it may also be a
// service whose other side takes nothing, which does not come to the ping behind the data. Then the kernel may know that
// not even the other machine answers; a machine that lives acknowledges what it gets, whatever its programs do. For the
// rest, such as a middlebox that takes everything, a second connection tells whether the way is still open. (Linux'
// TCP_USER_TIMEOUT would end a connection whose other end answers, but takes nothing for so long.)
type keepAlive struct {
	session *session
	clock   clock
	// unanswered is since when the kernel has waited for acknowledgements; zero is not.
	unanswered time.Time
	// path gets what a second connection showed; nil while none is tried. tried is when one was, last.
	path  chan error
	tried time.Time
}

// wokenBriefly and wokenLong are how far the wall clock has to have jumped for a link to be doubted, and to be given up.
// A clock that is set by an hour forward costs a link; one that is set back costs nothing.
const wokenBriefly, wokenLong = 2500 * time.Millisecond, time.Minute

func (s *session) keepAlive(over context.Context) error {
	k := &keepAlive{session: s, clock: newClock(s.wall)}
	ping := time.NewTicker(s.timing.pingEvery)
	defer ping.Stop()
	check := time.NewTicker(s.timing.silent / 8)
	defer check.Stop()
	doubt := time.NewTimer(time.Hour)
	doubt.Stop()
	var heard int64 // when the doubt began
	s.out.sendPing()
	defer k.settle()
	for {
		select {
		case <-over.Done():
			return nil
		case <-ping.C:
			s.out.sendPing()
		case <-doubt.C:
			if s.liveness.heard.Load() == heard && s.liveness.ponged.Load() && !s.liveness.busy.Load() {
				return errSilent
			}
		case err := <-k.path:
			k.path = nil
			if err != nil && s.liveness.silent(s.timing.silent) {
				return errSilent
			}
		case <-check.C:
			switch jump := k.clock.jump(); {
			case jump > wokenLong:
				return errSlept
			case jump > wokenBriefly:
				heard = s.liveness.heard.Load()
				s.out.sendPing()
				doubt.Reset(s.timing.woken)
			}
			if k.dead(over) {
				return errSilent
			}
		}
	}
}

// dead judges the link, as far as that can be done at once.
func (k *keepAlive) dead(over context.Context) bool {
	s := k.session
	since, known := s.unacknowledged()
	switch {
	case !known || since == 0:
		k.unanswered = time.Time{}
	case k.unanswered.IsZero():
		k.unanswered = time.Now()
	case min(since, time.Since(k.unanswered)) >= s.timing.silent:
		return true
	}
	switch {
	case !s.liveness.silent(s.timing.silent):
		return false
	case !s.out.backedUp(), s.liveness.silent(s.timing.backedUp):
		return true
	case k.path == nil && time.Since(k.tried) >= s.timing.tryPath:
		k.try(over)
	}
	return false
}

// try makes a second connection in the background.
func (k *keepAlive) try(over context.Context) {
	k.tried = time.Now()
	k.path = make(chan error, 1)
	go func(answer chan<- error) {
		ctx, cancel := context.WithTimeout(over, k.session.timing.path)
		defer cancel()
		answer <- k.session.reach(ctx)
	}(k.path)
}

// settle waits for a try that is under way; the session's end has ended it.
func (k *keepAlive) settle() {
	if k.path != nil {
		<-k.path
	}
}

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
