package tunnelconn

import "time"

const (
	// firstWindow is where a window starts, maxWindow where it ends, in bytes.
	firstWindow, maxWindow = 16 << 10, 1 << 20
	// minMessage is the least that a bulk message should hold, in bytes of payload: fewer would cost more in headers than
	// they gain a keystroke.
	minMessage = 1536
	// spell is how long a message may keep the link busy, if it then still has minMessage. As much more than the bare
	// round trip may be on its way, so that the link never runs dry between an answer and the next message.
	spell = 3 * time.Millisecond
	// unanswered is how long a ping may be out before the window counts by the kernel instead.
	unanswered = 2 * time.Second
	// trusted is how long the bare round trip is believed before it is measured anew, on a link that is let run dry;
	// doubted is the same for the first measurement, and for one that differs from the one before it.
	trusted, doubted = 10 * time.Second, time.Second
	// allowance is how much longer than it should take the link is let run dry.
	allowance = 20 * time.Millisecond
	// clean is how many bytes may be on their way in front of a ping that measures the bare round trip.
	clean = 512
	// judgment is how long, and a round trip at least, the queue in front of the link is watched before the window follows it.
	judgment = 100 * time.Millisecond
	// maxPings bounds the pings that wait for an answer, where none ever comes.
	maxPings = 256
)

// window bounds what has been written and is not known to have arrived. Whatever is queued in the kernel and the network
// cannot be overtaken any more, so the less of it there is, the sooner a keystroke gets through; with too little the link
// runs dry. A pong tells that everything written before its ping has arrived at the service, because a WebSocket keeps
// order, and so how fast the link is.
//
// It decides nothing about time itself: every method gets the present as the duration since the link began.
type window struct {
	size    uint64
	written uint64 // bytes, ever
	acked   uint64 // of them known to have arrived
	ackedAt time.Duration
	// pings are the outstanding ones, oldest first; pinged is what was written before the newest.
	pings  queue[ping]
	pinged uint64
	lastID int64
	// asked is when the oldest ping without an answer was sent, if there is one.
	asked time.Duration

	// rate is in bytes a second, zero before the first measurement. It follows the fastest of the present round trip, best,
	// and of the one before: answers come in bunches, and all but the last of a bunch make the link seem slow.
	rate, best, bestBefore float64
	// trip is the bare round trip, the shorter of the last two measurements, so that a hiccup is not believed until it is
	// seen twice; zero before the first. bare is the last one, tripAt when it was made, jitter how much they differ.
	trip, bare, tripAt, jitter time.Duration
	// spare is how much longer than a bare round trip what is under way may be, against hiccups; it is less than nothing where
	// the rate is taken for more than it is. queued is the least that any ping since judgedAt waited for what was before it.
	spare, queued, judgedAt time.Duration
	// ranDry is when there was last nothing to send: what is measured across it is the application's pace, not the link's,
	// and says only that the link is at least so fast.
	ranDry time.Duration
	// resume is when the link will have run dry, while it is let do so for a measurement; zero else.
	resume time.Duration
	// round is what was written when the present round trip began, before the rate then.
	round  uint64
	before float64
	// steady: the window is as large as the link needs. Before, it is twice that, as long as each round trip shows the link
	// to be faster than the one before; stale is how many in a row have not.
	steady bool
	stale  int
}

type ping struct {
	id       int64
	at       time.Duration
	written  uint64 // when it was sent
	acked    uint64
	ackedAt  time.Duration
	measures bool // the link was let run dry for it
}

func newWindow() window { return window{size: firstWindow} }

// pending is how many bytes are not known to have arrived.
func (w *window) pending() uint64 { return w.written - w.acked }

// full tells whether one more message is one too many.
func (w *window) full() bool { return w.pending()+uint64(w.message()) > w.size }

// open tells whether more bulk data may be written. When the bare round trip is due it shuts, for as long as it takes the
// link to run dry.
func (w *window) open(now time.Duration) bool {
	if w.resume == 0 && w.rate > 0 && now-w.tripAt > trusted {
		// What is queued in front of the link is what is pending, less what is under way; and under way may be less than it
		// seems, so there is an allowance.
		pending := time.Duration(float64(w.pending()) / w.rate * float64(time.Second))
		queued := max(pending-w.trip, 0)
		w.resume = now + min(pending+spell, queued*5/4+allowance, unanswered/4)
	}
	return w.resume == 0 && !w.full()
}

// asks tells whether a ping is due that no data takes along: one that measures the bare round trip, or one without which
// the window would stay shut.
func (w *window) asks(now time.Duration) bool {
	if w.resume > 0 {
		return now >= w.resume
	}
	return w.pings.len() == 0 && w.full()
}

// patience is how long a window that is shut may be left alone.
func (w *window) patience(now time.Duration) time.Duration {
	if w.resume > 0 {
		return w.resume - now
	}
	return unanswered
}

// wants tells whether the message that was just written takes a ping along.
func (w *window) wants() bool { return w.written-w.pinged >= w.stride() }

// stride is how many bytes there are between two pings.
func (w *window) stride() uint64 {
	return max(uint64(w.message()), min(uint64(w.rate*spell.Seconds()), w.size/4))
}

// wrote counts bytes as they are written.
func (w *window) wrote(n int) { w.written += uint64(n) }

