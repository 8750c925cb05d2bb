package tunnelconn

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"adit/tunnelconn/wire"
)

// sourceSession is the source's end of one WebSocket: it starts streams and connections.
type sourceSession struct {
	mux
	source *Source
	// lastID is the connection id given last, by service. Ids are not reused, not even in a new stream: there are
	// destinations that look at nothing else.
	lastID map[string]uint32
	// shape is that of all streams of the session, Auto before the first.
	shape Version
}

// errWait says that a connection has to wait for another's progress.
var errWait = errors.New("not yet")

func newSourceSession(s *Source, session *session) *sourceSession {
	return &sourceSession{mux: newMux(session), source: s, lastID: make(map[string]uint32)}
}

func (x *sourceSession) ready() { x.source.turn() }

// begin starts a connection to a service; before is what its client has said in an earlier session, else nil. errWait, with
// a time to ask again or none, says that it cannot be decided yet.
func (x *sourceSession) begin(service string, count *counters, before *hold) (*connection, time.Duration, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return nil, 0, errWait
	}
	name, err := x.named(service)
	if err != nil {
		return nil, 0, err
	}
	if x.live >= maxConnections {
		return nil, 0, ErrTooMany
	}
	key := name
	if x.source.version == V1 {
		key = "" // Messages cannot say which service they are for.
	}
	st := x.streams[key]
	if st != nil {
		if wait, err := x.mayShare(st); err != nil {
			return nil, wait, err
		}
	}
	id := x.nextID(key, st)
	if st != nil && x.source.shares() {
		c := x.add(st, id, count, true)
		x.post(st.message(wire.ConnectionStart, id)) // run sends it
		return c, 0, nil
	}
	if st != nil {
		// Nothing is known of the peer: it may be one that has never heard of a second connection in a stream.
		x.send(st.message(wire.StreamReset, 1))
	}
	shape := x.source.shape()
	if x.shape != Auto && x.shape != shape && x.live == 0 {
		x.makeWay()
		return nil, 0, errWait
	}
	x.shape = cmp.Or(x.shape, shape)
	st = newStream(key, name, x.source.nextStream(), x.shape, x)
	st.learnt = x.source.single
	x.mux.begin(st)
	c := x.add(st, id, count, true)
	if x.guesses(name, service) {
		c.hold = newHold(x.session.pool, time.AfterFunc(x.source.fallBack, func() { x.fallBack(c) }), before)
	}
	x.send(st.message(wire.StreamStart, id))
	return c, 0, nil
}

// nextID gives a connection id: none that the stream has in use, should the numbers come round, and never 0, which is none.
func (x *sourceSession) nextID(key string, st *stream) uint32 {
	for {
		x.lastID[key]++
		id := x.lastID[key]
		if id != 0 && (st == nil || st.conns[id] == nil) {
			return id
		}
	}
}

// mayShare tells whether a live stream takes one more connection now.
func (x *sourceSession) mayShare(st *stream) (time.Duration, error) {
	if len(st.conns) == 0 || x.source.shares() {
		return 0, nil
	}
	// The second connection would take the first with it, if the peer turned out to carry only one: one of V1 or V2 reads
	// the start of a connection as something else, or drops the link over it. So a peer of which nothing is known gets a
	// moment to answer the first connection, and counts as one of those until it does. That may refuse the second one on
	// a V3 device whose first client says nothing, such as a browser that connects ahead of need; it is the lesser harm.
	first := st.first
	if x.source.unknown() && first != nil {
		if left := x.session.timing.learn - time.Since(first.begun); left > 0 {
			return left, errWait
		}
	}
	if first != nil && (first.halfClosed.Load() || first.finished.Load()) {
		first.yield()
		return 0, errWait
	}
	return 0, ErrBusyPeer
}

// shares tells whether the peer is known to carry many connections in a stream.
func (s *Source) shares() bool { return s.version == V3 || s.version == Auto && s.peer() == V3 }

