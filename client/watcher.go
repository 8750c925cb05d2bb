package client

import (
	"context"
	"log/slog"
	"time"
)

// WatcherOptions configure the poller; zero values are the defaults in brackets.
type WatcherOptions struct {
	// ListEvery is the pause between ListTunnels sweeps [5 s].
	ListEvery time.Duration
	// PageSize is ListTunnels' maxResults [100]; Pages how many pages of it a sweep takes at first [10].
	PageSize, Pages int
	// Rate is what all calls of one account and region may use, a second [5], with a Burst [5].
	Rate  float64
	Burst int
	Log   *slog.Logger
}

// Watcher is the one poller: ListTunnels on a tick, DescribeTunnel for what is looked at, under one limiter for each
// account and region. It publishes immutable snapshots.
type Watcher struct{}

// Row is a tunnel with what is known about the knowledge.
type Row struct {
	Tunnel
	// ListedAt and DescribedAt are when it was last seen by List and by Describe, zero for never.
	ListedAt, DescribedAt time.Time
	// Err is why the last refresh of this row failed; the data stays.
	Err error
}

// ContextState is how the listing of one context goes.
type ContextState struct {
	Context  Context
	ListedAt time.Time
	// Err is why the last sweep failed; nil after a good one.
	Err error
	// More tells that the service has further pages that were not asked for.
	More bool
}

// Snapshot is what the watcher knew at one moment. It is never changed after it was published.
type Snapshot struct {
	Seq      uint64
	At       time.Time
	Rows     []Row // newest first
	Contexts []ContextState
	// Thing is the server-side filter, "" for none.
	Thing string
}

// Attention is what the screen looks at; it decides the order of DescribeTunnel.
type Attention struct {
	// Watched are being opened or proxied, Selected is under the cursor, Visible on the screen.
	Watched  []Key
	Selected Key
	Visible  []Key
	// Blurred slows everything but the watched down.
	Blurred bool
}

// NewWatcher polls the services once Run is called.
func NewWatcher(services []Service, opts WatcherOptions) *Watcher { panic("not built") }

// Run polls until the context ends.
func (w *Watcher) Run(ctx context.Context) error { panic("not built") }

// Snapshot is the latest one; it is never nil.
func (w *Watcher) Snapshot() *Snapshot { panic("not built") }

// Next blocks until there is a snapshot whose Seq differs from seen.
func (w *Watcher) Next(ctx context.Context, seen uint64) (*Snapshot, error) { panic("not built") }

// Look tells what the screen shows.
func (w *Watcher) Look(a Attention) { panic("not built") }

// Narrow lists the tunnels of one thing only, by the service; "" lists all.
func (w *Watcher) Narrow(thing string) { panic("not built") }

// More asks for one page more than so far.
func (w *Watcher) More() { panic("not built") }

// Refresh lists now, and describes the given tunnels first.
func (w *Watcher) Refresh(keys ...Key) { panic("not built") }

// Record takes what an answer of our own told (an open, a close, a tag), at once, before the next sweep.
// A tunnel that was removed is recorded by Forget.
func (w *Watcher) Record(t Tunnel) { panic("not built") }

// Forget drops a tunnel whose record was deleted.
func (w *Watcher) Forget(key Key) { panic("not built") }
