package tunnelconn

import (
	"errors"
	"strings"
	"sync"
	"time"

	"adit/tunnelconn/wire"
)

// standardFallBack is SourceConfig.FallBack unless given: the reference local proxy may need 12 s to reach its server.
const standardFallBack = 15 * time.Second

// holdLimit bounds what a hold keeps, in bytes. With one more read it is still less than an outlet takes at once.
const holdLimit = 64 << 10

var (
	// errReshaped ends a session so that the next one may speak another shape: by the guide messages name a service in all of
	// a session or in none of it.
	errReshaped = errors.New("the device is asked in another protocol, in a session of its own")
	// errMoved ends a connection that goes on in the next session, with the same local side.
	errMoved = errors.New("the connection goes on in the next session")
)

// hold keeps back what a client says until the device has spoken. A device that does not answer a stream of V3 may be one
// that knows V1 only and refuses everything else, and what was sent to it by then would have to be sent twice. A nil hold
// keeps nothing.
type hold struct {
	pool *buffers
	// timer asks the device in the other shape.
	timer *time.Timer
	// asked is how many shapes the device was asked in for this client.
	asked int
	// answered: a byte of the device has come. repeated: the stream of this session was started a second time. Both are
	// guarded by the mux's lock.
	answered, repeated bool

	mu   sync.Mutex
	turn sync.Cond
	kept []*buffer
	size int
	open bool // nothing is kept any more
	// moving: whatever still comes is kept, for another hold to take.
	moving bool
}

// newHold begins to keep what a client says; before is what it has said in earlier sessions, nil in its first.
func newHold(pool *buffers, timer *time.Timer, before *hold) *hold {
	h := &hold{pool: pool, timer: timer, asked: 1}
	h.turn.L = &h.mu
	if before != nil {
		h.asked += before.asked
		h.kept, h.size = before.take()
	}
	return h
}

// take gives what a hold kept that is being moved, and leaves nothing.
func (h *hold) take() ([]*buffer, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept, size := h.kept, h.size
	h.kept, h.size = nil, 0
	return kept, size
}

// move has the hold keep all that still comes until take.
func (h *hold) move() {
	h.timer.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.moving = true
	h.turn.Broadcast()
}

// keep takes a buffer, waiting for the end of the hold when there is no room. False means that the hold is over and the
// buffer still the caller's.
func (h *hold) keep(b *buffer) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for !h.open && !h.moving && h.size >= holdLimit {
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

// fallBack asks a device that has not answered a connection in the other shape, in a session of its own to which the
// connection moves. In the order V3, V1 it harms nobody: what knows V1 only has ignored the first start, while most that
// know V3 leave the tunnel over a start of V1.
func (x *sourceSession) fallBack(c *connection) {
	x.mu.Lock()
	defer x.mu.Unlock()
	st := c.stream
	switch {
	case x.over || st.conns[c.id] != c || c.finished.Load() || c.hold.answered || !x.source.unknown():
	case x.live > 1:
		c.hold.timer.Reset(x.source.fallBack) // The new session would cut the others.
	case c.hold.asked > 1:
		x.source.speak(V3) // Neither was the right one, so the next client begins where this one did.
	default:
		other := V1
		if st.naming.Load().shape == V1 {
			other = V3
		}
		x.session.log.Info("no answer yet, asking in the other protocol, on a new link", "service", st.service, "protocol", other)
		x.source.speak(other)
		x.send(st.message(wire.StreamReset, max(c.id, 1)))
		x.end(st)
		c.moveOn()
		x.makeWay()
	}
}

// makeWay ends the session in order, in favour of one of another shape. It is called with the lock, when nothing is alive.
func (x *sourceSession) makeWay() {
	x.over = true
	x.source.leave(x)
	x.source.turn()
	x.session.makeWay()
}

// guessAgain starts a stream of V1 that was a guess once more when it is reset before an answer, and tells whether it did.
// A device that leaves the tunnel over the guess and comes back makes the service reset the stream.
func (x *sourceSession) guessAgain(st *stream) bool {
	c := st.first
	if c == nil || c.hold == nil || c.hold.answered || c.hold.repeated || st.naming.Load().shape != V1 {
		return false
	}
	c.hold.repeated = true
	last := st.message(wire.StreamReset, max(c.id, 1))
	st.naming.Store(&naming{x.source.nextStream(), V1})
	x.send(last)
	x.send(st.message(wire.StreamStart, c.id))
	// Whoever ended the connection meanwhile may have reset the stream that was replaced.
	if c.finished.Load() {
		x.send(st.message(wire.StreamReset, c.id))
	}
	return true
}
