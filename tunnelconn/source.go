package tunnelconn

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Source is a running source local proxy.
type Source struct {
	*proxy
	version Version
	// fallBack is how long an unknown device may say nothing before it is asked in V1; below zero it never is.
	fallBack time.Duration
	// sole is the service of the only listener, which stands for an unnamed one.
	sole string

	state struct {
		sync.Mutex
		current *sourceSession
		peer    Version
		// speaks is the shape of the streams to come where none was set, V3 without one.
		speaks Version
		// turned is closed when something changes that a waiting connection may wait for.
		turned chan struct{}
		held   int
		stream int32
	}
}

// maxHeld bounds the local connections that wait for the tunnel to come back.
const maxHeld = 64

// StartSource binds the listeners and begins to connect. It returns once the listeners are bound; an address that is
// taken is a *ListenError. The Source stops by Close, or by itself when the service turns it away for good.
func StartSource(cfg SourceConfig) (*Source, error) {
	return startSource("", cfg, standardTiming(), func() {})
}

func startSource(key string, cfg SourceConfig, t timing, notify func()) (*Source, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Source{proxy: newProxy(key, RoleSource, cfg.Link, t, notify), version: cfg.Version, fallBack: cmp.Or(cfg.FallBack, standardFallBack)}
	s.state.turned = make(chan struct{})
	// Random, so that no stream of an earlier run on this tunnel is mistaken for one of ours; negative ids cost ten bytes.
	s.state.stream = rand.Int32N(1<<31 - 1)
	if len(cfg.Listeners) == 1 {
		s.sole = cfg.Listeners[0].Service
	}
	bound, err := listenAll(cfg.Listeners)
	if err != nil {
		return nil, err
	}
	for i, l := range bound {
		service := cfg.Listeners[i].Service
		count := s.board.service(service, l.Addr().String())
		s.work.Go(func() { s.accept(l, service, count) })
	}
	s.start(s.open, func() {
		for _, l := range bound {
			_ = l.Close()
		}
	})
	return s, nil
}

// open begins the source's part of a session.
func (s *Source) open(session *session) handler {
	x := newSourceSession(s, session)
	s.state.Lock()
	s.state.current = x
	s.state.Unlock()
	return x
}

// leave gives a session up that has ended.
func (s *Source) leave(x *sourceSession) {
	s.state.Lock()
	defer s.state.Unlock()
	if s.state.current == x {
		s.state.current = nil
	}
}

// Attach carries one local connection, such as ssh's, to a service of the tunnel and takes the connection over: it is
// closed when the stream ends. It blocks until then. An empty service is the tunnel's only one. The error is nil after an
// orderly end, ErrBusyPeer when a peer of V1 or V2 has a connection already, and ErrCut or ErrReset when bytes may be
// missing; the end of ctx resets the connection.
func (s *Source) Attach(ctx context.Context, service string, local net.Conn) error {
	name := service
	if name == "" {
		name = s.sole
	}
	if !s.enter() {
		reset(local)
		return s.stopReason()
	}
	defer s.work.Done()
	return s.serve(ctx, service, local, s.board.service(name, ""))
}

// serve finds a local connection its place in the tunnel and runs it.
func (s *Source) serve(ctx context.Context, service string, local net.Conn, count *counters) error {
	var before *hold
	for {
		c, err := s.place(ctx, service, count, before)
		if err != nil {
			before.drop()
			count.refused.Add(1)
			count.failed(err)
			s.uplink.log.Info("refused a local connection", "service", service, "reason", err)
			reset(local)
			return err
		}
		c.movedIn = before != nil
		before.release(c.send) // Unless its own hold has taken it over.
		watched := context.AfterFunc(ctx, func() { c.abandon(context.Cause(ctx)) })
		err = s.carry(c, local)
		watched()
		c.stream.owner.release(c)
		if errors.Is(err, ErrReset) || errors.Is(err, ErrStalled) {
			s.uplink.log.Info("a connection was cut", "service", service, "reason", err)
		}
		if !errors.Is(err, errMoved) {
			return err
		}
		before = c.hold
	}
}

// place waits, for a bounded time, until the tunnel can take one more connection.
func (s *Source) place(ctx context.Context, service string, count *counters, before *hold) (*connection, error) {
	patience := time.NewTimer(s.timing.hold)
	defer patience.Stop()
	arrived := time.Now()
	held := false
	defer func() {
		if held {
			s.hold(-1)
		}
	}()
	for {
		s.state.Lock()
		current, turned := s.state.current, s.state.turned
		s.state.Unlock()
		reason := ErrUnavailable
		var again <-chan time.Time
		if current != nil && current.session.readied.Load() {
			c, wait, err := current.begin(service, count, before)
			switch soon := s.timing.notice - time.Since(arrived); {
			case errors.Is(err, ErrBusyPeer) && soon > 0:
				wait = soon
			case !errors.Is(err, errWait):
				return c, err
			}
			reason = ErrBusyPeer
			if wait > 0 {
				again = time.After(wait)
			}
		} else if !held {
			if held = s.hold(1); !held {
				return nil, ErrTooMany
			}
		}
		select {
		case <-turned:
		case <-again:
		case <-patience.C:
			return nil, reason
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-s.life.Done():
			return nil, s.stopReason()
		}
	}
}

// hold counts those that wait for a link.
func (s *Source) hold(n int) bool {
	s.state.Lock()
	defer s.state.Unlock()
	if n > 0 && s.state.held >= maxHeld {
		return false
	}
	s.state.held += n
	return true
}

// stopReason is why the source is over.
func (s *Source) stopReason() error {
	if err := context.Cause(s.life); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return ErrClosed
}

// turn wakes the connections that wait.
func (s *Source) turn() {
	s.state.Lock()
	close(s.state.turned)
	s.state.turned = make(chan struct{})
	s.state.Unlock()
}

// single tells whether the peer, as far as is known, carries one connection a stream.
func (s *Source) single() bool {
	return s.version.single() || s.version == Auto && s.peer().single()
}

// shape is that of the messages we send. What the peer's messages look like changes nothing about it: the service forbids
// to go from messages with a service id to such without, and those old peers that answer V3 at all read it.
func (s *Source) shape() Version {
	if s.version != Auto {
		return s.version
	}
	s.state.Lock()
	defer s.state.Unlock()
	return cmp.Or(s.state.speaks, V3)
}

func (s *Source) peer() Version {
	s.state.Lock()
	defer s.state.Unlock()
	return s.state.peer
}

// learn remembers the shape of the peer's data, and tells whether that is news. Further streams have the shape of the one
// that was answered.
func (s *Source) learn(shape, spoken Version) bool {
	s.state.Lock()
	news := s.state.peer != shape
	s.state.peer, s.state.speaks = shape, spoken
	s.state.Unlock()
	if news {
		s.board.peer(shape)
		s.turn()
	}
	return news
}

// speak sets the shape of streams to come, before it was answered.
func (s *Source) speak(shape Version) {
	s.state.Lock()
	defer s.state.Unlock()
	s.state.speaks = shape
}

// nextStream gives a stream id that this source has not used.
func (s *Source) nextStream() int32 {
	s.state.Lock()
	defer s.state.Unlock()
	s.state.stream++
	if s.state.stream <= 0 {
		s.state.stream = 1
	}
	return s.state.stream
}
