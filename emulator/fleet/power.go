package fleet

import (
	"context"
	"net"
	"sync"
)

// power is the plug of a device: every connection it dials or accepts hangs on it. Pulling it ends them with a reset,
// without a goodbye of any protocol. What the device dials while it is off waits until it is on again, so that its agent
// and its proxies come back at once, as after a boot, and not when a back-off happens to end.
type power struct {
	dialer net.Dialer

	mu    sync.Mutex
	on    chan struct{} // closed while there is power
	conns map[net.Conn]struct{}
}

func newPower() *power {
	on := make(chan struct{})
	close(on)
	return &power{on: on, conns: make(map[net.Conn]struct{})}
}

// DialContext dials when there is power.
func (p *power) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	for {
		p.mu.Lock()
		on := p.on
		p.mu.Unlock()
		select {
		case <-on:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		conn, err := p.dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if plugged, ok := p.plug(conn); ok {
			return plugged, nil
		}
	}
}

// plug hangs a connection on the power; without power it is ended.
func (p *power) plug(conn net.Conn) (net.Conn, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.on:
		plugged := &pluggedConn{Conn: conn, power: p}
		p.conns[plugged] = struct{}{}
		return plugged, true
	default:
		reset(conn)
		return nil, false
	}
}

// cut ends everything. It tells whether there was power.
func (p *power) cut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.on:
	default:
		return false
	}
	p.on = make(chan struct{})
	for conn := range p.conns {
		reset(conn.(*pluggedConn).Conn)
	}
	clear(p.conns)
	return true
}

// restore gives power again.
func (p *power) restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.on:
	default:
		close(p.on)
	}
}

// reset closes a connection and drops what was not sent.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// pluggedConn forgets itself when it is closed.
type pluggedConn struct {
	net.Conn
	power *power
}

func (c *pluggedConn) Close() error {
	c.power.mu.Lock()
	delete(c.power.conns, c)
	c.power.mu.Unlock()
	return c.Conn.Close()
}

// pluggedListener hangs what it accepts on the power.
type pluggedListener struct {
	net.Listener
	power *power
}

func (l pluggedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if plugged, ok := l.power.plug(conn); ok {
			return plugged, nil
		}
	}
}
