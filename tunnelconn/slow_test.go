package tunnelconn

import (
	"net"
	"sync/atomic"
	"time"
)

// slowListener reads from what it accepts no faster than so many bytes a second, as a service does that holds a tunnel to
// its quota. The receive buffer is small, so that the queue in front of the slow reader is the sender's.
type slowListener struct {
	net.Listener
	// rate is in bytes a second; zero is no limit.
	rate atomic.Int64
}

func (l *slowListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	rate := l.rate.Load()
	if rate == 0 {
		return conn, nil
	}
	tcp := conn.(*net.TCPConn)
	if err := tcp.SetReadBuffer(32 << 10); err != nil {
		return nil, err
	}
	return &slowConn{TCPConn: tcp, rate: rate}, nil
}

type slowConn struct {
	*net.TCPConn
	rate int64
	free time.Time // when the next byte may be read
}

func (c *slowConn) Read(p []byte) (int, error) {
	time.Sleep(time.Until(c.free))
	n, err := c.TCPConn.Read(p[:min(len(p), int(max(c.rate/200, 256)))])
	if now := time.Now(); c.free.Before(now.Add(-10 * time.Millisecond)) {
		c.free = now
	}
	c.free = c.free.Add(time.Duration(int64(n) * int64(time.Second) / c.rate))
	return n, err
}
