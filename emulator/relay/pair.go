package relay

import (
	"sync"

	"github.com/gobwas/ws"

	"adit/emulator/tunnels"
	"adit/tunnelconn/wire"
)

// pair joins the two sides of a tunnel. Its lock is held from the decision what becomes of a frame until the frame is
// queued, so that what each side is told of streams agrees with what it is sent.
type pair struct {
	manners *manners

	mu    sync.Mutex
	links [2]*link // by side
}

func (p *pair) other(l *link) *link { return p.links[1-l.seat.Side] }

// join puts a newcomer in its place. The other side may hold streams whose other end is gone with the one before: it is
// told so now, because a local proxy has no other way to learn it, and the streams of a source would never be started
// again. It must be called with the lock.
func (p *pair) join(l *link) {
	select {
	case <-l.seat.Done(): // a later newcomer was faster
		return
	default:
	}
	p.links[l.seat.Side] = l
	p.resetOther(l)
	if peer := p.other(l); peer != nil && p.manners.idsAgain && peer.version > 1 {
		peer.tellServices()
	}
}

// resetOther ends the streams that the other side still holds. The caller holds the lock.
func (p *pair) resetOther(l *link) {
	peer := p.other(l)
	if peer == nil || p.manners.silentArrival {
		return
	}
	for _, s := range peer.streams {
		if s.id == 0 { // which was let pass, but kills a reference local proxy
			continue
		}
		peer.tell(wire.StreamReset, s.service, s.id, min(s.connection, 1))
	}
	peer.streams = nil
}

// tell queues a message of the relay's own.
func (l *link) tell(kind wire.Type, service string, stream int32, connection uint32) {
	m := wire.Message{Type: kind, StreamID: stream, ServiceID: service, ConnectionID: connection}
	if l.version < 3 {
		m.ConnectionID = 0
	}
	if l.version < 2 {
		m.ServiceID = ""
	}
	frame, err := wire.AppendFrame(nil, &m)
	if err != nil {
		l.log.Error("data plane: own message", "error", err)
		return
	}
	l.out.add(ws.OpBinary, frame)
}

// deliver passes a frame on, and waits as long as the other side has no room for it. It has to be followed by hurry.
func (p *pair) deliver(from *link, m *wire.Message, frame []byte) {
	for {
		room := p.tryDeliver(from, m, frame)
		if room == nil {
			return
		}
		p.hurry(from)
		select {
		case <-room:
		case <-from.ended:
			return
		}
	}
}

// hurry writes what was passed on.
func (p *pair) hurry(from *link) {
	p.mu.Lock()
	to := p.other(from)
	p.mu.Unlock()
	if to != nil {
		to.out.hurry()
	}
}

// tryDeliver returns what to wait for when there is no room.
func (p *pair) tryDeliver(from *link, m *wire.Message, frame []byte) (room <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.links[from.seat.Side] != from {
		return nil // its place was taken
	}
	to := p.other(from)
	if to != nil {
		if room = to.out.wait(); room != nil {
			return room
		}
	}
	if m.Type != wire.Data { // it may be answered
		if room = from.out.wait(); room != nil {
			return room
		}
	}
	if from.seat.Side == tunnels.Source {
		p.fromSource(from, to, m, frame)
	} else {
		p.fromDestination(from, to, m, frame)
	}
	return nil
}

func (p *pair) fromSource(from, to *link, m *wire.Message, frame []byte) {
	switch m.Type {
	case wire.StreamStart:
		from.streams.start(streamOf(m))
	case wire.StreamReset:
		from.streams.reset(m.ServiceID, m.StreamID)
	}
	if to == nil {
		if !p.manners.dropAbsent {
			refuseAbsent(from, m)
		}
		return
	}
	switch {
	case m.Type == wire.StreamStart:
		to.streams.start(streamOf(m))
	case m.Type == wire.StreamReset:
		to.streams.reset(m.ServiceID, m.StreamID)
	case to.version == 3 || p.manners.passAll:
	case m.Type == wire.ConnectionStart:
		refuseConnection(from, to, m)
		return
	case m.Type == wire.ConnectionReset:
		resetOnlyConnection(to, m)
		return
	}
	to.out.post(ws.OpBinary, frame)
}

func (p *pair) fromDestination(from, to *link, m *wire.Message, frame []byte) {
	if m.Type == wire.StreamReset {
		from.streams.reset(m.ServiceID, m.StreamID)
	}
	if to == nil {
		return
	}
	switch {
	case m.Type == wire.StreamReset:
		to.streams.reset(m.ServiceID, m.StreamID)
	case m.Type == wire.ConnectionReset && to.version < 3 && !p.manners.passAll:
		resetOnlyConnection(to, m)
		return
	}
	to.out.post(ws.OpBinary, frame)
}

func streamOf(m *wire.Message) stream { return stream{m.ServiceID, m.StreamID, m.ConnectionID} }

// refuseAbsent answers a source that starts something while there is no destination. A V3 source keeps its stream, which
// join ends once a destination has come: a STREAM_RESET now would park the reading of the reference source.
func refuseAbsent(from *link, m *wire.Message) {
	switch {
	case m.Type != wire.StreamStart && m.Type != wire.ConnectionStart:
	case m.ConnectionID != 0:
		from.tell(wire.ConnectionReset, m.ServiceID, m.StreamID, m.ConnectionID)
	default:
		from.streams.reset(m.ServiceID, m.StreamID)
		from.tell(wire.StreamReset, m.ServiceID, m.StreamID, 0)
	}
}

// refuseConnection answers a V3 source that wants a further connection to a destination that can have one only. When that
// one is over the stream is over for the destination, so the source is told to start another.
func refuseConnection(from, to *link, m *wire.Message) {
	if _, alive := to.streams.find(m.ServiceID, m.StreamID); alive {
		from.tell(wire.ConnectionReset, m.ServiceID, m.StreamID, m.ConnectionID)
		return
	}
	from.streams.reset(m.ServiceID, m.StreamID)
	from.tell(wire.StreamReset, m.ServiceID, m.StreamID, 1)
}

// resetOnlyConnection tells a local proxy that knows no connections of the end of its only one: for it that is the end of
// the stream. The end of a connection that it never had is not its business.
func resetOnlyConnection(to *link, m *wire.Message) {
	have, alive := to.streams.find(m.ServiceID, m.StreamID)
	if !alive || (have.connection != 0 && have.connection != m.ConnectionID) {
		return
	}
	to.streams.reset(have.service, have.id)
	to.tell(wire.StreamReset, have.service, have.id, 0)
}