// dry notes that there is nothing to send.
func (w *window) dry(now time.Duration) { w.ranDry = now }

// ping makes the next ping. Its id is a decimal number, because the reference proxy and the browser samples read one.
func (w *window) ping(now time.Duration) int64 {
	switch w.pings.len() {
	case 0:
		w.asked = now
	case maxPings:
		w.pings.pop()
	}
	measures := w.resume > 0 && now >= w.resume
	if measures {
		w.resume, w.tripAt = 0, now
		w.dry(now)
	}
	w.lastID++
	w.pings.push(ping{id: w.lastID, at: now, written: w.written, acked: w.acked, ackedAt: w.ackedAt, measures: measures})
	w.pinged = w.written
	return w.lastID
}

// late tells whether a ping has been out for too long.
func (w *window) late(now time.Duration) bool {
	return w.pings.len() > 0 && now-w.asked > unanswered
}

// ponged takes the answer to a ping, and gives its round trip. An answer to one stands for all before it (RFC 6455,
// section 5.5.3); one that answers nothing is allowed, and means nothing.
func (w *window) ponged(id int64, now time.Duration) (trip time.Duration, ok bool) {
	if w.pings.len() == 0 || id < w.pings.oldest().id || id > w.lastID {
		return 0, false
	}
	var p ping
	for p.id < id {
		if w.pings.len() == 0 || w.pings.oldest().id > id {
			return 0, false
		}
		p = w.pings.pop()
	}
	if w.pings.len() > 0 {
		w.asked = w.pings.oldest().at
	}
	trip = max(now-p.at, time.Microsecond)
	w.measureTrip(p, trip, now)
	w.judge(trip, now)
	w.acked = max(w.acked, p.written)
	w.ackedAt = now
	if p.ackedAt > 0 {
		w.measureRate(float64(w.acked-p.acked)/max(now-p.ackedAt, 50*time.Microsecond).Seconds(), p.ackedAt)
	}
	return trip, true
}

func (w *window) measureTrip(p ping, trip, now time.Duration) {
	if !p.measures && p.written-p.acked > clean {
		if w.trip == 0 || trip < w.trip { // A busy link makes it longer at most.
			w.trip = trip
		}
		return
	}
	if w.bare == 0 {
		w.bare = trip
	}
	differs := (trip - w.bare).Abs()
	w.tripAt = now
	// What has become shorter may become shorter still: the link may not have run dry altogether.
	if w.trip == 0 || differs > w.bare/4+spell || trip < w.bare-w.bare/16-spell {
		w.tripAt -= trusted - doubted
	}
	w.jitter += (differs - w.jitter) / 4
	w.trip, w.bare = min(trip, w.bare), trip
}

// judge takes the round trip of a ping that went along with data. A queue that never empties only makes a keystroke wait:
// as long as the shortest of a while is longer than it has to be the window shrinks, and grows again when it is not. What it
// has to be is a message, and a little against hiccups, of which a long way has more.
func (w *window) judge(trip, now time.Duration) {
	w.queued = min(w.queued, max(trip-w.trip, 0))
	if now-w.judgedAt < max(w.trip, judgment) {
		return
	}
	if w.steady && w.rate > 0 {
		needed := time.Duration(float64(w.message())/w.rate*float64(time.Second)) + spell/2 + w.trip/128
		w.spare = max(w.spare-(w.queued-needed)/4, -w.trip/8)
	}
	w.spare = min(w.spare, w.trip/16+w.jitter)
	w.queued, w.judgedAt = time.Hour, now
}

// measureRate takes one measurement, which began at since. It rises by an eighth at most, because a service that has
// slept passes on a burst at once, and falls by as little, because a hiccup looks like a slower link.
func (w *window) measureRate(rate float64, since time.Duration) {
	if paced := since <= w.ranDry; paced && w.sized(rate) <= w.size {
		return
	}
	w.best = max(w.best, rate)
	switch fastest := max(w.best, w.bestBefore); {
	case w.rate == 0:
		w.rate = fastest
	case fastest > w.rate:
		w.rate += min((fastest-w.rate)/4, w.rate/8)
	default:
		w.rate -= (w.rate - fastest) / 8
	}
	if w.acked >= w.round {
		w.endRound()
	}
	w.size = w.sized(w.rate)
}

// endRound begins the next round trip.
func (w *window) endRound() {
	if !w.steady {
		const faster, enough = 1.25, 3
		if w.rate < w.before*faster {
			w.stale++
		} else {
			w.stale = 0
		}
		w.steady = w.stale == enough
	}
	w.round, w.before = w.written, w.rate
	w.best, w.bestBefore = 0, w.best
}

// sized is the window for a rate: what the link holds in a bare round trip, what is spare, a message that is being written,
// and what has arrived before its ping has.
func (w *window) sized(rate float64) uint64 {
	trip := w.trip
	if !w.steady {
		trip *= 2
	}
	need := rate*(trip+w.spare+spell).Seconds() + float64(w.message()) + float64(w.stride())
	return uint64(min(max(need, 2*minMessage), maxWindow))
}

// message is how large a bulk message should be, in bytes of payload.
func (w *window) message() int { return int(min(largeRoom, max(minMessage, w.rate*spell.Seconds()))) }
