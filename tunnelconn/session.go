package tunnelconn

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"adit/tunnelconn/wire"
)

// handler is what a role does with one WebSocket. Its methods but receive may be called from any goroutine.
type handler interface {
	// ready: the services of the tunnel are known, or were waited for long enough.
	ready()
	// receive handles one message, in their order, valid during the call. An error ends the session.
	receive(m *wire.Message) error
	// leave ends every connection because the proxy is being closed, and says what to send when all else has gone out.
	leave() []*buffer
	// lost cuts every connection that the session's end has left without an end of its own. It may be called again.
	lost(cause error)
}

// session is one WebSocket from its handshake to its end.
type session struct {
	raw       net.Conn
	conn      net.Conn
	in        *incoming
	out       *writer
	pool      *buffers
	budget    *budget
	timing    timing
	log       *slog.Logger
	channelID string
	roundTrip func(time.Duration)

	// reach makes a second connection to the service and closes it; delivery asks the kernel.
	reach    func(context.Context) error
	delivery func() (delivery, bool)

	// reshaped is closed when the session is to make way for another.
	reshaped     chan struct{}
	reshapedOnce sync.Once

	services atomic.Pointer[[]string]
	readied  atomic.Bool
	liveness liveness
}

func newSession(h *handshaken, pool *buffers, t timing, log *slog.Logger, roundTrip func(time.Duration)) *session {
	s := &session{raw: h.raw, conn: h.conn, pool: pool, budget: &budget{process: NewShared()}, timing: t, log: log, channelID: h.channelID, roundTrip: roundTrip, reshaped: make(chan struct{})}
	s.liveness.begun = time.Now()
	s.reach = func(context.Context) error { return nil }
	s.delivery = func() (delivery, bool) { return deliveryOf(h.raw) }
	s.out = newWriter(h.conn, pool, t.write, s.liveness.pinged)
	s.out.conn, s.out.network = h.conn, h.network
	s.out.kernel = func() (int, bool) { return queuedInKernel(h.raw) }
	s.out.limitUnsent = func(bytes int) { limitUnsent(h.raw, bytes) }
	s.in = newIncoming(s.liveness.listen(h.source), s.out.sendPong, s.pong)
	return s
}

// serviceIDs lists the tunnel's services; nil while none were named.
func (s *session) serviceIDs() []string {
	if ids := s.services.Load(); ids != nil {
		return *ids
	}
	return nil
}

func (s *session) becomeReady(h handler) {
	if s.readied.CompareAndSwap(false, true) {
		h.ready()
	}
}

// makeWay ends the session in order with errReshaped. It does not wait.
func (s *session) makeWay() { s.reshapedOnce.Do(func() { close(s.reshaped) }) }

// run carries the session until ctx ends it in order (ErrClosed), or makeWay (errReshaped), or something else does.
func (s *session) run(ctx context.Context, h handler) error {
	over, end := context.WithCancelCause(context.Background())
	var group sync.WaitGroup
	// The reader may be waiting for a local side that takes nothing, and must not keep the others from the news.
	lost := func() {
		if errors.Is(context.Cause(over), ErrClosed) {
			h.lost(ErrClosed)
		} else {
			h.lost(ErrCut)
		}
	}
	fail := func(err error) {
		end(err)
		s.raw.Close()
		lost()
	}
	late := time.AfterFunc(s.timing.serviceIDs, func() { s.becomeReady(h) })
	defer late.Stop()
	group.Go(func() {
		if err := s.out.run(); err != nil {
			fail(err)
		}
	})
	group.Go(func() {
		if err := s.keepAlive(over); err != nil {
			fail(err)
		}
	})
	group.Go(func() {
		select {
		case <-ctx.Done():
			end(ErrClosed)
			s.leave(h)
		case <-s.reshaped:
			end(errReshaped)
			s.leave(h)
		case <-over.Done():
		}
	})
	end(s.read(h))
	s.answerClose(context.Cause(over))
	s.raw.Close()
	s.out.stop()
	lost()
	group.Wait()
	return context.Cause(over)
}

// read hands the messages over until the WebSocket ends.
func (s *session) read(h handler) error {
	frames := wire.NewReader(s.in)
	var m wire.Message
	for {
		frame, err := frames.Next()
		if err != nil {
			return err
		}
		if err := wire.Decode(frame[2:], &m); err != nil {
			return violation("a message that cannot be read: %v", err)
		}
		if s.out.crowded() {
			return violation("more messages to answer than it reads answers")
		}
		s.liveness.busy.Store(true)
		err = s.dispatch(h, &m)
		s.liveness.busy.Store(false)
		if err != nil {
			return err
		}
	}
}

func (s *session) dispatch(h handler, m *wire.Message) error {
	switch m.Type {
	case wire.ServiceIDs:
		ids := m.AvailableServiceIDs
		s.services.Store(&ids)
		s.log.Debug("services of the tunnel", "services", ids)
		s.becomeReady(h)
		return nil
	case wire.Data, wire.StreamStart, wire.StreamReset, wire.SessionReset, wire.ConnectionStart, wire.ConnectionReset:
		return h.receive(m)
	case wire.Unknown:
		return violation("a message without a type")
	}
	if m.Ignorable {
		return nil
	}
	return violation("a message of the unknown %v", m.Type)
}

// leave ends the session in order: what was queued goes out, then the resets, then a close frame, which the service may
// take its time to answer.
func (s *session) leave(h handler) {
	s.out.leave(h.leave(), closeNormal)
	drained := waitFor(s.out.done, s.timing.drain)
	// What still waits for an answer gets none any more, and the reader may be waiting for one of them to take it.
	h.lost(ErrClosed)
	if !drained {
		s.raw.Close()
		return
	}
	if err := s.conn.SetReadDeadline(time.Now().Add(s.timing.hangUp)); err != nil {
		s.raw.Close()
	}
}

// answerClose sends the close frame that the other end may wait for.
func (s *session) answerClose(cause error) {
	var closed *closeError
	var broken *protocolError
	switch {
	case errors.As(cause, &closed):
		s.out.hangUp(closeNormal)
	case errors.As(cause, &broken):
		s.out.hangUp(broken.code)
	case errors.Is(cause, ErrClosed), errors.Is(cause, errReshaped):
		// The read may have ended before the farewell is out.
	default:
		return
	}
	waitFor(s.out.done, s.timing.hangUp)
}

// pong takes the answer to a ping. Any other is one that nobody waits for, which RFC 6455 allows.
func (s *session) pong(payload []byte) {
	if trip, ok := s.out.ponged(payload); ok {
		s.liveness.answered(trip)
		s.roundTrip(trip)
	}
}

// waitFor waits for done no longer than limit, and tells whether it came.
func waitFor(done <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
