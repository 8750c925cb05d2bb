package tunnelconn

import "context"

// Manager owns every local proxy of the process. It never calls into the screen: who wants to know waits on Changed and
// takes a Snapshot, so a screen that stands still (while ssh runs) holds nothing up.
type Manager struct{}

// NewManager makes an empty Manager.
func NewManager() *Manager { panic("not built") }

// StartSource starts a source local proxy under a key. A running one of the same key is an error (ErrRunning); a stopped
// one is replaced.
func (m *Manager) StartSource(key string, cfg SourceConfig) (*Source, error) { panic("not built") }

// Source finds a proxy that has not been forgotten.
func (m *Manager) Source(key string) (*Source, bool) { panic("not built") }

// Snapshot lists every proxy, in the order they were started, stopped ones until they are forgotten.
func (m *Manager) Snapshot() []Status { panic("not built") }

// Changed blocks until something other than a counter changed since seen, and returns the new mark.
func (m *Manager) Changed(ctx context.Context, seen uint64) (uint64, error) { panic("not built") }

// Stop ends one proxy and forgets it.
func (m *Manager) Stop(key string) error { panic("not built") }

// Close ends all of them, within three seconds.
func (m *Manager) Close() error { panic("not built") }
