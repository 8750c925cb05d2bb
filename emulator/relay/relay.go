// Package relay is the data plane of the emulated service: it takes the WebSockets of local proxies and carries tunnel
// frames between the two sides of a tunnel.
//
// The rules are those of the WebSocket protocol guides V1 to V3 of the reference local proxy. A frame is passed on byte for
// byte, in order, each in one WebSocket message of its own; a side is read only as fast as the other side's socket drains,
// because the protocol has no windows. What the guides leave open is decided in docs/emulator.md. To a local proxy a close
// frame means go away for good, and a lost TCP connection please come back; the relay never says one and means the other.
//
// A [tunnels.Store] says who may take a side. The relay knows neither accounts nor the API.
package relay

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"adit/emulator/choices"
	"adit/emulator/faults"
	"adit/emulator/tunnels"
)

// acceptPause is how long to wait when the system has no room for another connection.
const acceptPause = 50 * time.Millisecond

// Config of a data plane. All fields without a default are required.
type Config struct {
	// Certificate is what local proxies are shown.
	Certificate tls.Certificate
	Tunnels     *tunnels.Store
	// Faults decides, for each local proxy as it connects, what is broken about it.
	Faults *faults.Set
	// Choices are what is done where AWS's behaviour is unknown; the zero value has the defaults.
	Choices choices.Set
	Log     *slog.Logger
}

// Server is a running data plane.
type Server struct {
	cfg      Config
	manners  manners
	tls      *tls.Config
	listener net.Listener
	buffers  buffers

	mu    sync.Mutex
	conns map[net.Conn]bool // nil once closed
	pairs map[string]*pair  // by tunnel id, those with a side connected
	wg    sync.WaitGroup
}

// Serve takes connections of a plain listener until Close and speaks TLS on them.
func Serve(l net.Listener, cfg Config) *Server {
	s := &Server{
		cfg:     cfg,
		manners: mannersOf(cfg.Choices),
		tls: &tls.Config{
			Certificates: []tls.Certificate{cfg.Certificate},
			MinVersion:   tls.VersionTLS12,
			NextProtos:   []string{"http/1.1"},
			// Tunnels are about throughput as soon as there is much to send, and small frames fit one record anyway.
			DynamicRecordSizingDisabled: true,
		},
		listener: l,
		conns:    map[net.Conn]bool{},
		pairs:    map[string]*pair{},
	}
	s.wg.Go(s.accept)
	return s
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as too many open files, which passes
			s.cfg.Log.Warn("data plane: accept", "error", err)
			time.Sleep(acceptPause)
			continue
		}
		if !s.add(conn) {
			_ = conn.Close()
			return
		}
		go func() {
			defer s.remove(conn)
			s.serve(conn)
		}()
	}
}

func (s *Server) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		return false
	}
	s.conns[conn] = true
	s.wg.Add(1)
	return true
}

func (s *Server) remove(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	s.wg.Done()
}

// Close drops every connection, without a close frame: the tunnels are not over.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.conns = nil
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

// join puts a link in its place in the tunnel, unless its seat is lost already.
func (s *Server) join(l *link) *pair {
	s.mu.Lock()
	p := s.pairs[l.seat.Tunnel]
	if p == nil {
		p = &pair{manners: &s.manners}
		s.pairs[l.seat.Tunnel] = p
	}
	p.mu.Lock()
	s.mu.Unlock()
	defer p.mu.Unlock()
	p.join(l)
	return p
}

func (s *Server) leave(p *pair, l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.links[l.seat.Side] == l {
		p.links[l.seat.Side] = nil
	}
	if p.links == [2]*link{} {
		delete(s.pairs, l.seat.Tunnel)
	}
}
