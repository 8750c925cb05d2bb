package tunnelconn

import (
	"strings"
	"sync"
	"time"

	"adit/tunnelconn/wire"
)

// standardFallBack is SourceConfig.FallBack unless given: the reference local proxy may need 12 s to reach its server.
const standardFallBack = 15 * time.Second

// holdLimit bounds what a hold keeps, in bytes. With one more read it is still less than an outlet takes at once.
const holdLimit = 64 << 10

// hold keeps back what a client says until the device has spoken. A device that does not answer a stream of V3 may be one
// that knows V1 only and refuses everything else, and what was sent to it by then would have to be sent twice. A nil hold
// keeps nothing.
type hold struct {
	pool *buffers
	// timer asks the device in V1.
	timer *time.Timer
	// answered: a byte of the device has come. repeated: it was asked in V1 a second time. Both are guarded by the mux's
	// lock.
	answered, repeated bool

	mu   sync.Mutex
	turn sync.Cond
	kept []*buffer
	size int
	open bool // nothing is kept any more
}

func newHold(pool *buffers, timer *time.Timer) *hold {
	h := &hold{pool: pool, timer: timer}
	h.turn.L = &h.mu
	return h
}

// keep takes a buffer, waiting for the end of the hold when there is no room. False means that the hold is over and the
// buffer still the caller's.
func (h *hold) keep(b *buffer) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for !h.open && h.size >= holdLimit {
		h.turn.Wait()
	}
	if h.open {
		return false
	}
	h.size += len(b.bytes())
	// Somebody who types fills no buffer of his own with each letter.
	if n := len(h.kept); n > 0 && len(h.kept[n-1].room()) >= len(b.bytes()) {
		last := h.kept[n-1]
		last.to += copy(last.room(), b.bytes())
		h.pool.put(b)
		return true
	}
	h.kept = append(h.kept, b)
	return true
}

// pending is how many bytes are kept.
func (h *hold) pending() int {
	if h == nil {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.size
}

// release ends the hold by sending what is kept, in front of all that comes after. It does not wait.
func (h *hold) release(send func(*buffer) bool) {
	if h == nil {
		return
	}
	h.timer.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.kept {
		if !send(b) {
			h.pool.put(b)
		}
	}
	h.kept, h.size, h.open = nil, 0, true
	h.turn.Broadcast()
}

// drop ends the hold and forgets what is kept.
func (h *hold) drop() { h.release(func(*buffer) bool { return false }) }

// speaksFirst tells whether the server of a service says the first word. Only of those can a source wait for it, and they
// are the ones that agents of V1 serve.
func speaksFirst(service string) bool {
	return strings.EqualFold(service, "SSH") || strings.EqualFold(service, "VNC")
}

// guesses tells whether a new stream may turn out to need V1. A service goes by what the tunnel calls it, or where that has
// no names by what the owner does.
func (x *sourceSession) guesses(name, asked string) bool {
	if name == "" {
		if name = asked; name == "" {
			name = x.source.sole
		}
	}
	return x.source.fallBack > 0 && x.source.unknown() && len(x.session.serviceIDs()) <= 1 && speaksFirst(name)
}

// fallBack starts the stream of a connection that has had no answer anew in V1. In this order it harms nobody: what knows
// V1 only has ignored the first start, while most that know V3 leave the tunnel over a start of V1.
func (x *sourceSession) fallBack(c *connection) {
	x.mu.Lock()
	defer x.mu.Unlock()
	st := c.stream
	switch {
	case x.over || st.conns[c.id] != c || c.hold.answered || !x.source.unknown():
	case st.naming.Load().shape == V1:
		x.source.speak(V3) // The guess was wrong.
	default:
		x.session.log.Info("no answer yet, asking in the protocol of old devices", "service", st.service)
		x.startInV1(c)
	}
}

// guessAgain starts a stream of V1 that was a guess once more when it is reset before an answer, and tells whether it did.
// A device that leaves the tunnel over the guess and comes back makes the service reset the stream.
func (x *sourceSession) guessAgain(st *stream) bool {
	c := st.first
	if c == nil || c.hold == nil || c.hold.answered || c.hold.repeated || st.naming.Load().shape != V1 {
		return false
	}
	c.hold.repeated = true
	x.startInV1(c)
	return true
}

// keepGuess has the next session begin in V1 when this one is lost while a guess is open: by the guide a service may end a
// session that goes from messages with a service to such without. The device was asked in V1 by then, so it costs no more.
func (x *sourceSession) keepGuess() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, st := range x.streams {
		if c := st.first; c != nil && c.hold != nil && !c.hold.answered && st.naming.Load().shape == V1 && x.source.shape() == V3 {
			x.source.speak(V1)
		}
	}
}

// startInV1 replaces a stream by one of V1 for the same connection. It is called with the lock.
func (x *sourceSession) startInV1(c *connection) {
	st := c.stream
	last := st.message(wire.StreamReset, max(c.id, 1))
	st.naming.Store(&naming{x.source.nextStream(), V1})
	x.send(last)
	x.send(st.message(wire.StreamStart, c.id))
	// Whoever ended the connection meanwhile may have reset the stream that was replaced.
	if c.finished.Load() {
		x.send(st.message(wire.StreamReset, c.id))
	}
}
