package relay

import (
	"adit/emulator/faults"
	"adit/emulator/tunnels"
	"adit/tunnelconn/wire"
)

// with does something to the link of a side, with the pair's lock, and tells whether there was one. A link that was told
// its end is none any more, though it stays in its place until its local proxy has hung up.
func (s *Server) with(tunnel string, side tunnels.Side, do func(*pair, *link)) bool {
	s.mu.Lock()
	p := s.pairs[tunnel]
	s.mu.Unlock()
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.links[side]
	if l == nil || l.over() {
		return false
	}
	do(p, l)
	return true
}

// Cut drops the TCP connection of a side without a close frame, as a failing network does. Like the others it tells whether
// a local proxy was connected there.
func (s *Server) Cut(tunnel string, side tunnels.Side) bool {
	return s.with(tunnel, side, func(_ *pair, l *link) { l.abort() })
}

// Replace sends the local proxy of a side away as if another one had taken the side, and tells the other side so.
func (s *Server) Replace(tunnel string, side tunnels.Side) bool {
	return s.with(tunnel, side, func(p *pair, l *link) {
		p.resetOther(l)
		s.cfg.Tunnels.Displace(l.seat)
	})
}

// ResetSession sends SESSION_RESET to a side, which ends all streams there.
func (s *Server) ResetSession(tunnel string, side tunnels.Side) bool {
	return s.with(tunnel, side, func(_ *pair, l *link) {
		l.streams = nil
		l.tell(wire.SessionReset, "", 0, 0)
	})
}

// happen brings about the event that a fault has for the link, when its time has come.
func (s *Server) happen(l *link) {
	if !l.pause(l.effect.After) {
		return
	}
	l.log.Info("data plane: fault on demand", "fault", string(l.effect.Kind))
	switch l.effect.Kind {
	case faults.SessionReset:
		s.ResetSession(l.seat.Tunnel, l.seat.Side)
	case faults.Replace:
		s.Replace(l.seat.Tunnel, l.seat.Side)
	case faults.Expire:
		s.cfg.Tunnels.Expire(l.seat.Tunnel)
	}
}
