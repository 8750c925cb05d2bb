package faultproxy

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// Listener takes connections that are dialled in memory.
type Listener struct {
	waiting chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// Listen makes one.
func Listen() *Listener {
	return &Listener{waiting: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial connects to it; network and address do not matter. It has the form of net.Dialer.DialContext.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := Pipe(socketBuffer)
	select {
	case l.waiting <- far:
		return near, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: address.Network(), Addr: address, Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept is as net.Listener's.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.waiting:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close is as net.Listener's.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the same for all.
func (l *Listener) Addr() net.Addr { return address }
