package client

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// WatcherOptions configure the poller; zero values are the defaults in brackets.
type WatcherOptions struct {
	// ListEvery is the pause between ListTunnels sweeps [5 s].
	ListEvery time.Duration
	// PageSize is ListTunnels' maxResults [100]; Pages how many pages of it a sweep takes at first [10].
	PageSize, Pages int
	// Rate is how many DescribeTunnel calls a second one account and region begins with [4], MostRate what they may grow
	// to while nothing is throttled [8], and Burst how many may come at once [4].
	Rate, MostRate float64
	Burst          int
	// ListRate is how many ListTunnels calls, that is pages, a second there are at most [1], but for three at once.
	ListRate float64
	// CacheFile keeps what never changes in a tunnel between runs, several of which may share it; "" for none. Its directory
	// must be there. The file is private to its user.
	CacheFile string
	// Random yields numbers in [0, 1) from any goroutine [math/rand/v2's].
	Random func() float64
	Log    *slog.Logger
}

// listBurst is how many pages may be listed at once: what a person asked for should not wait.
const listBurst = 3

func (o WatcherOptions) withDefaults() WatcherOptions {
	o.ListEvery = cmp.Or(o.ListEvery, 5*time.Second)
	o.PageSize, o.Pages = cmp.Or(o.PageSize, maxPageSize), cmp.Or(o.Pages, 10)
	o.Rate, o.Burst, o.ListRate = cmp.Or(o.Rate, 4), cmp.Or(o.Burst, 4), cmp.Or(o.ListRate, 1)
	o.MostRate = max(cmp.Or(o.MostRate, 8), o.Rate)
	if o.Random == nil {
		o.Random = rand.Float64
	}
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return o
}

// publishEvery is how close to each other snapshots of polled changes may be.
const publishEvery = 100 * time.Millisecond

// Watcher is the one poller: ListTunnels on a tick, DescribeTunnel for what is looked at, under one budget for
// each operation of an account and region. It publishes immutable snapshots.
//
// All methods may be called from any goroutine, and but for Run and Next none of them waits for the network.
type Watcher struct {
	opts WatcherOptions
	// changed wakes the publisher.
	changed signal

	mu    sync.Mutex
	lanes []*lane
	// budgets are those of each place.
	budgets map[Key]budgets
	// start has a lane poll while Run does; nil before and after.
	start     func(*lane)
	catalogue *catalogue
	schedule  schedule
	thing     string
	pages     int
	snapshot  *Snapshot
	// published is closed, and made anew, with every snapshot.
	published chan struct{}
}

// NewWatcher polls the services once Run is called.
func NewWatcher(services []Service, opts WatcherOptions) *Watcher {
	opts = opts.withDefaults()
	w := &Watcher{
		opts: opts, changed: newSignal(), catalogue: newCatalogue(), schedule: newSchedule(Attention{}), pages: opts.Pages,
		budgets: map[Key]budgets{}, snapshot: &Snapshot{}, published: make(chan struct{}),
	}
	for _, service := range services {
		w.add(service)
	}
	w.publish()
	return w
}

// Add polls further services. One that is polled already is left alone.
func (w *Watcher) Add(services ...Service) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, service := range services {
		if !slices.ContainsFunc(w.lanes, func(l *lane) bool { return l.service == service }) {
			w.add(service)
		}
	}
	w.publish()
}

// add makes a lane. The lock is held, or nobody else knows the watcher yet.
func (w *Watcher) add(service Service) {
	place := service.Context().Place()
	if _, ok := w.budgets[place]; !ok {
		w.budgets[place] = w.opts.budgets()
	}
	l := newLane(w, service, w.budgets[place])
	w.lanes = append(w.lanes, l)
	if w.start != nil {
		w.start(l)
	}
}

