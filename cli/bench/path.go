package main

import (
	"context"
	"fmt"
	"net"
)

// path is a way to the applications: the tunnel, a peer, or none between.
type path struct {
	name      string
	addresses map[string]string // where it listens for a service
}

func (p path) dial(ctx context.Context, service string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.addresses[service])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	return conn, nil
}

// answers tells whether the echo is reached.
func (p path) answers(ctx context.Context) error {
	conn, err := p.dial(ctx, echo)
	if err != nil {
		return err
	}
	defer conn.Close()
	return bounce(conn, []byte{1})
}

// freePort finds a port that nobody has just now.
func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// listening gives a path a free port for each service.
func (p *path) listening(ctx context.Context) error {
	p.addresses = map[string]string{}
	for _, service := range []string{echo, bulk} {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		p.addresses[service] = net.JoinHostPort("127.0.0.1", port)
	}
	return nil
}
