package tunnelconn

import (
	"context"
	"errors"
	"time"
)

var errSilent = errors.New("the tunneling service stopped answering")

// keepAlive pings until the session is over. An error says that the link is dead, and how that showed.
//
// Silence after a ping is death when nothing of ours stands in front of the ping. With data on its way it may also be a
// service whose other side takes nothing, which does not come to the ping behind the data; and while bytes come down the
// answer may stand behind those. Then the kernel may know that what is sent does not get there; a machine that lives
// acknowledges what it gets, whatever its programs do. For the rest, such as a middlebox that takes everything, a second
// connection tells whether the way is still open. (Linux' TCP_USER_TIMEOUT would end a connection whose other end answers,
// but takes nothing for so long.)
type keepAlive struct {
	session *session
	clock   clock
	// stuck is since when the kernel has had bytes to be acknowledged and not one more was, acked how many were by then.
	// ignored: what was sent meanwhile has had no answer of any kind.
	stuck   time.Time
	acked   uint64
	ignored bool
	// asked is when the oldest ping without an answer was sent, heard what had come by then, shut that a second connection
	// failed since. busyAt is when the reader was last seen to wait for a local side. All times are of the writer's clock.
	asked, busyAt time.Duration
	heard         int64
	shut          bool
	// path gets what a second connection showed; nil while none is tried. tried is when one was, last.
	path  chan error
	tried time.Time
}

func (s *session) keepAlive(over context.Context) error {
	k := &keepAlive{session: s, clock: newClock(s.timing.wall)}
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
			k.shut = err != nil
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
	if k.undelivered() {
		return true
	}
	late, came := k.lateness()
	backedUp := s.out.backedUp()
	switch silent := s.liveness.silent(s.timing.silent); {
	case silent && (!backedUp || s.liveness.silent(s.timing.backedUp)):
		return true
	case k.shut && late >= max(s.timing.silent, 4*s.liveness.trip()):
		return true
	case !backedUp && s.liveness.pongedBusy.Load() && late >= s.timing.silent && (came >= deafBytes || late >= s.timing.backedUp):
		return true
	case (silent || late >= s.timing.silent/2) && k.path == nil && time.Since(k.tried) >= s.timing.tryPath:
		k.try(over)
	}
	return false
}

// deafBytes is what may come down before the answer to a ping, in bytes: more than the buffers hold that it may stand behind.
// It counts for a service that has answered in the middle of a transfer before, as the guide allows it not to answer at all.
const deafBytes = 16 << 20

// undelivered tells whether the kernel sees that what is sent does not get there: not one byte more was acknowledged for
// long, and what was sent again had no answer of any kind, or no probe of a full window had. What comes down carries
// acknowledgements too, so those alone say nothing. A machine without room for what it gets says that much.
func (k *keepAlive) undelivered() bool {
	limit := k.session.timing.silent
	d, known := k.session.delivery()
	if known && d.probes > 1 && d.ackedAgo >= limit {
		return true
	}
	if !known || !d.owed || d.acked != k.acked || k.stuck.IsZero() {
		k.acked, k.stuck, k.ignored = d.acked, time.Now(), false
		return false
	}
	const tick = 10 * time.Millisecond // of the kernel's clock
	if d.sentAgo >= max(limit/8, 2*d.trip) && d.ackedAgo > d.sentAgo+tick {
		k.ignored = true
	}
	return k.ignored && time.Since(k.stuck) >= limit
}

// lateness is for how long the oldest ping has had no answer while the reader reads, and how many bytes have come in that
// time. It is zero on a link that has answered none.
func (k *keepAlive) lateness() (late time.Duration, came int64) {
	s := k.session
	now := s.out.now()
	if s.liveness.busy.Load() {
		k.busyAt = now
	}
	asked, waits := s.out.asked()
	heard := s.liveness.heard.Load()
	if !waits || !s.liveness.ponged.Load() {
		k.asked, k.shut = 0, false
		return 0, 0
	}
	if asked != k.asked {
		k.asked, k.heard, k.shut = asked, heard, false
	}
	return now - max(asked, k.busyAt), heard - k.heard
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
