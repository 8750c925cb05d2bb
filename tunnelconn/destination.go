package tunnelconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Destination is a running destination local proxy.
type Destination struct {
	*proxy
	version     Version
	targets     map[string]string
	dialTimeout time.Duration
	dialTarget  DialFunc
}

// StartDestination begins to connect; applications are dialled when a stream asks for them.
func StartDestination(cfg DestinationConfig) (*Destination, error) {
	return startDestination("", cfg, standardTiming(), func() {})
}

func startDestination(key string, cfg DestinationConfig, t timing, notify func()) (*Destination, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if len(cfg.Targets) == 0 {
		return nil, errors.New("a destination needs at least one application to connect to")
	}
	d := &Destination{
		proxy: newProxy(key, RoleDestination, cfg.Link, t, notify), version: cfg.Version,
		targets: make(map[string]string), dialTimeout: cfg.DialTimeout, dialTarget: cfg.DialTarget,
	}
	if d.dialTimeout <= 0 {
		d.dialTimeout = 10 * time.Second
	}
	if d.dialTarget == nil {
		d.dialTarget = dialApplication
	}
	for service, target := range cfg.Targets {
		if _, _, err := net.SplitHostPort(target); err != nil && !strings.Contains(target, "/") {
			return nil, fmt.Errorf("the application of service %q is neither host:port nor a path: %w", service, err)
		}
		d.targets[service] = target
		d.board.service(service, "")
	}
	d.start(d.open, func() {})
	return d, nil
}

func (d *Destination) open(session *session) handler { return newDestinationSession(d, session) }

// serve dials the application of a connection and runs it. Bytes that come meanwhile wait in the connection's own queue.
func (d *Destination) serve(x *destinationSession, c *connection, starts bool) {
	ctx, cancel := context.WithTimeout(d.life, d.dialTimeout)
	defer cancel()
	defer context.AfterFunc(c.killed, cancel)()
	target := d.targets[c.stream.key]
	network := "tcp"
	if strings.Contains(target, "/") {
		network = "unix"
	}
	local, err := d.dialTarget(ctx, network, target)
	if err != nil {
		if c.killed.Err() == nil {
			d.uplink.log.Info("the application refuses", "service", c.stream.key, "reason", err)
			c.count.refused.Add(1)
			c.count.failed(err)
		}
		x.refuse(c, starts)
		return
	}
	if err := d.carry(c, local); err != nil && !errors.Is(err, errEndedFirst) {
		d.uplink.log.Debug("a connection was cut", "service", c.stream.key, "reason", err)
	}
	x.release(c)
}

// seen records the shape of the source.
func (d *Destination) seen(shape Version) {
	if d.Status().Peer != shape {
		d.board.peer(shape)
	}
}

// dialApplication is the default DestinationConfig.DialTarget. A dial that is given up may have connected already, and what
// the application then sees must be no orderly end of a client that had nothing to say.
func dialApplication(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address) // The path of a Unix socket has none.
	dialer := net.Dialer{Control: resetWhenClosed, KeepAlive: keepAliveOf(host)}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.SetLinger(-1); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}
