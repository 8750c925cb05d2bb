package tunnelconn

import "time"

const (
	// minWindow and maxWindow bound a window, and firstWindow is where it starts, in bytes. The least is 40 ms of a tunnel
	// at the service's quota of 100 KB/s.
	minWindow, firstWindow, maxWindow = 4 << 10, 16 << 10, 1 << 20
	// queueing is how much longer than the bare round trip the bytes of a window may take, beside an eighth of the round
	// trip itself, so that the link never runs dry between an answer and the next message.
	queueing = 10 * time.Millisecond
	// unanswered is how long a ping may be out before the window counts by the kernel instead.
	unanswered = 2 * time.Second
	// trusted is how long the bare round trip is believed before it is measured anew, on a link that is let run dry.
	trusted = 10 * time.Second
	// clean is how many bytes may be on their way in front of a ping that measures the bare round trip.
	clean = 1 << 10
	// maxPings bounds the pings that wait for an answer, where none ever comes.
	maxPings = 64
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

	// rate is in bytes a second, zero before the first measurement.
	rate float64
	// trip is the bare round trip, tripAt when it was measured; zero before.
	trip, tripAt time.Duration
	// ranDry is when there was last nothing to send: what is measured across it is the application's pace, not the link's,
	// and says only that the link is at least so fast.
	ranDry time.Duration
	// pausedAt is what was written when the window closed to let the link run dry; paused until that is measured.
	paused   bool
	pausedAt uint64
}

type ping struct {
	id      int64
	at      time.Duration
	written uint64 // when it was sent
	acked   uint64
	ackedAt time.Duration
}

func newWindow() window { return window{size: firstWindow} }

// pending is how many bytes are not known to have arrived.
func (w *window) pending() uint64 { return w.written - w.acked }

// open tells whether more bulk data may be written.
func (w *window) open(now time.Duration) bool {
	if !w.paused && w.trip != 0 && now-w.tripAt > trusted {
		w.paused, w.pausedAt = true, w.written
	}
	return !w.paused && w.pending() < w.size
}

// wants tells whether a ping is due now, so that the window opens again.
func (w *window) wants() bool {
	unpinged := w.written - w.pinged
	if w.paused {
		// One after what was written before the pause, and once that has arrived one more that measures.
		return w.pings.len() == 0 || w.pinged < w.pausedAt
	}
	return unpinged >= max(w.size/4, minWindow/2)
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
	w.lastID = max(now.Microseconds(), w.lastID+1)
	w.pings.push(ping{id: w.lastID, at: now, written: w.written, acked: w.acked, ackedAt: w.ackedAt})
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
	w.arrived(p.written, now)
	if p.ackedAt > 0 {
		w.measureRate(float64(w.acked-p.acked)/max(now-p.ackedAt, 50*time.Microsecond).Seconds(), p.ackedAt)
	}
	return trip, true
}

// arrived counts what is known to have arrived.
func (w *window) arrived(upTo uint64, now time.Duration) {
	w.acked = max(w.acked, upTo)
	w.ackedAt = now
}

func (w *window) measureTrip(p ping, trip, now time.Duration) {
	measures := w.paused && p.acked >= w.pausedAt
	if w.trip == 0 || trip <= w.trip || measures || p.written-p.acked <= clean {
		w.trip, w.tripAt = trip, now
		if w.paused {
			w.paused = false
			w.dry(now)
		}
	}
}

// measureRate takes one measurement, which began at since. It rises by an eighth at most, because a service that has
// slept passes on a burst at once, and falls by as little, because a hiccup looks like a slower link.
func (w *window) measureRate(rate float64, since time.Duration) {
	if paced := since <= w.ranDry; paced && w.sized(rate) <= w.size {
		return
	}
	if w.rate == 0 {
		w.rate = float64(w.size) / w.delay().Seconds()
	}
	if rate > w.rate {
		w.rate += min((rate-w.rate)/4, w.rate/8)
	} else {
		w.rate -= (w.rate - rate) / 8
	}
	w.size = w.sized(w.rate)
}

// delay is how long the bytes of a window may take. A third is for those that have arrived and whose ping has not yet,
// since there is one for each quarter of the window.
func (w *window) delay() time.Duration { return (w.trip + w.trip/8 + queueing) * 4 / 3 }

// sized is the window for a rate.
func (w *window) sized(rate float64) uint64 {
	return uint64(min(max(rate*w.delay().Seconds(), minWindow), maxWindow))
}

// message is how large a bulk message should be, in bytes of payload.
func (w *window) message() int { return int(min(largeRoom, max(2<<10, w.size/8))) }
