package notify

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
)

const (
	// connectTimeout is how long a client may take for its first packet. The broker sets its own deadlines after that.
	connectTimeout = 10 * time.Second
	// farewell is how long it may take to tell the clients that the broker ends.
	farewell = time.Second
	// acceptPause is how long to wait when the system has no room for another connection.
	acceptPause = 50 * time.Millisecond
)

// listener hands connections to the broker and, unlike the broker's own, can end all of them: also those that have not
// said yet who they are.
type listener struct {
	id     string
	accept net.Listener
	tls    *tls.Config // nil for MQTT in the clear

	mu    sync.Mutex
	conns map[net.Conn]bool // nil once closed
	wg    sync.WaitGroup
}

func (l *listener) ID() string       { return l.id }
func (l *listener) Protocol() string { return "tcp" }
func (l *listener) Address() string  { return l.accept.Addr().String() }

// Init implements listeners.Listener.
func (l *listener) Init(*slog.Logger) error {
	l.conns = map[net.Conn]bool{}
	return nil
}

// Serve implements listeners.Listener.
func (l *listener) Serve(establish listeners.EstablishFn) {
	for {
		conn, err := l.accept.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as too many open files, which passes
			time.Sleep(acceptPause)
			continue
		}
		if !l.add(conn) {
			_ = conn.Close()
			return
		}
		go func() {
			defer l.remove(conn)
			_ = conn.SetDeadline(time.Now().Add(connectTimeout))
			_ = establish(l.id, l.spoken(conn)) // how a client ended is nobody else's matter
		}()
	}
}

// spoken is a connection as the broker reads and writes it. TLS begins with the broker's first read.
func (l *listener) spoken(conn net.Conn) net.Conn {
	if l.tls == nil {
		return conn
	}
	return abrupt{tls.Server(conn, l.tls)}
}

// abrupt ends without TLS's farewell: that would wait up to five seconds for a client that does not read, one client after
// another.
type abrupt struct{ *tls.Conn }

func (a abrupt) Close() error { return a.NetConn().Close() }

func (l *listener) add(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns == nil {
		return false
	}
	l.conns[conn] = true
	l.wg.Add(1)
	return true
}

func (l *listener) remove(conn net.Conn) {
	_ = conn.Close()
	l.mu.Lock()
	delete(l.conns, conn)
	l.mu.Unlock()
	l.wg.Done()
}

// Close implements listeners.Listener: clients that are known are told, all are cut and waited for. A client that does not
// read must not hold the others up, and a deadline alone would not do: the broker sets its own with each packet it reads.
func (l *listener) Close(tell listeners.CloseFn) {
	_ = l.accept.Close()
	told := make(chan struct{})
	go func() {
		defer close(told)
		tell(l.id)
	}()
	timer := time.NewTimer(farewell)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	}
	l.mu.Lock()
	for conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
	l.mu.Unlock()
	<-told
	l.wg.Wait()
}
