package tunnelconn

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// board is where a local proxy shows how it stands. Counters are written without its lock.
type board struct {
	// notify is called, without the lock, after a change.
	notify func()

	mu      sync.Mutex
	status  Status
	turned  chan struct{} // closed at the next change
	counted []*counters
	trip    atomic.Int64
}

// counters count one service.
type counters struct {
	service, address     string
	live, total, refused atomic.Int64
	overflowed           atomic.Int64
	sent, received       atomic.Uint64
	failure              atomic.Pointer[failure]
}

// failure is an error and when it came.
type failure struct {
	err error
	at  time.Time
}

// failed keeps why a connection was turned away or cut.
func (c *counters) failed(err error) { c.failure.Store(&failure{err, time.Now()}) }

func newBoard(key string, role Role, notify func()) *board {
	return &board{
		notify: notify,
		status: Status{Key: key, Seq: 1, Role: role, State: Connecting, Since: time.Now()},
		turned: make(chan struct{}),
	}
}

// service finds the counters of a service, or adds them.
func (b *board) service(name, address string) *counters {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, found := slices.BinarySearchFunc(b.counted, name, func(c *counters, name string) int { return strings.Compare(c.service, name) })
	if !found {
		b.counted = slices.Insert(b.counted, at, &counters{service: name, address: address})
	}
	return b.counted[at]
}

// change applies a change and wakes those who wait for one.
func (b *board) change(apply func(*Status)) {
	b.mu.Lock()
	apply(&b.status)
	b.status.Seq++
	close(b.turned)
	b.turned = make(chan struct{})
	b.mu.Unlock()
	b.notify()
}

func (s *Status) enter(state State) {
	if s.State != state {
		s.State, s.Since = state, time.Now()
	}
}

func (b *board) connected(channelID string) {
	b.change(func(s *Status) {
		if s.State == Reconnecting {
			s.Reconnects++
		}
		s.enter(Connected)
		s.Err, s.ChannelID = nil, channelID
	})
}

// lost records why there is no WebSocket; before the first one the state stays Connecting.
func (b *board) lost(err error) {
	b.change(func(s *Status) {
		if s.State == Connected {
			s.enter(Reconnecting)
		}
		if s.Err = err; !errors.Is(err, errReshaped) { // That is our own doing, and no failure.
			s.LastErr, s.LastErrAt = err, time.Now()
		}
	})
}

func (b *board) stopped(err error) {
	b.change(func(s *Status) {
		s.enter(Stopped)
		if s.Err = err; err != nil {
			s.LastErr, s.LastErrAt = err, time.Now()
		}
	})
}

func (b *board) peer(v Version) { b.change(func(s *Status) { s.Peer = v }) }

// roundTrip is a counter by nature: it changes with every ping, and wakes nobody.
func (b *board) roundTrip(d time.Duration) { b.trip.Store(int64(d)) }

// snapshot samples the board, with the connections that run.
func (b *board) snapshot(running map[*counters][]ConnectionStatus) Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	status := b.status
	status.RoundTrip = time.Duration(b.trip.Load())
	status.Services = make([]ServiceStatus, len(b.counted))
	for i, c := range b.counted {
		status.Services[i] = ServiceStatus{
			Service: c.service, Address: c.address,
			Live: int(c.live.Load()), Total: int(c.total.Load()), Refused: int(c.refused.Load()),
			Overflowed: int(c.overflowed.Load()),
			Sent:       c.sent.Load(), Received: c.received.Load(),
			Connections: running[c],
		}
		if last := c.failure.Load(); last != nil {
			status.Services[i].LastErr, status.Services[i].LastErrAt = last.err, last.at
		}
	}
	return status
}

// next waits until Seq differs from seen.
func (b *board) next(ctx context.Context, seen uint64) (uint64, error) {
	for {
		b.mu.Lock()
		seq, turned := b.status.Seq, b.turned
		b.mu.Unlock()
		if seq != seen {
			return seq, nil
		}
		select {
		case <-turned:
		case <-ctx.Done():
			return seq, ctx.Err()
		}
	}
}

func (b *board) state() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status.State
}
