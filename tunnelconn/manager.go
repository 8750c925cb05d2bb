package tunnelconn

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Manager owns every local proxy of the process. It never calls into the screen: who wants to know waits on Changed and
// takes a Snapshot, so a screen that stands still (while ssh runs) holds nothing up.
type Manager struct {
	mu      sync.Mutex
	entries []*entry // in the order they were started
	closed  bool
	mark    uint64
	turned  chan struct{}
	shared  *Shared
}

type entry struct {
	key    string
	source *Source // nil while it is being started
}

// NewManager makes an empty Manager.
func NewManager() *Manager { return &Manager{turned: make(chan struct{}), shared: NewShared()} }

// StartSource starts a source local proxy under a key. A running one of the same key is an error (ErrRunning); a stopped
// one is replaced.
func (m *Manager) StartSource(key string, cfg SourceConfig) (*Source, error) {
	added, err := m.reserve(key)
	if err != nil {
		return nil, err
	}
	if cfg.Shared == nil {
		cfg.Shared = m.shared
	}
	source, err := startSource(key, cfg, standardTiming(), m.turn)
	return m.keep(added, source, err)
}

// reserve makes a key's entry, to be filled by keep.
func (m *Manager) reserve(key string) (*entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.find(key)
	switch {
	case m.closed:
		return nil, ErrClosed
	case at >= 0 && (m.entries[at].source == nil || m.entries[at].source.Status().State != Stopped):
		return nil, ErrRunning
	case at >= 0:
		m.entries = slices.Delete(m.entries, at, at+1)
	}
	added := &entry{key: key}
	m.entries = append(m.entries, added)
	return added, nil
}

// keep fills an entry with what was started, and forgets it when that failed. What was stopped meanwhile ends at once.
func (m *Manager) keep(added *entry, source *Source, err error) (*Source, error) {
	m.mu.Lock()
	wanted := !m.closed && slices.Contains(m.entries, added)
	if err == nil && wanted {
		added.source = source
	} else {
		m.entries = slices.DeleteFunc(m.entries, func(e *entry) bool { return e == added })
	}
	m.mu.Unlock()
	m.turn()
	if err == nil && !wanted {
		return nil, errors.Join(ErrClosed, source.Close())
	}
	return source, err
}

// find is the place of a key, or -1.
func (m *Manager) find(key string) int {
	return slices.IndexFunc(m.entries, func(e *entry) bool { return e.key == key })
}

// turn wakes those who wait for a change.
func (m *Manager) turn() {
	m.mu.Lock()
	m.mark++
	close(m.turned)
	m.turned = make(chan struct{})
	m.mu.Unlock()
}

// Source finds a proxy that has not been forgotten.
func (m *Manager) Source(key string) (*Source, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.find(key); at >= 0 && m.entries[at].source != nil {
		return m.entries[at].source, true
	}
	return nil, false
}

// sources are the started ones, in their order.
func (m *Manager) sources() []*Source {
	m.mu.Lock()
	defer m.mu.Unlock()
	var started []*Source
	for _, e := range m.entries {
		if e.source != nil {
			started = append(started, e.source)
		}
	}
	return started
}

// Snapshot lists every proxy, in the order they were started, stopped ones until they are forgotten.
func (m *Manager) Snapshot() []Status {
	sources := m.sources()
	list := make([]Status, len(sources))
	for i, s := range sources {
		list[i] = s.Status()
	}
	return list
}

// Changed blocks until something other than a counter changed since seen, and returns the new mark.
func (m *Manager) Changed(ctx context.Context, seen uint64) (uint64, error) {
	for {
		m.mu.Lock()
		mark, turned := m.mark, m.turned
		m.mu.Unlock()
		if mark != seen {
			return mark, nil
		}
		select {
		case <-turned:
		case <-ctx.Done():
			return mark, ctx.Err()
		}
	}
}

// Stop ends one proxy and forgets it; one that is just being started ends as soon as it has been, and its StartSource
// returns ErrClosed. An unknown key is no error: what was wanted holds.
func (m *Manager) Stop(key string) error {
	m.mu.Lock()
	at := m.find(key)
	if at < 0 {
		m.mu.Unlock()
		return nil
	}
	stopped := m.entries[at]
	source := stopped.source
	if source == nil {
		m.entries = slices.Delete(m.entries, at, at+1)
	}
	m.mu.Unlock()
	if source == nil {
		return nil
	}
	err := source.Close()
	m.mu.Lock()
	m.entries = slices.DeleteFunc(m.entries, func(e *entry) bool { return e == stopped })
	m.mu.Unlock()
	m.turn()
	return err
}

// Close ends all of them, within three seconds, and starts no more.
func (m *Manager) Close() error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	sources := m.sources()
	errs := make([]error, len(sources))
	var group sync.WaitGroup
	for i, s := range sources {
		group.Go(func() { errs[i] = s.Close() })
	}
	group.Wait()
	m.mu.Lock()
	m.entries = nil
	m.mu.Unlock()
	m.turn()
	return errors.Join(errs...)
}