// unknown tells whether nothing is known of the peer.
func (s *Source) unknown() bool { return s.version == Auto && s.peer() == Auto }

// named is how the tunnel calls a service that was asked for.
func (x *sourceSession) named(service string) (string, error) {
	ids := x.session.serviceIDs()
	switch {
	case service == "" && len(ids) == 1:
		return ids[0], nil
	case len(ids) == 0:
		// A tunnel without services carries one, which has no name; what it is called here does not matter.
		return "", nil
	case slices.Contains(ids, service):
		return service, nil
	default:
		return "", ErrNoService
	}
}

func (x *sourceSession) receive(m *wire.Message) error {
	switch m.Type {
	case wire.Data:
		if c := x.dataFor(m); c != nil {
			c.deliver(m.Payload)
		}
	case wire.ConnectionReset:
		x.mu.Lock()
		var c *connection
		if st := x.find(m); st != nil {
			if c = st.find(m.ConnectionID, shapeOf(st.service != "", m.ServiceID, m.ConnectionID)); c != nil {
				x.remove(c)
			}
		}
		x.mu.Unlock()
		if c != nil {
			c.farEnd()
			x.source.turn()
		}
	case wire.StreamReset:
		x.mu.Lock()
		var conns []*connection
		if st := x.find(m); st != nil && !x.guessAgain(st) {
			conns = x.end(st)
		}
		x.mu.Unlock()
		x.endStream(conns)
	case wire.SessionReset:
		x.cutAll(ErrReset)
		x.source.turn()
	default:
		return violation("a %v, which only a source sends", m.Type)
	}
	return nil
}

// endStream ends connections whose stream was reset. To an old peer that is how a connection ends, to a V3 one how
// everything is cut.
func (x *sourceSession) endStream(conns []*connection) {
	single := x.source.single()
	for _, c := range conns {
		if single {
			c.farEnd()
		} else {
			c.cut(ErrReset)
		}
	}
	x.source.turn()
}

// find is the stream that a message speaks of, by its service, or by its id alone when it names none.
func (x *sourceSession) find(m *wire.Message) *stream {
	if st := x.streams[m.ServiceID]; st != nil && st.id() == m.StreamID {
		return st
	}
	for _, st := range x.streams {
		if st.id() == m.StreamID && (m.ServiceID == "" || m.ServiceID == st.service) {
			return st
		}
	}
	return nil
}

// dataFor is the connection that data is for, and learns the peer's shape from it: resets tell nothing, since V3 peers
// and the service send some without a connection.
func (x *sourceSession) dataFor(m *wire.Message) *connection {
	x.mu.Lock()
	st := x.find(m)
	if st == nil {
		x.mu.Unlock()
		return nil
	}
	shape := shapeOf(st.service != "", m.ServiceID, m.ConnectionID)
	c := st.find(m.ConnectionID, shape)
	if c != nil && c.hold != nil && len(m.Payload) > 0 {
		c.hold.answered = true
	}
	spoken := st.naming.Load().shape
	x.mu.Unlock()
	if x.source.learn(shape, spoken) && x.source.single() {
		x.keepFirst()
	}
	return c
}

// keepFirst refuses the connections that an old peer has never heard of, now that it is known to be one.
func (x *sourceSession) keepFirst() {
	x.mu.Lock()
	var others []*connection
	for _, st := range x.streams {
		for _, c := range st.conns {
			if c != st.first {
				others = append(others, c)
			}
		}
	}
	for _, c := range others {
		x.remove(c)
	}
	x.mu.Unlock()
	for _, c := range others {
		c.count.refused.Add(1)
		c.cut(ErrBusyPeer)
	}
}

// lost ends the session's part, so that new connections wait for the next.
func (x *sourceSession) lost(cause error) {
	x.source.leave(x)
	x.mux.lost(cause)
}

// release forgets a connection that has ended on our side.
func (x *sourceSession) release(c *connection) {
	x.mu.Lock()
	x.remove(c)
	x.mu.Unlock()
	x.source.turn()
}
