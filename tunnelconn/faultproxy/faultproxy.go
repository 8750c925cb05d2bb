// Package faultproxy breaks networks for tests. A Proxy stands between a client and a service and does to their bytes what
// networks do: it delays them, thins them out, cuts them up, loses them, and ends connections in every way there is.
// Faults are set while it runs, by direction, and hold for the connections there are as well as for new ones. What is
// random follows from a seed.
//
// It works on real sockets (Serve) and in memory (Dial, Pipe, Listen). In memory everything that waits does so in a way
// that testing/synctest knows, so that a test with hours in it takes no time.
//
// It knows bytes and nothing of tunnels, and only tests may use it.
package faultproxy

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Way is a direction through the proxy.
type Way int

const (
	// Up is from the client to the service.
	Up Way = iota
	// Down is from the service to the client.
	Down
)

// Flow is what becomes of the bytes of a direction.
type Flow int

const (
	// Pass hands them on.
	Pass Flow = iota
	// Swallow takes them at the pace it otherwise would and hands nothing on: the sender sees every byte acknowledged, as by
	// a middlebox, and the receiver hears no more. Ends are not passed on either.
	Swallow
	// Hold takes none, as a receiver that has stopped reading. Nothing is lost.
	Hold
)

// Faults are what happens to one direction. The zero value passes everything on as it comes.
type Faults struct {
	// Latency is how much later everything arrives, Jitter how much more at most; the order stays.
	Latency, Jitter time.Duration
	// Rate bounds the bytes a second; zero is no bound.
	Rate int64
	// Buffer is how many bytes may be on their way; zero means 64 KiB.
	Buffer int
	// Split bounds the bytes that are handed on in one piece; zero is no bound.
	Split int
	Flow  Flow
	// SlowClose is how much later than its last byte the sender's end arrives.
	SlowClose time.Duration
	// HalfOpen keeps the sender's end, orderly or not, from the receiver, for whom the connection stays open.
	HalfOpen bool
}

// End is how a connection is broken.
type End int

const (
	// Reset ends both sides with a reset.
	Reset End = iota
	// Close ends both sides in order, whatever was on its way.
	Close
)

// Handler answers a connection in the service's place; the connection is closed when it returns.
type Handler func(net.Conn)

// Proxy is one such network. Its methods may be called from any goroutine.
type Proxy struct {
	upstream func(context.Context) (net.Conn, error)
	life     context.Context
	stop     context.CancelFunc
	group    sync.WaitGroup

	mu      sync.Mutex
	random  *rand.Rand
	faults  [2]Faults
	turned  chan struct{} // closed when the faults change
	left    [2]int64      // bytes until the cut, when one is due
	due     [2]bool
	how     [2]End
	instead Handler
	links   map[*link]struct{}
	fronts  []net.Listener
	dialled int
}

// New makes a proxy in front of what upstream connects to. The same seed gives the same jitter.
func New(seed uint64, upstream func(context.Context) (net.Conn, error)) *Proxy {
	p := &Proxy{
		upstream: upstream, random: rand.New(rand.NewPCG(seed, seed)),
		turned: make(chan struct{}), links: make(map[*link]struct{}),
	}
	p.life, p.stop = context.WithCancel(context.Background())
	return p
}

// Serve takes connections from a listener, which it closes at its own end, until then.
func (p *Proxy) Serve(front net.Listener) {
	p.mu.Lock()
	p.fronts = append(p.fronts, front)
	p.mu.Unlock()
	p.group.Go(func() {
		for {
			conn, err := front.Accept()
			if err != nil {
				return
			}
			p.group.Go(func() { p.carry(conn) })
		}
	})
}

// Dial gives the client's end of a connection through the proxy, in memory; network and address do not matter. It has the
// form of net.Dialer.DialContext.
func (p *Proxy) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := errors.Join(ctx.Err(), p.life.Err()); err != nil {
		return nil, err
	}
	near, far := Pipe(socketBuffer)
	p.group.Go(func() { p.carry(far) })
	return near, nil
}

// Set changes the faults of a direction, from now on.
func (p *Proxy) Set(way Way, f Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[way] = f
	close(p.turned)
	p.turned = make(chan struct{})
}

// SetBoth is Set for both directions.
func (p *Proxy) SetBoth(f Faults) {
	p.Set(Up, f)
	p.Set(Down, f)
}

// CutAfter breaks the connection that carries the n-th byte from now on in a direction, behind that byte. It happens once.
func (p *Proxy) CutAfter(way Way, n int64, how End) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left[way], p.due[way], p.how[way] = n, true, how
}

// CutNow breaks every connection that is open.
func (p *Proxy) CutNow(how End) {
	p.mu.Lock()
	open := make([]*link, 0, len(p.links))
	for l := range p.links {
		open = append(open, l)
	}
	p.mu.Unlock()
	for _, l := range open {
		l.end(how)
	}
}

// Instead lets a handler answer new connections; nil passes them on again.
func (p *Proxy) Instead(h Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.instead = h
}

// Open is how many connections are carried now, Dialled how many there ever were.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Dialled is how many connections clients have made.
func (p *Proxy) Dialled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dialled
}

// Close resets what is open, closes the listeners, and returns when nothing of the proxy is left.
func (p *Proxy) Close() {
	p.stop()
	p.mu.Lock()
	fronts := p.fronts
	p.mu.Unlock()
	for _, front := range fronts {
		_ = front.Close()
	}
	p.CutNow(Reset)
	p.group.Wait()
}

// carry serves one connection to its end.
func (p *Proxy) carry(client net.Conn) {
	l := &link{proxy: p, conns: [2]net.Conn{client, nil}, over: make(chan struct{})}
	p.mu.Lock()
	p.dialled++
	p.links[l] = struct{}{}
	instead, stopped := p.instead, p.life.Err() != nil
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.links, l)
		p.mu.Unlock()
	}()
	if stopped {
		l.end(Reset)
		return
	}
	if instead != nil {
		defer client.Close()
		instead(client)
		return
	}
	service, err := p.upstream(p.life)
	if err != nil || !l.join(service) {
		l.end(Reset)
		return
	}
	l.run()
}

// state is the faults of a direction as they are now, and what tells that they have changed.
func (p *Proxy) state(way Way) (Faults, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults[way], p.turned
}

// spend counts n bytes of a direction. It gives how many of them come before a cut, and whether that is due now.
func (p *Proxy) spend(way Way, n int) (pass int, how End, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.due[way] || p.left[way] > int64(n) {
		p.left[way] -= int64(n)
		return n, 0, false
	}
	p.due[way] = false
	return int(p.left[way]), p.how[way], true
}

// jitter is a random part of the most it may be.
func (p *Proxy) jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(p.random.Int64N(int64(most) + 1))
}
