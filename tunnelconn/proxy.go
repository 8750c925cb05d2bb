package tunnelconn

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// proxy is what both roles share: the link, the board, and the connections that run.
type proxy struct {
	board  *board
	uplink *uplink
	timing timing
	// closing is done once the owner has closed the proxy, life when it is over for whatever reason.
	closing context.Context
	close   context.CancelFunc
	life    context.Context
	end     context.CancelCauseFunc
	done    chan struct{}

	mu      sync.Mutex
	work    sync.WaitGroup
	conns   map[*connection]struct{}
	serial  uint64 // given to a connection last
	stopped bool
}

// closeLimit is how long Close may take.
const closeLimit = 3 * time.Second

func newProxy(key string, role Role, link Link, t timing, notify func()) *proxy {
	link.fill()
	if link.PingEvery > 0 {
		t.pingEvery = link.PingEvery
	}
	p := &proxy{
		board: newBoard(key, role, notify), timing: t,
		done: make(chan struct{}), conns: make(map[*connection]struct{}),
	}
	p.closing, p.close = context.WithCancel(context.Background())
	p.life, p.end = context.WithCancelCause(p.closing)
	p.uplink = &uplink{link: link, role: role, board: p.board, timing: t, pool: newBuffers(), budget: &budget{process: link.Shared}, log: link.Log}
	return p
}

// start runs the proxy in the background; release gives up what the role holds besides connections.
func (p *proxy) start(open func(*session) handler, release func()) {
	p.uplink.open = open
	go func() {
		err := p.uplink.run(p.life)
		if err == nil {
			err = ErrClosed
		}
		p.end(err)
		release()
		p.mu.Lock()
		p.stopped = true
		p.mu.Unlock()
		if p.closing.Err() == nil {
			p.board.stopped(err)
		}
		p.settle()
		if p.closing.Err() != nil && p.board.state() != Stopped {
			p.board.stopped(nil)
		}
		close(p.done)
	}()
}

// settle waits for the connections that have ended in the tunnel and still hand over their last bytes; once the owner
// closes the proxy they have little time left.
func (p *proxy) settle() {
	idle := make(chan struct{})
	go func() {
		p.work.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return
	case <-p.closing.Done():
	}
	if waitFor(idle, p.timing.flush) {
		return
	}
	p.mu.Lock()
	for c := range p.conns {
		c.kill(ErrClosed)
		c.in.abort()
	}
	p.mu.Unlock()
	<-idle
}

// enter counts one more goroutine of the proxy, unless it has stopped. What enters calls work.Done.
func (p *proxy) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped || p.life.Err() != nil {
		return false
	}
	p.work.Add(1)
	return true
}

// carry runs a connection to its end.
func (p *proxy) carry(c *connection, local net.Conn) error {
	c.localPeer = addressName(local)
	p.mu.Lock()
	p.serial++
	c.serial = p.serial
	p.conns[c] = struct{}{}
	p.mu.Unlock()
	c.count.live.Add(1)
	if !c.movedIn {
		c.count.total.Add(1)
	}
	defer func() {
		c.count.live.Add(-1)
		p.mu.Lock()
		delete(p.conns, c)
		p.mu.Unlock()
	}()
	err := c.run(local)
	if cause := context.Cause(c.killed); cause != nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, ErrClosed) && !errors.Is(cause, errMoved) {
		c.count.failed(cause)
	}
	return err
}

// addressName is what the other end of a local connection is called; a Unix socket's client has no name.
func addressName(local net.Conn) string {
	if remote, ok := local.RemoteAddr().(*net.TCPAddr); ok {
		return remote.String()
	}
	if remote, ok := local.RemoteAddr().(*net.UnixAddr); ok && remote.Name != "@" {
		return remote.Name
	}
	return ""
}

// Status samples the proxy.
func (p *proxy) Status() Status {
	running := make(map[*counters][]ConnectionStatus)
	p.mu.Lock()
	for c := range p.conns {
		running[c.count] = append(running[c.count], c.status())
	}
	p.mu.Unlock()
	for _, list := range running {
		slices.SortFunc(list, func(a, b ConnectionStatus) int { return cmp.Compare(a.ID, b.ID) })
	}
	status := p.board.snapshot(running)
	if link := p.uplink.current.Load(); link != nil {
		status.Window, status.InFlight, status.Rate = link.out.flight()
	}
	return status
}

// Changed blocks until Status().Seq differs from seen, and returns the new one. Several changes may count as one.
func (p *proxy) Changed(ctx context.Context, seen uint64) (uint64, error) {
	return p.board.next(ctx, seen)
}

// Done is closed when the proxy has stopped and everything of it is gone.
func (p *proxy) Done() <-chan struct{} { return p.done }

// Close ends the proxy in order: listeners, connections, then the WebSocket, within three seconds. It may be called more
// than once.
func (p *proxy) Close() error {
	p.close()
	if !waitFor(p.done, closeLimit) {
		return context.DeadlineExceeded
	}
	return nil
}
