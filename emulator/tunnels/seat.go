package tunnels

import "adit/emulator/choices"

// Reason says why a seat was lost.
type Reason uint8

const (
	// Replaced: a newcomer with a right to the side took it.
	Replaced Reason = iota
	// Rotated: the access token of the side was replaced.
	Rotated
	// ClosedByAPI: the tunnel was closed.
	ClosedByAPI
	// Expired: the tunnel's lifetime is over.
	Expired
)

// Seat is one side of a tunnel, taken by one WebSocket.
type Seat struct {
	Scope    Scope
	Tunnel   string
	Side     Side
	Services []string

	record *record
	reason Reason
	done   chan struct{}
}

// Done is closed when the seat is lost; Reason then tells why.
func (s *Seat) Done() <-chan struct{} { return s.done }

// Reason of the loss. It means nothing before Done is closed.
func (s *Seat) Reason() Reason { return s.reason }

// Take gives a side of a tunnel to who has its token, and takes it from who had it. An access token is good once; a client
// token that comes with the first use makes it good for whoever repeats both. clientToken is "" without one.
func (s *Store) Take(side Side, accessToken, clientToken string) (*Seat, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	g := s.grantOf(accessToken)
	if g == nil {
		return nil, ErrUnknownToken
	}
	r := g.record
	switch {
	case r.Status == Closed:
		return nil, ErrTunnelClosed
	case g.side != side:
		return nil, ErrWrongSide
	}
	if err := s.bind(g, clientToken); err != nil {
		return nil, err
	}
	r.dismiss(side, Replaced)
	seat := &Seat{
		Scope: r.Scope, Tunnel: r.ID, Side: side, Services: r.services(),
		record: r, done: make(chan struct{}),
	}
	r.seats[side] = seat
	return seat, nil
}

// Connected makes it known that the side is connected: a seat that was just taken is not yet ready for the other side.
func (s *Store) Connected(seat *Seat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r := seat.record
	if r.seats[seat.Side] != seat {
		return
	}
	s.journal.note(now, r, true)
	s.touch(r, now, "connections", "all")
	// Who is connected already was replaced.
	if side := &r.Connections[seat.Side]; !side.Connected || s.cfg.Choices.Is(choices.NewcomerUpdates, "yes") {
		*side = Connection{Connected: true, Since: now}
	}
}

// bind uses a grant, for the first time or again.
func (s *Store) bind(g *grant, clientToken string) error {
	client := digestOf(clientToken)
	if g.used {
		switch {
		case g.client == nil || clientToken == "":
			return ErrTokenUsed
		case !g.client.equal(client):
			return ErrClientToken
		}
		return nil
	}
	if clientToken != "" {
		key := accountToken{g.record.Account, client}
		if s.clients[key] {
			return ErrClientTokenTaken
		}
		s.clients[key] = true
		g.record.clients = append(g.record.clients, key)
		g.client = &client
	}
	g.used = true
	return nil
}

// Leave gives a seat back when its WebSocket is gone. Leaving a seat that was lost changes nothing.
func (s *Store) Leave(seat *Seat) {
	s.vacate(seat, func(r *record) { r.seats[seat.Side] = nil })
}

// Displace takes a seat from its holder as a newcomer would who then does not come.
func (s *Store) Displace(seat *Seat) {
	s.vacate(seat, func(r *record) { r.dismiss(seat.Side, Replaced) })
}

func (s *Store) vacate(seat *Seat, take func(*record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	r := seat.record
	if r.seats[seat.Side] != seat {
		return
	}
	take(r)
	if r.Connections[seat.Side].Connected {
		s.journal.note(now, r, true)
		s.touch(r, now, "connections", "all")
		r.Connections[seat.Side] = Connection{Since: now}
	}
}

// dismiss takes a seat from its holder, if there is one.
func (r *record) dismiss(side Side, reason Reason) (had bool) {
	seat := r.seats[side]
	if seat == nil {
		return false
	}
	seat.reason = reason
	close(seat.done)
	r.seats[side] = nil
	return true
}
