package notify

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// offered is a listener of one connection.
type offered struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (o offered) Accept() (net.Conn, error) {
	select {
	case conn := <-o.conn:
		return conn, nil
	case <-o.closed:
		return nil, net.ErrClosed
	}
}

func (o offered) Close() error { close(o.closed); return nil }
func (o offered) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
}

func TestAClientThatDoesNotReadIsLeftAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := offered{make(chan net.Conn, 1), make(chan struct{})}
		l := &listener{id: "mqtt", accept: o}
		if err := l.Init(nil); err != nil {
			t.Fatal(err)
		}
		here, client := net.Pipe()
		defer func() { _ = client.Close() }()
		o.conn <- here
		established := make(chan struct{})
		go l.Serve(func(_ string, conn net.Conn) error {
			close(established)
			_, err := conn.Read(make([]byte, 1))
			return err
		})
		<-established
		began := time.Now()
		l.Close(func(string) {
			_ = here.SetDeadline(time.Time{}) // as the broker does with each packet
			_, _ = here.Write([]byte("goodbye"))
		})
		if took := time.Since(began); took != farewell {
			t.Errorf("the end took %v", took)
		}
	})
}
