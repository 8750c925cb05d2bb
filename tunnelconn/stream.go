package tunnelconn

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"adit/tunnelconn/wire"
)

// stream is what a service carries at a time: one connection before V3, from then on many.
type stream struct {
	// key is what this end calls the service, service what messages call it.
	key, service string
	// naming is how messages tell the stream. It changes when a source starts the stream anew in another shape.
	naming atomic.Pointer[naming]
	// learnt tells whether the peer was found to know one connection a stream only; nil where the shape says all.
	learnt func() bool

	owner streamOwner

	// The rest is guarded by the mux's lock.
	conns map[uint32]*connection
	// first is the connection that came with the stream, nil once it has ended. It is the one that messages without a
	// connection id speak of, whoever sends them.
	first *connection
	// lingering are those whose local side has ended and that wait for an answer, the oldest first.
	lingering []*connection
}

// naming is the id of a stream and the shape of its messages.
type naming struct {
	id    int32
	shape Version
}

func newStream(key, service string, id int32, shape Version, owner streamOwner) *stream {
	st := &stream{key: key, service: service, owner: owner}
	st.naming.Store(&naming{id, shape})
	return st
}

func (st *stream) id() int32 { return st.naming.Load().id }

// single tells whether the peer knows one connection a stream.
func (st *stream) single() bool {
	return st.naming.Load().shape.single() || st.learnt != nil && st.learnt()
}

// streamOwner is the end of a session that has a stream.
type streamOwner interface {
	// release forgets a connection that has ended on our side.
	release(c *connection)
	// linger counts a connection that goes on without its local side. retire ends the oldest of a stream that does, if more
	// than so many do.
	linger(c *connection)
	retire(st *stream, most int) bool
	// send queues a control message.
	send(m wire.Message)
	// shared tells whether more than one connection runs.
	shared() bool
}

// message begins a message of the stream, in its shape.
func (st *stream) message(kind wire.Type, connection uint32) wire.Message {
	as := st.naming.Load()
	m := wire.Message{Type: kind, StreamID: as.id}
	if as.shape != V1 {
		m.ServiceID = st.service
	}
	if as.shape == V3 {
		m.ConnectionID = connection
	}
	return m
}

// resetOf is the message that ends one connection. A stream reset of a V3 stream carries a connection id too, because the
// AWS SDKs drop the link over one without.
func (st *stream) resetOf(c *connection) wire.Message {
	if st.single() {
		return st.message(wire.StreamReset, max(c.id, 1))
	}
	return st.message(wire.ConnectionReset, c.id)
}

// find is the connection that a message of the shape concerns, or nil.
func (st *stream) find(id uint32, shape Version) *connection {
	if shape.single() {
		return st.first
	}
	return st.conns[id]
}

// mux holds the streams of one session. They end with it: the protocol resumes nothing.
type mux struct {
	session *session
	mu      sync.Mutex
	streams map[string]*stream
	live    int
	// over: the session has ended, and nothing more may begin.
	over bool
}

// maxConnections bounds the connections of one tunnel.
const maxConnections = 1024

func newMux(s *session) mux { return mux{session: s, streams: make(map[string]*stream)} }

// begin makes a stream, which replaces the one of its key.
func (x *mux) begin(st *stream) {
	st.conns = make(map[uint32]*connection)
	x.streams[st.key] = st
}

// add makes a connection of a stream.
func (x *mux) add(st *stream, id uint32, count *counters, lingers bool) *connection {
	c := &connection{
		stream: st, id: id, count: count, lingers: lingers,
		timing: x.session.timing, pool: x.session.pool,
		in: newInbox(x.session.pool, x.session.budget), out: x.session.out.outlet(),
		begun: time.Now(), ended: make(chan struct{}),
	}
	c.end.over = make(chan struct{})
	c.killed, c.kill = context.WithCancelCause(context.Background())
	if len(st.conns) == 0 {
		st.first = c
	}
	st.conns[id] = c
	x.live++
	return c
}

// shared tells whether more than one connection runs in the tunnel.
func (x *mux) shared() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.live > 1
}

