package tunnelconn

import (
	"context"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/wire"
)

// destinationModel is what a destination has to do, without goroutines, sockets or time.
type destinationModel struct {
	*script
	shape   Version
	streams map[string]*modelStream
	refuses bool
	dialled []*faultproxy.Conn
}

// modelStream is a service's stream and its connections by id; a single one of V1 or V2 has the id 0.
type modelStream struct {
	id    int32
	conns map[uint32]*programEnd
}

func modelDestination(t *testing.T, seed uint64, operations int) {
	shape := Version(seed%3) + V1
	services := []string{"SSH", "HTTP"}
	if shape == V1 {
		services = services[:1]
	}
	m := &destinationModel{
		script: newScript(t, RoleDestination, seed, services...), shape: shape, streams: make(map[string]*modelStream),
	}
	cfg := DestinationConfig{Link: m.link(RoleDestination), Targets: make(map[string]string), DialTarget: m.dialTarget}
	for _, service := range services {
		cfg.Targets[service] = "memory:1"
	}
	d, err := startDestination("", cfg, modelTiming(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer closeProxy(t, d)
	m.side(RoleDestination)
	for range operations {
		m.step(d)
	}
	for _, e := range m.ends {
		_ = e.Close()
	}
}

func (m *destinationModel) dialTarget(context.Context, string, string) (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuses {
		return nil, syscall.ECONNREFUSED
	}
	near, far := faultproxy.Pipe(localBuffer)
	m.dialled = append(m.dialled, far)
	return near, nil
}

// message is one of the source's, of a random service, stream and connection.
func (m *destinationModel) message(kind wire.Type) wire.Message {
	out := wire.Message{Type: kind, StreamID: int32(m.random.IntN(3) + 1)}
	if m.shape != V1 {
		out.ServiceID, _ = pick(m.script, []string{"SSH", "SSH", "HTTP", "HTTP", "VNC"})
	}
	if m.shape == V3 {
		out.ConnectionID = uint32(m.random.IntN(3) + 1)
	}
	return out
}

// service is the key of a message's stream; false is a service that the destination does not have.
func (m *destinationModel) service(of wire.Message) (string, bool) {
	if m.shape == V1 {
		return "SSH", true
	}
	return of.ServiceID, of.ServiceID != "VNC"
}

func (m *destinationModel) find(of wire.Message) (st *modelStream, end *programEnd) {
	key, _ := m.service(of)
	if st = m.streams[key]; st == nil || st.id != of.StreamID {
		return nil, nil
	}
	return st, st.conns[of.ConnectionID]
}

func (m *destinationModel) step(d *Destination) {
	kinds := []func(*Destination){m.start, m.start, m.connect, m.data, m.data, m.data, m.connectionReset, m.streamReset, m.write, m.write, m.finish, m.breakOff}
	switch {
	case m.chance(80):
		m.do("session reset", func(effects) {
			m.send(RoleDestination, wire.Message{Type: wire.SessionReset})
			m.dropAll()
		})
	case m.chance(80):
		m.do("the link is cut", func(effects) {
			m.cut(d)
			m.dropAll()
		})
	default:
		operation, _ := pick(m.script, kinds)
		operation(d)
	}
}

// dropAll ends every stream by a reset.
func (m *destinationModel) dropAll() {
	for key := range m.streams {
		m.drop(key, errGone)
	}
}

func (m *destinationModel) drop(key string, how error) {
	if st := m.streams[key]; st != nil {
		for _, e := range st.conns {
			e.want = how
		}
		delete(m.streams, key)
	}
}

// dial lets the application take the next connection, or refuse it.
func (m *destinationModel) dial(send wire.Message) (end *programEnd) {
	refuses := m.chance(5)
	m.mu.Lock()
	m.refuses = refuses
	m.mu.Unlock()
	m.send(RoleDestination, send)
	if !refuses {
		eventually(m.t, "the application is dialled", func() bool {
			m.mu.Lock()
			defer m.mu.Unlock()
			return len(m.dialled) > 0
		})
		end = &programEnd{Conn: m.dialled[0]}
		m.dialled = nil
		m.ends = append(m.ends, end)
	}
	return end
}

func (m *destinationModel) start(*Destination) {
	start := m.message(wire.StreamStart)
	if m.chance(20) {
		start.StreamID = 0
	}
	m.do(fmt.Sprintf("%+v", start), func(want effects) {
		reset := start
		reset.Type = wire.StreamReset
		key, ok := m.service(start)
		if !ok || start.StreamID == 0 {
			m.send(RoleDestination, start)
			want.add(reset)
			return
		}
		m.drop(key, errGone)
		if end := m.dial(start); end != nil {
			m.streams[key] = &modelStream{start.StreamID, map[uint32]*programEnd{start.ConnectionID: end}}
		} else {
			want.add(reset)
		}
	})
}

func (m *destinationModel) connect(*Destination) {
	if m.shape != V3 {
		return
	}
	start := m.message(wire.ConnectionStart)
	m.do(fmt.Sprintf("%+v", start), func(want effects) {
		key, ok := m.service(start)
		reset := start
		reset.Type = wire.ConnectionReset
		st := m.streams[key]
		switch {
		case !ok:
			m.send(RoleDestination, start)
			return
		case st == nil:
			// The destination has lost its streams, and the source does not know.
			st = &modelStream{start.StreamID, make(map[uint32]*programEnd)}
			m.streams[key] = st
		case st.id != start.StreamID || st.conns[start.ConnectionID] != nil:
			m.send(RoleDestination, start)
			want.add(reset)
			return
		}
		if end := m.dial(start); end != nil {
			st.conns[start.ConnectionID] = end
		} else {
			want.add(reset)
		}
	})
}

func (m *destinationModel) data(*Destination) {
	data := m.message(wire.Data)
	data.Payload = m.payload()
	m.do(fmt.Sprintf("%+v", data), func(effects) {
		if _, end := m.find(data); end != nil {
			end.due = append(end.due, data.Payload...)
		}
		m.send(RoleDestination, data)
	})
}

func (m *destinationModel) connectionReset(*Destination) {
	if m.shape != V3 {
		return
	}
	reset := m.message(wire.ConnectionReset)
	m.do(fmt.Sprintf("%+v", reset), func(effects) {
		if st, end := m.find(reset); end != nil {
			end.want = io.EOF
			delete(st.conns, reset.ConnectionID)
		}
		m.send(RoleDestination, reset)
	})
}

func (m *destinationModel) streamReset(*Destination) {
	reset := m.message(wire.StreamReset)
	m.do(fmt.Sprintf("%+v", reset), func(effects) {
		if st, _ := m.find(reset); st != nil {
			key, _ := m.service(reset)
			// To an old peer that is how a connection ends, to one of V3 how everything is cut.
			if m.shape == V3 {
				m.drop(key, errGone)
			} else {
				m.drop(key, io.EOF)
			}
		}
		m.send(RoleDestination, reset)
	})
}

// running picks a connection, and gives the messages that speak of it.
func (m *destinationModel) running(kind wire.Type) (end *programEnd, of wire.Message, remove func()) {
	for key, st := range m.streams {
		for id, e := range st.conns {
			of = wire.Message{Type: kind, StreamID: st.id, ConnectionID: id}
			if m.shape != V1 {
				of.ServiceID = key
			}
			return e, of, func() {
				delete(st.conns, id)
				if m.shape != V3 {
					delete(m.streams, key)
				}
			}
		}
	}
	return nil, of, nil
}

func (m *destinationModel) write(*Destination) {
	end, data, _ := m.running(wire.Data)
	if end == nil {
		return
	}
	data.Payload = m.payload()
	m.do(fmt.Sprintf("the application writes %+v", data), func(want effects) {
		_, _ = end.Write(data.Payload)
		want.add(data)
	})
}

// ending is the message that ends a connection.
func (m *destinationModel) ending() wire.Type {
	if m.shape == V3 {
		return wire.ConnectionReset
	}
	return wire.StreamReset
}

func (m *destinationModel) finish(*Destination) {
	end, reset, remove := m.running(m.ending())
	if end == nil {
		return
	}
	m.do(fmt.Sprintf("the application ends %+v", reset), func(want effects) {
		_ = end.CloseWrite()
		remove()
		end.want = errGone // Its client had not ended, and can send nothing more.
		want.add(reset)
	})
}

// breakOff resets one connection.
func (m *destinationModel) breakOff(*Destination) {
	end, broken, remove := m.running(m.ending())
	if end == nil {
		return
	}
	m.do(fmt.Sprintf("the application resets %+v", broken), func(want effects) {
		reset(end.Conn)
		m.ends = removed(m.ends, end)
		remove()
		want.add(broken)
	})
}

// removed is a list without one of its members.
func removed(list []*programEnd, one *programEnd) []*programEnd {
	kept := list[:0]
	for _, e := range list {
		if e != one {
			kept = append(kept, e)
		}
	}
	return kept
}
