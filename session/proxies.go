package session

import (
	"slices"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// Proxy is a running local proxy with what it is for.
type Proxy struct {
	tunnelconn.Status
	Tunnel client.Key
	Thing  string
}

// Proxies lists them in the order they were started.
func (s *Sessions) Proxies() []Proxy {
	statuses := s.manager.Snapshot()
	s.mu.Lock()
	defer s.mu.Unlock()
	proxies := make([]Proxy, 0, len(statuses))
	for _, status := range statuses {
		for key, h := range s.held {
			if h.name == status.Key && !(h.cut && status.State == tunnelconn.Stopped) {
				proxies = append(proxies, Proxy{Status: status, Tunnel: key, Thing: h.thing})
			}
		}
	}
	return proxies
}

// StopProxy ends the local proxy of a tunnel; the tunnel stays open. Without one it does nothing.
func (s *Sessions) StopProxy(key client.Key) error {
	s.mu.Lock()
	h, ok := s.held[key]
	s.mu.Unlock()
	if !ok {
		return nil
	}
	lost := s.displaced(key)
	src, ours := s.running(key)
	var since time.Time
	// While ours is not connected it may be somebody else's that the service shows.
	if row, ok := s.watcher.Snapshot().Row(key); ok && ours && src.Status().State == tunnelconn.Connected && row.Source.Connected {
		since = row.Source.Since
	}
	err := s.manager.Stop(h.name)
	s.mu.Lock()
	delete(s.held, key)
	if ours {
		s.released[key] = release{at: time.Now(), since: since}
	}
	if lost {
		s.lost[key] = true
	}
	s.mu.Unlock()
	s.watcher.Refresh(key)
	return err
}

// Mine tells whether this adit opened the tunnel, now or in an earlier run, or holds its source.
func (s *Sessions) Mine(key client.Key) bool {
	if _, ok := s.running(key); ok {
		return true
	}
	return s.Opened(key)
}

// Opened tells whether this adit opened the tunnel, now or in an earlier run, and it is not known to be over. A tunnel
// that somebody else opened and whose source this adit holds is not one of these.
func (s *Sessions) Opened(key client.Key) bool {
	s.mu.Lock()
	o := OpenedTunnel{Key: key}
	ours := s.earlier[key]
	if i := slices.IndexFunc(s.opened, func(o OpenedTunnel) bool { return o.Key == key }); i >= 0 {
		o, ours = s.opened[i], true
	}
	s.mu.Unlock()
	return ours && !o.over(s.watcher.Snapshot(), time.Now())
}

// HasRunning tells whether any local proxy would be cut by quitting.
func (s *Sessions) HasRunning() bool {
	return slices.ContainsFunc(s.Proxies(), func(p Proxy) bool { return p.State != tunnelconn.Stopped })
}

// OpenedHere lists the tunnels this process opened and that nobody has closed, nor their lifetime, in that order: they
// stay open, and reachable, when it ends.
func (s *Sessions) OpenedHere() []OpenedTunnel {
	s.mu.Lock()
	opened := slices.Clone(s.opened)
	s.mu.Unlock()
	seen, now := s.watcher.Snapshot(), time.Now()
	return slices.DeleteFunc(opened, func(o OpenedTunnel) bool {
		_, shown := seen.Row(o.Key)
		deleted := !shown && seen.Thing == "" // every open was told to the screen; a list of one thing's hides the others'
		return deleted || o.over(seen, now)
	})
}
