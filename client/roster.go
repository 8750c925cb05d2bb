package client

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// RosterOptions configure the poller of things; zero values are the defaults in brackets.
type RosterOptions struct {
	// ListEvery is the pause between two lists of the registry [5 min], Pages how many pages of 250 things one takes [20].
	ListEvery time.Duration
	Pages     int
	// PresenceEvery is how old the presence of a thing that is looked at may become [1 min], a quarter of it for the
	// selected one. Each question is paid for.
	PresenceEvery time.Duration
	// Rate is how many calls a second one account and region takes at most [2], Burst how many at once [4].
	Rate  float64
	Burst int
	// Random yields numbers in [0, 1) from any goroutine [math/rand/v2's].
	Random func() float64
	Log    *slog.Logger
}

func (o RosterOptions) withDefaults() RosterOptions {
	o.ListEvery, o.Pages = cmp.Or(o.ListEvery, 5*time.Minute), cmp.Or(o.Pages, 20)
	o.PresenceEvery = cmp.Or(o.PresenceEvery, time.Minute)
	o.Rate, o.Burst = cmp.Or(o.Rate, 2), cmp.Or(o.Burst, 4)
	if o.Random == nil {
		o.Random = rand.Float64
	}
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return o
}

// Roster is the one poller of the registries: the names of the things, and the presence of those that somebody looks at,
// many at once by the fleet index where it may. It asks nothing before it is looked at. What is denied or not indexed is not asked for again until Refresh.
//
// All methods may be called from any goroutine, and but for Run and Next none of them waits for the network.
type Roster struct {
	opts RosterOptions

	mu    sync.Mutex
	lanes []*rosterLane
	// start has a lane poll while Run does; nil before and after.
	start    func(*rosterLane)
	looked   RosterAttention
	presence map[ThingKey]Presence
	snapshot *RosterSnapshot
	// published is closed, and made anew, with every snapshot.
	published chan struct{}
}

// RosterAttention is what the screen looks at.
type RosterAttention struct {
	// Listed: somebody looks at things at all.
	Listed   bool
	Selected ThingKey
	Visible  []ThingKey
	// Blurred: nobody is there, and only the selected thing is asked for.
	Blurred bool
}

// RosterSnapshot is what the Roster knew at one moment. It is never changed after it was published.
type RosterSnapshot struct {
	Seq   uint64
	Lists []ThingList
	// Presence of the things that were asked for.
	Presence map[ThingKey]Presence
}

// ThingList is the registry of one context.
type ThingList struct {
	Context Context
	Names   []Text
	// ListedAt is when it was last listed whole, zero for never; More tells that there are things beyond the pages taken.
	ListedAt time.Time
	More     bool
	// Err is why the last list failed, IndexErr why presence is asked for thing by thing, PresenceErr why it is not asked for at
	// all; what was known stays.
	Err, IndexErr, PresenceErr error
}

// NewRoster polls the registries of the services once Run is called. Of several services for one account and region the
// first is asked.
func NewRoster(services []Service, opts RosterOptions) *Roster {
	r := &Roster{opts: opts.withDefaults(), presence: map[ThingKey]Presence{}, snapshot: &RosterSnapshot{}, published: make(chan struct{})}
	r.Add(services...)
	return r
}

// Add polls the registries of further services. Where one of the same account and region is polled already, it stays.
func (r *Roster) Add(services ...Service) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, service := range services {
		place := service.Context().Place()
		if slices.ContainsFunc(r.lanes, func(l *rosterLane) bool { return l.state.Context.Place() == place }) {
			continue
		}
		l := newRosterLane(r, service)
		r.lanes = append(r.lanes, l)
		if r.start != nil {
			r.start(l)
		}
	}
	r.publish()
}

// Run polls until the context ends, and returns when all its goroutines have.
func (r *Roster) Run(ctx context.Context) error {
	var running sync.WaitGroup
	r.mu.Lock()
	r.start = func(l *rosterLane) { running.Go(func() { l.run(ctx) }) }
	for _, l := range r.lanes {
		r.start(l)
	}
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	r.start = nil
	r.mu.Unlock()
	running.Wait()
	return nil
}

// Snapshot is the latest one; it is never nil.
func (r *Roster) Snapshot() *RosterSnapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.snapshot
}

// Next blocks until there is a snapshot whose Seq differs from seen.
func (r *Roster) Next(ctx context.Context, seen uint64) (*RosterSnapshot, error) {
	for {
		r.mu.Lock()
		snapshot, published := r.snapshot, r.published
		r.mu.Unlock()
		if snapshot.Seq != seen {
			return snapshot, nil
		}
		select {
		case <-published:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Look tells what the screen shows of the things.
func (r *Roster) Look(a RosterAttention) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = a
	for _, l := range r.lanes {
		l.again.set()
	}
}

// Refresh lists now, also what was denied, and asks for the presence of what is looked at.
func (r *Roster) Refresh() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lanes {
		l.afresh = true
		l.state.IndexErr, l.state.PresenceErr = nil, nil
		l.again.set()
	}
	for _, key := range append([]ThingKey{r.looked.Selected}, r.looked.Visible...) {
		if known, ok := r.presence[key]; ok {
			known.AskedAt = time.Time{}
			r.presence[key] = known
		}
	}
}

// publish makes the next snapshot. The lock is held.
func (r *Roster) publish() {
	next := &RosterSnapshot{Seq: r.snapshot.Seq + 1, Presence: maps.Clone(r.presence)}
	for _, l := range r.lanes {
		list := l.state
		list.Names = slices.Clip(list.Names)
		next.Lists = append(next.Lists, list)
	}
	r.snapshot = next
	close(r.published)
	r.published = make(chan struct{})
}
