package session

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// duplex is one end of a connection in memory whose directions close one by one, which net.Pipe's do not.
type duplex struct {
	in, out net.Conn
	// cut is shared by both ends: one of them would have been reset.
	cut *atomic.Bool
}

func newDuplex() (near, far *duplex) {
	toNear, fromFar := net.Pipe()
	toFar, fromNear := net.Pipe()
	cut := &atomic.Bool{}
	return &duplex{toNear, fromNear, cut}, &duplex{toFar, fromFar, cut}
}

func (d *duplex) Read(p []byte) (int, error)  { return d.in.Read(p) }
func (d *duplex) Write(p []byte) (int, error) { return d.out.Write(p) }

// CloseWrite ends what the other end reads; what it writes still arrives.
func (d *duplex) CloseWrite() error { return d.out.Close() }

func (d *duplex) Close() error { return errors.Join(d.in.Close(), d.out.Close()) }

// SetLinger is what a reset begins with: a connection in memory has none, so that the other end is told by cut.
func (d *duplex) SetLinger(int) error {
	d.cut.Store(true)
	return nil
}

func (d *duplex) LocalAddr() net.Addr  { return d.in.LocalAddr() }
func (d *duplex) RemoteAddr() net.Addr { return d.in.RemoteAddr() }

func (d *duplex) SetDeadline(t time.Time) error {
	return errors.Join(d.in.SetDeadline(t), d.out.SetDeadline(t))
}
func (d *duplex) SetReadDeadline(t time.Time) error  { return d.in.SetReadDeadline(t) }
func (d *duplex) SetWriteDeadline(t time.Time) error { return d.out.SetWriteDeadline(t) }