// Run polls until the context ends, and returns when all its goroutines have.
func (w *Watcher) Run(ctx context.Context) error {
	w.recallFacts()
	var running sync.WaitGroup
	running.Go(func() { w.keepFacts(ctx) })
	running.Go(func() {
		for w.changed.wait(ctx, time.Time{}) {
			w.mu.Lock()
			w.publish()
			w.mu.Unlock()
			_ = sleep(ctx, publishEvery)
		}
	})
	poll := func(l *lane) {
		running.Go(func() { l.list(ctx) })
		running.Go(func() { l.describe(ctx) })
	}
	w.mu.Lock()
	w.start = poll
	for _, l := range w.lanes {
		poll(l)
	}
	w.mu.Unlock()
	<-ctx.Done()
	w.mu.Lock()
	w.start = nil
	w.mu.Unlock()
	running.Wait()
	return nil
}

// Snapshot is the latest one; it is never nil.
func (w *Watcher) Snapshot() *Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshot
}

// Next blocks until there is a snapshot whose Seq differs from seen.
func (w *Watcher) Next(ctx context.Context, seen uint64) (*Snapshot, error) {
	for {
		w.mu.Lock()
		snapshot, published := w.snapshot, w.published
		w.mu.Unlock()
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

// Look tells what the screen shows.
func (w *Watcher) Look(a Attention) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.schedule
	w.schedule = newSchedule(a)
	for _, l := range w.lanes {
		l.dueAgain.set()
		if before.blurred && !a.Blurred || before.elsewhere(l.place) && !w.schedule.elsewhere(l.place) {
			l.sweepAfresh()
		}
	}
}

// Narrow lists the tunnels of one thing only, by the service; "" lists all.
func (w *Watcher) Narrow(thing string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if thing == w.thing {
		return
	}
	w.thing = thing
	w.catalogue.narrow(thing)
	for _, l := range w.lanes {
		l.abandon()
		l.sweepAfresh()
		l.state.More = false
	}
	w.publish()
}

// More asks for one page more than so far. It goes on where the last sweep ended.
func (w *Watcher) More() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages++
	for _, l := range w.lanes {
		l.listAgain.set()
	}
}

// Refresh lists now, describes the given tunnels first, and watches them for half a minute.
func (w *Watcher) Refresh(keys ...Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for _, key := range keys {
		if r := w.catalogue.records[key]; r != nil {
			r.asked, r.hot, r.retry = true, now, time.Time{}
		}
	}
	for _, l := range w.lanes {
		l.sweepAfresh()
		l.dueAgain.set()
	}
}

// Record takes what an answer of our own told (an open, a close, a tag), at once, before the next sweep. Fields that are
// zero keep what is known; those of DescribeTunnel count when Described is set. A tunnel that was removed is recorded
// by Forget.
func (w *Watcher) Record(t Tunnel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catalogue.record(t, time.Now())
	w.publish()
	for _, l := range w.lanes {
		l.dueAgain.set()
	}
}

// Observe takes what a local proxy of our own sees of its side, without a call: whether it is connected, and since when.
// It is in a snapshot within 100 ms, and for some seconds it counts more than what the service says. While our source is connected a watched tunnel is described
// no more often than a visible one. A tunnel that is not known is left alone.
func (w *Watcher) Observe(key Key, side ClientMode, connected bool, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.catalogue.observe(key, side, connected, at, time.Now()) {
		w.changed.set()
	}
}

// Forget drops a tunnel whose record was deleted.
func (w *Watcher) Forget(key Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catalogue.forget(key, time.Now())
	w.publish()
}

// publish makes the next snapshot. The lock is held.
func (w *Watcher) publish() {
	next := &Snapshot{Seq: w.snapshot.Seq + 1, At: time.Now(), Thing: w.thing, Rows: make([]*Row, 0, len(w.catalogue.order))}
	for _, r := range w.catalogue.order {
		if !r.hidden {
			next.Rows = append(next.Rows, r.Row)
		}
	}
	for _, l := range w.lanes {
		l.state.Context = l.service.Context()
		next.Contexts = append(next.Contexts, l.state)
	}
	w.snapshot = next
	close(w.published)
	w.published = make(chan struct{})
}
