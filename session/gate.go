package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"adit/tunnelconn"
)

// gate is the Unix socket through which ssh reaches a service of a tunnel whose source this process holds. Only this
// user can open it: the directory is 0700, the socket 0600, and where the system tells the peer's uid is checked.
type gate struct {
	listener net.Listener
	source   func() (source, bool)
	service  string
	cut      string // see cutMarked
	probe    *probe
	ctx      context.Context
	stop     context.CancelFunc
	work     sync.WaitGroup

	mu sync.Mutex
	// live are the connections there are, served all there ever were; turned is closed at the next change.
	live, served int
	turned       chan struct{}
	err          error // why the last connection ended, nil for in order
}

// openGate listens in the session's directory, which must exist.
func openGate(ctx context.Context, path string, find func() (source, bool), service string, first *probe) (*gate, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the socket's path %s is longer than the %d bytes a system takes: name a shorter directory by ADIT_RUN_DIR", path, maxSocketPath)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("no socket for ssh could be made: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("the socket for ssh could not be kept private: %w", err), listener.Close())
	}
	g := &gate{listener: listener, source: find, service: service, cut: cutPath(path), probe: first, turned: make(chan struct{})}
	g.ctx, g.stop = context.WithCancel(ctx)
	g.work.Go(g.accept)
	return g, nil
}

func (g *gate) accept() {
	for {
		conn, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.count(1, nil)
		g.work.Go(func() { g.count(-1, g.serve(conn)) })
	}
}

// count notes that a connection has come, or how it has ended.
func (g *gate) count(change int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.live += change
	g.served += max(change, 0)
	if change < 0 {
		g.err = err
	}
	close(g.turned)
	g.turned = make(chan struct{})
}

// awaitEnd returns when the last connection has ended, or when none has come for as long as patience lasts.
func (g *gate) awaitEnd(patience time.Duration) {
	knock := time.NewTimer(patience)
	defer knock.Stop()
	for {
		g.mu.Lock()
		came, over, turned := g.served > 0, g.served > 0 && g.live == 0, g.turned
		g.mu.Unlock()
		if over {
			return
		}
		select {
		case <-turned:
		case <-g.ctx.Done():
			return
		case <-knock.C:
			if !came {
				return
			}
		}
	}
}

func (g *gate) serve(conn net.Conn) error {
	if err := samePeer(conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.Join(errors.New("not a Unix socket"), conn.Close())
	}
	local := cutMarked{socket, g.cut}
	_ = os.Remove(g.cut)
	if p := g.probe.claim(); p != nil {
		return p.join(g.ctx, local)
	}
	src, ok := g.source()
	if !ok {
		return errors.Join(tunnelconn.ErrClosed, local.SetLinger(0), local.Close())
	}
	return src.Attach(g.ctx, g.service, local)
}

// lastError is why the last connection ended.
func (g *gate) lastError() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// close ends the socket and every connection through it.
func (g *gate) close() {
	_ = g.listener.Close()
	g.stop()
	g.probe.close()
	g.work.Wait()
}

// join carries a client over the probe's connection, beginning with what was read of it.
func (p *probe) join(ctx context.Context, conn cutMarked) error {
	ended := context.AfterFunc(ctx, func() { _ = p.near.Close() })
	defer ended()
	upward := make(chan struct{})
	go func() {
		defer close(upward)
		_, _ = io.Copy(p.near, conn)
		_ = p.near.CloseWrite()
	}()
	if _, err := conn.Write(p.banner); err == nil {
		_, _ = io.Copy(conn, p.near)
	}
	if p.near.cut.Load() {
		_ = conn.SetLinger(0)
	}
	_ = conn.Close()
	p.shut()
	<-upward
	return p.err
}
