package faultproxy

import (
	"errors"
	"io"
	"net"
	"sync"
)

// link is one connection through the proxy: the client's and the service's ends of it, and a lane each way between them.
type link struct {
	proxy *Proxy
	over  chan struct{}

	mu    sync.Mutex
	conns [2]net.Conn // by the way whose bytes are read from it
	ended bool
}

// join adds the service's end, unless the link is over already.
func (l *link) join(service net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		reset(service)
		return false
	}
	l.conns[Down] = service
	return true
}

// run carries bytes until both directions have ended.
func (l *link) run() {
	var group sync.WaitGroup
	for _, way := range []Way{Up, Down} {
		lane := newLane(l, way, l.conns[way], l.conns[1-way])
		group.Go(lane.read)
		group.Go(lane.write)
	}
	group.Wait()
	l.end(Close)
}

// end breaks the link.
func (l *link) end(how End) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		close(l.over)
	}
	for _, conn := range l.conns {
		switch {
		case conn == nil:
		case how == Reset:
			reset(conn)
		default:
			_ = conn.Close()
		}
	}
}

// reset closes a connection so that its other end sees a reset.
func reset(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// pass hands a sender's end on: in order, or as the reset it was.
func pass(end error, to net.Conn) {
	half, ok := to.(interface{ CloseWrite() error })
	switch {
	case errors.Is(end, io.EOF) && ok:
		_ = half.CloseWrite()
	case errors.Is(end, io.EOF):
		_ = to.Close()
	default:
		reset(to)
	}
}
