package tunnelconn

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"adit/tunnelconn/wire"
)

// sourceModel is what a source has to do, without goroutines, sockets or time.
type sourceModel struct {
	*script
	source  *Source
	shape   Version
	streams map[string]int32  // the stream of a service, 0 without one
	lastID  map[string]uint32 // the connection id given last
	locals  []*modelLocal
	stream  int32 // the id given last
}

// modelLocal is a local program's connection.
type modelLocal struct {
	*programEnd
	service  string
	stream   int32
	id       uint32
	answered bool // the device has sent a byte
	ended    bool // the program has ended its side
	result   <-chan error
}

func modelSource(t *testing.T, seed uint64, operations int) {
	m := &sourceModel{
		script: newScript(t, RoleSource, seed, "SSH", "HTTP"), shape: Version(seed%3) + V1,
		streams: make(map[string]int32), lastID: make(map[string]uint32),
	}
	m.source = m.sourceOf(m.shape, modelTiming())
	m.side(RoleSource)
	stateIs(t, m.source, "connected", func(s Status) bool { return s.State == Connected })
	m.stream = m.source.state.stream
	for range operations {
		m.step()
	}
	for _, l := range m.locals {
		_ = l.Close()
	}
}

func (m *sourceModel) step() {
	operations := []func(){m.attach, m.attach, m.data, m.data, m.data, m.connectionReset, m.streamReset, m.write, m.write, m.finish, m.breakOff, m.stray}
	switch {
	case m.chance(80):
		m.do("session reset", func(effects) {
			m.send(RoleSource, wire.Message{Type: wire.SessionReset})
			m.dropAll(errGone)
		})
	case m.chance(80):
		m.do("the link is cut", func(effects) {
			m.cut(m.source)
			m.dropAll(errGone)
			clear(m.lastID)
		})
	case m.chance(40):
		m.do("time passes", func(want effects) {
			time.Sleep(standardTiming().lingerIdle + time.Second)
			for _, l := range m.each(func(l *modelLocal) bool { return l.ended }) {
				want.add(m.about(l, m.ending()))
				m.over(l, errGone)
			}
		})
	default:
		operation, _ := pick(m.script, operations)
		operation()
	}
}

// key is what a service's stream goes by: messages of V1 cannot say which service they are for.
func (m *sourceModel) key(service string) string {
	if m.shape == V1 {
		return ""
	}
	return service
}

func (m *sourceModel) each(holds func(*modelLocal) bool) (found []*modelLocal) {
	for _, l := range m.locals {
		if holds(l) {
			found = append(found, l)
		}
	}
	return found
}

// about is a message of a connection, in the source's shape.
func (m *sourceModel) about(l *modelLocal, kind wire.Type) wire.Message {
	out := wire.Message{Type: kind, StreamID: l.stream}
	if m.shape != V1 {
		out.ServiceID = l.service
	}
	if m.shape == V3 {
		out.ConnectionID = l.id
	}
	return out
}

func (m *sourceModel) ending() wire.Type {
	if m.shape == V3 {
		return wire.ConnectionReset
	}
	return wire.StreamReset
}

// over ends a connection, and with it a stream that carries one only.
func (m *sourceModel) over(l *modelLocal, how error) {
	l.want = how
	m.forget(l)
}

func (m *sourceModel) forget(l *modelLocal) {
	m.locals = without(m.locals, l)
	if key := m.key(l.service); m.shape != V3 && m.streams[key] == l.stream {
		delete(m.streams, key)
	}
}

func without(list []*modelLocal, one *modelLocal) []*modelLocal {
	kept := list[:0]
	for _, l := range list {
		if l != one {
			kept = append(kept, l)
		}
	}
	return kept
}

func (m *sourceModel) dropAll(how error) {
	for _, l := range m.each(func(*modelLocal) bool { return true }) {
		m.over(l, how)
	}
	clear(m.streams)
}