// remove forgets a connection; a stream that carries a single one ends with it.
func (x *mux) remove(c *connection) {
	st := c.stream
	if st.conns[c.id] != c {
		return
	}
	delete(st.conns, c.id)
	st.lingering = slices.DeleteFunc(st.lingering, func(other *connection) bool { return other == c })
	x.live--
	if st.first == c {
		st.first = nil
	}
	if len(st.conns) == 0 && st.single() && x.streams[st.key] == st {
		delete(x.streams, st.key)
	}
}

// maxLingering bounds the connections of a service that go on without their local side. Each is one more at the device,
// whose application may well wait for the end, and a client that makes many short ones would pile them up there.
const maxLingering = 64

// linger counts a connection that goes on without its local side, and ends the oldest when they are too many.
func (x *mux) linger(c *connection) {
	x.mu.Lock()
	st := c.stream
	if st.conns[c.id] == c {
		st.lingering = append(st.lingering, c)
	}
	x.mu.Unlock()
	if x.retire(st, maxLingering) {
		c.out.hurry()
	}
}

// retire ends the oldest connection of a stream that lingers if more than so many do, and tells whether it did. It has to be
// followed by an outlet's send or hurry.
func (x *mux) retire(st *stream, most int) bool {
	x.mu.Lock()
	var oldest *connection
	if len(st.lingering) > most {
		oldest = st.lingering[0]
		st.lingering = slices.Delete(st.lingering, 0, 1)
	}
	x.mu.Unlock()
	if oldest != nil {
		oldest.evict()
	}
	return oldest != nil
}

// end forgets a stream, and gives what it carried.
func (x *mux) end(st *stream) []*connection {
	conns := make([]*connection, 0, len(st.conns))
	for _, c := range st.conns {
		conns = append(conns, c)
	}
	clear(st.conns)
	st.first, st.lingering = nil, nil
	x.live -= len(conns)
	if x.streams[st.key] == st {
		delete(x.streams, st.key)
	}
	return conns
}

// endAll forgets all streams, and gives what they carried.
func (x *mux) endAll() []*connection {
	var conns []*connection
	for _, st := range x.streams {
		conns = append(conns, x.end(st)...)
	}
	return conns
}

// lost cuts what the session's end leaves behind.
func (x *mux) lost(cause error) {
	x.mu.Lock()
	x.over = true
	x.mu.Unlock()
	x.cutAll(cause)
}

// cutAll ends all streams and cuts what they carry.
func (x *mux) cutAll(cause error) {
	x.mu.Lock()
	conns := x.endAll()
	x.mu.Unlock()
	for _, c := range conns {
		c.cut(cause)
	}
}

// leave ends everything in order. A connection whose local side had ended has only to deliver what is queued; any other
// is cut, and its stream reset behind that, which a V3 peer takes for a cut too. One of V1 or V2 would take it for the
// orderly end of what has arrived, so in the middle of a transfer it is told nothing.
func (x *mux) leave() []*buffer {
	x.mu.Lock()
	defer x.mu.Unlock()
	var last []*buffer
	for _, st := range x.streams {
		misread := false
		for _, c := range st.conns {
			switch {
			case c.finished.Load():
			case c.halfClosed.Load():
				c.sendReset()
			default:
				misread = misread || st.single() && c.sending()
				c.cut(ErrClosed)
			}
		}
		if misread {
			continue
		}
		reset := st.message(wire.StreamReset, 1)
		b := controlBuffer(nil)
		if err := b.frame(&reset); err == nil {
			last = append(last, b)
		}
	}
	return last
}

// send queues a control message.
func (x *mux) send(m wire.Message) {
	if b := x.control(m); b != nil {
		x.session.out.sendControl(b)
	}
}

// post queues a control message that may wait for what follows it at once.
func (x *mux) post(m wire.Message) {
	if b := x.control(m); b != nil {
		x.session.out.postControl(b)
	}
}

// control makes a control message, or nil if that fails.
func (x *mux) control(m wire.Message) *buffer {
	b := controlBuffer(nil)
	if err := b.frame(&m); err != nil {
		x.session.log.Error("cannot encode a message", "type", m.Type, "reason", err)
		return nil
	}
	return b
}
