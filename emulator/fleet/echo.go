package fleet

import (
	"io"
	"net"
)

// echoServer sends back what it gets, and ends when the other side has ended and all is sent.
type echoServer struct{ tasks *tasks }

func (e echoServer) Serve(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		e.tasks.spawn(func() {
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		})
	}
}