func (m *sourceModel) attach() {
	service, _ := pick(m.script, []string{"SSH", "HTTP", "VNC"})
	key := m.key(service)
	holders := m.each(func(l *modelLocal) bool { return m.key(l.service) == key })
	if m.shape != V3 && len(holders) > 0 && holders[0].ended {
		return // Who has the place is asked to leave, which takes time.
	}
	if len(m.locals) >= 8 {
		return
	}
	m.do("attach to "+service, func(want effects) {
		local := attach(m.source, service)
		l := &modelLocal{programEnd: &programEnd{Conn: local.Conn}, service: service, result: local.result}
		m.ends = append(m.ends, l.programEnd)
		switch {
		case service == "VNC":
			l.want = errGone
			return
		case m.shape != V3 && len(holders) > 0:
			time.Sleep(2 * standardTiming().notice)
			l.want = errGone
			if err := <-local.result; !errors.Is(err, ErrBusyPeer) {
				m.differs("Attach = %v", err)
			}
			return
		}
		kind := wire.ConnectionStart
		if m.streams[key] == 0 {
			kind = wire.StreamStart
			m.stream = max(m.stream+1, 1)
			m.streams[key] = m.stream
		}
		m.lastID[key]++
		l.stream, l.id = m.streams[key], m.lastID[key]
		m.locals = append(m.locals, l)
		want.add(m.about(l, kind))
	})
}

func (m *sourceModel) data() {
	l, ok := pick(m.script, m.locals)
	if !ok {
		return
	}
	data := m.about(l, wire.Data)
	data.Payload = m.payload()
	m.do(fmt.Sprintf("the device sends %+v", data), func(effects) {
		l.due, l.answered = append(l.due, data.Payload...), true
		m.send(RoleSource, data)
	})
}

// far is how the device's end of a connection looks to the local program: before the first byte it is a refusal.
func (m *sourceModel) far(l *modelLocal) error {
	if l.answered {
		return io.EOF
	}
	return errGone
}

func (m *sourceModel) connectionReset() {
	l, ok := pick(m.script, m.locals)
	if !ok || m.shape != V3 {
		return
	}
	m.do("the device ends a connection", func(effects) {
		m.send(RoleSource, m.about(l, wire.ConnectionReset))
		m.over(l, m.far(l))
	})
}

func (m *sourceModel) streamReset() {
	l, ok := pick(m.script, m.locals)
	if !ok {
		return
	}
	m.do("the device resets a stream", func(effects) {
		m.send(RoleSource, m.about(l, wire.StreamReset))
		for _, other := range m.each(func(other *modelLocal) bool { return other.stream == l.stream }) {
			if m.shape == V3 {
				m.over(other, errGone)
			} else {
				m.over(other, m.far(other))
			}
		}
		delete(m.streams, m.key(l.service))
	})
}

// stray is a message of a stream or a connection that does not exist, which has to change nothing.
func (m *sourceModel) stray() {
	kind, _ := pick(m.script, []wire.Type{wire.Data, wire.StreamReset, wire.ConnectionReset})
	odd := m.about(&modelLocal{programEnd: nil, service: "SSH", stream: m.stream + 1 + int32(m.random.IntN(3)), id: 77}, kind)
	if l, ok := pick(m.script, m.locals); ok && m.shape == V3 && m.chance(2) && kind != wire.StreamReset {
		odd = m.about(l, kind)
		odd.ConnectionID += 1000
	}
	odd.Payload = []byte("stray")
	m.do(fmt.Sprintf("a stray %+v", odd), func(effects) { m.send(RoleSource, odd) })
}

// open picks a connection whose program has not ended its side.
func (m *sourceModel) open() (*modelLocal, bool) {
	return pick(m.script, m.each(func(l *modelLocal) bool { return !l.ended }))
}

func (m *sourceModel) write() {
	l, ok := m.open()
	if !ok {
		return
	}
	data := m.about(l, wire.Data)
	data.Payload = m.payload()
	m.do(fmt.Sprintf("the program sends %+v", data), func(want effects) {
		_, _ = l.Write(data.Payload)
		want.add(data)
	})
}

func (m *sourceModel) finish() {
	l, ok := m.open()
	if !ok {
		return
	}
	m.do("the program ends its side", func(effects) {
		_ = l.CloseWrite()
		l.ended = true // It stays open for the answer.
	})
}

func (m *sourceModel) breakOff() {
	l, ok := m.open()
	if !ok {
		return
	}
	m.do("the program resets its connection", func(want effects) {
		reset(l.Conn)
		m.ends = removed(m.ends, l.programEnd)
		want.add(m.about(l, m.ending()))
		m.forget(l)
	})
}
