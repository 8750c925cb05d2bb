package tunnelconn

import (
	"net"
	"testing"
	"time"

	"golang.org/x/net/nettest"
)

// A connection through a tunnel is a net.Conn at either end like any other. What the protocol cannot carry is left out by
// name on the page of the test matrix: the end of one direction alone.
func TestT32TunnelledConnectionIsANetConn(t *testing.T) {
	r := newRelay(t, "SSH")
	served := make(chan net.Conn)
	over := make(chan struct{})
	r.destination(Auto, map[string]string{"SSH": application(t, func(conn net.Conn) {
		served <- conn
		<-over
	})})
	quick := standardTiming()
	quick.lingerIdle = 200 * time.Millisecond // Its ends wait for nothing.
	s := r.sourceOf(V3, quick, "SSH")
	stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		near, err := net.Dial("tcp", addressOf(t, s, "SSH"))
		if err != nil {
			return nil, nil, nil, err
		}
		far := <-served
		return near, far, func() {
			near.Close()
			far.Close()
			over <- struct{}{}
		}, nil
	})
}
