package tunnelconn

import (
	"slices"
	"strings"

	"adit/tunnelconn/wire"
)

// destinationSession is the destination's end of one WebSocket: it answers the streams and connections that the source
// starts, in their shape.
type destinationSession struct {
	mux
	destination *Destination
}

func newDestinationSession(d *Destination, session *session) *destinationSession {
	return &destinationSession{mux: newMux(session), destination: d}
}

// ready says where the tunnel and the applications do not agree, before a client finds out.
func (x *destinationSession) ready() {
	ids := x.session.serviceIDs()
	if len(ids) == 0 {
		return
	}
	for _, id := range ids {
		if _, ok := x.service(id); !ok {
			x.session.log.Warn("a service of the tunnel has no application here: its connections will be refused", "service", cleanText(id))
		}
	}
	for key := range x.destination.targets {
		if key != "" && !slices.Contains(ids, key) {
			x.session.log.Warn("the tunnel has no such service: nothing will come for its application", "service", key, "services", cleanText(strings.Join(ids, " ")))
		}
	}
}

func (x *destinationSession) receive(m *wire.Message) error {
	switch m.Type {
	case wire.StreamStart:
		x.startStream(m)
	case wire.ConnectionStart:
		x.startConnection(m)
	case wire.Data:
		if c := x.find(m, false); c != nil {
			c.deliver(m.Payload)
		}
	case wire.ConnectionReset:
		// One for an unknown connection is not answered: the reference proxy answers each, and two such would never stop.
		if c := x.find(m, true); c != nil {
			c.peerEnded()
		}
	case wire.StreamReset:
		x.resetStream(m)
	case wire.SessionReset:
		x.cutAll(ErrReset)
	}
	return nil
}

// service is what this end calls a service of a message; "" when it has no application for it.
func (x *destinationSession) service(id string) (key string, ok bool) {
	targets := x.destination.targets
	if _, ok := targets[id]; ok {
		return id, true
	}
	ids := x.session.serviceIDs()
	switch _, unnamed := targets[""]; {
	case len(targets) != 1:
		return "", false
	case unnamed && (len(ids) == 0 || len(ids) == 1 && ids[0] == id):
		return "", true
	case id == "":
		for key := range targets {
			return key, true
		}
	}
	return "", false
}

// startStream replaces whatever stream the service has: the source would not start one if the old were alive to it. That
// holds for the same id too, since a source that was restarted may count from one again.
func (x *destinationSession) startStream(m *wire.Message) {
	shape := shapeOf(false, m.ServiceID, m.ConnectionID)
	x.destination.seen(shape)
	if x.destination.version != Auto {
		shape = x.destination.version
	}
	key, ok := x.service(m.ServiceID)
	st := newStream(key, m.ServiceID, m.StreamID, shape, x)
	if !ok || m.StreamID == 0 {
		x.session.log.Warn("a stream for which there is no application", "service", cleanText(m.ServiceID))
		x.send(st.message(wire.StreamReset, max(m.ConnectionID, 1)))
		return
	}
	x.mu.Lock()
	var replaced []*connection
	if old := x.streams[key]; old != nil {
		replaced = x.end(old)
	}
	x.begin(st)
	x.dial(st, m.ConnectionID, true)
	x.mu.Unlock()
	for _, c := range replaced {
		c.cut(ErrReset)
	}
}

func (x *destinationSession) startConnection(m *wire.Message) {
	key, ok := x.service(m.ServiceID)
	if !ok || m.StreamID == 0 || m.ConnectionID == 0 || x.destination.version.single() {
		// An old device does not know the message.
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	st := x.streams[key]
	if st == nil {
		// This end was reconnected and the source does not know: its stream goes on here.
		st = newStream(key, m.ServiceID, m.StreamID, V3, x)
		x.begin(st)
	}
	if st.id() != m.StreamID || st.single() || st.conns[m.ConnectionID] != nil || x.live >= maxConnections {
		refused := newStream(key, m.ServiceID, m.StreamID, V3, x)
		x.send(refused.message(wire.ConnectionReset, m.ConnectionID))
		return
	}
	x.dial(st, m.ConnectionID, false)
}

// dial begins a connection; the application is connected to in the background.
func (x *destinationSession) dial(st *stream, id uint32, starts bool) {
	d := x.destination
	if !d.enter() {
		return
	}
	c := x.add(st, id, d.board.service(st.key, ""), false)
	go func() {
		defer d.work.Done()
		d.serve(x, c, starts)
	}()
}

// find is the connection that a message concerns.
func (x *destinationSession) find(m *wire.Message, ends bool) *connection {
	key, ok := x.service(m.ServiceID)
	if !ok {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	st := x.streams[key]
	if st == nil || st.id() != m.StreamID {
		return nil
	}
	shape := V3
	if m.ConnectionID == 0 || st.single() {
		shape = V2
	}
	c := st.find(m.ConnectionID, shape)
	if c != nil && ends {
		x.remove(c)
	}
	return c
}

// resetStream ends a stream: in order when it carries a single connection, which ends in no other way, else by a cut.
func (x *destinationSession) resetStream(m *wire.Message) {
	key, ok := x.service(m.ServiceID)
	if !ok {
		return
	}
	x.mu.Lock()
	st := x.streams[key]
	if st == nil || st.id() != m.StreamID {
		x.mu.Unlock()
		return
	}
	conns := x.end(st)
	x.mu.Unlock()
	for _, c := range conns {
		if st.single() {
			c.peerEnded()
		} else {
			c.cut(ErrReset)
		}
	}
}

// refuse tells the source that the application cannot be reached. The stream ends with its first connection, unless others
// have come to it meanwhile.
func (x *destinationSession) refuse(c *connection, starts bool) {
	st := c.stream
	x.mu.Lock()
	current := st.conns[c.id] == c
	alone := len(st.conns) == 1
	x.remove(c)
	ends := starts && alone || st.single()
	if current && ends && x.streams[st.key] == st {
		x.end(st)
	}
	x.mu.Unlock()
	if current {
		kind := wire.ConnectionReset
		if ends {
			kind = wire.StreamReset
		}
		x.send(st.message(kind, max(c.id, 1)))
	}
	c.cut(ErrReset)
	c.in.abort()
	c.out.drop()
}

// release forgets a connection that has ended on our side.
func (x *destinationSession) release(c *connection) {
	x.mu.Lock()
	x.remove(c)
	x.mu.Unlock()
}
