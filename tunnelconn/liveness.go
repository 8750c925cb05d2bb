package tunnelconn

import (
	"io"
	"sync/atomic"
	"time"
)

// liveness decides when a link is silent: it once answered a ping, so it can, and now has given no byte for long after
// another ping was written. Where pings are never answered, as on a destination without a source, silence says nothing;
// nor does it while the reader is held up by a local side that reads slowly.
type liveness struct {
	begun time.Time
	// ponged: a ping of ours was answered.
	ponged atomic.Bool
	// pongedBusy: one was in the middle of many bytes; heardBy is what had come when the last was, and the reader's alone.
	pongedBusy atomic.Bool
	heardBy    int64
	// busy: a message is being handled, and nothing is read.
	busy atomic.Bool
	// asked is when the first ping since the last byte was written, as a duration since begun; zero is none. heard counts
	// the bytes that came. tripped is the last round trip.
	asked, heard, tripped atomic.Int64
}

// pinged records that a ping is being written.
func (l *liveness) pinged() { l.asked.CompareAndSwap(0, int64(time.Since(l.begun))) }

// busyBytes are so many between two answers that those come in the middle of a transfer, in bytes.
const busyBytes = 256 << 10

// answered records the answer to a ping.
func (l *liveness) answered(trip time.Duration) {
	heard := l.heard.Load()
	if heard-l.heardBy >= busyBytes {
		l.pongedBusy.Store(true)
	}
	l.heardBy = heard
	l.tripped.Store(int64(trip))
	l.ponged.Store(true)
}

// trip is the last round trip; zero before the first.
func (l *liveness) trip() time.Duration { return time.Duration(l.tripped.Load()) }

// silent tells whether a ping has been followed by nothing for limit.
func (l *liveness) silent(limit time.Duration) bool {
	if l.busy.Load() {
		l.asked.Store(0)
		return false
	}
	asked := l.asked.Load()
	return asked != 0 && l.ponged.Load() && time.Since(l.begun)-time.Duration(asked) >= limit
}

// listen makes every byte that r gives a sign of life.
func (l *liveness) listen(r io.Reader) io.Reader { return &heard{r, l} }

type heard struct {
	io.Reader
	liveness *liveness
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if n > 0 {
		h.liveness.asked.Store(0)
		h.liveness.heard.Add(int64(n))
	}
	return n, err
}

// delivery is what the kernel knows of what was sent.
type delivery struct {
	// acked bytes were acknowledged, ever; owed: others were sent that are not. A machine that takes no more data owes
	// none, and answers the kernel's probes.
	acked uint64
	owed  bool
	// probes of a full window were sent since anything last came.
	probes int
	// sentAgo is when bytes were last sent, for the first time or again, ackedAgo when anything last came that acknowledges,
	// trip the round trip of the packets.
	sentAgo, ackedAgo, trip time.Duration
}
