package client

import (
	"context"
	"sync"
	"time"
)

const (
	// describesAtOnce bounds the calls of one lane under way, so that a slow answer does not hold up the rest.
	describesAtOnce = 4
	// slowestList is the longest pause between sweeps that fail.
	slowestList = time.Minute
)

// lane polls one context. What it learns goes into the watcher under the watcher's lock.
type lane struct {
	watcher *Watcher
	service Service
	place   Key
	budgets budgets
	// listAgain and dueAgain cut the two loops' pauses short.
	listAgain, dueAgain signal

	// Under the watcher's lock.
	state    ContextState
	failures int
	abandon  context.CancelFunc
}

func newLane(w *Watcher, service Service, b budgets) *lane {
	where := service.Context()
	return &lane{watcher: w, service: service, place: where.Key(""), budgets: b, listAgain: newSignal(), dueAgain: newSignal(),
		state: ContextState{Context: where}}
}

// list sweeps on a tick.
func (l *lane) list(ctx context.Context) {
	for {
		pause := l.sweep(ctx)
		if !l.listAgain.wait(ctx, time.Now().Add(pause)) {
			return
		}
	}
}

// abandonSweep ends the sweep under way, if any, and begins another. The watcher's lock is held.
func (l *lane) abandonSweep() {
	if l.abandon != nil {
		l.abandon()
	}
	l.listAgain.set()
}

// sweep lists all pages that are wanted, and tells how long to wait for the next.
func (l *lane) sweep(ctx context.Context) time.Duration {
	w := l.watcher
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	thing := w.thing
	l.abandon = cancel
	w.mu.Unlock()

	start := time.Now()
	in := ListInput{Thing: thing, PageSize: w.opts.PageSize}
	var oldest time.Time
	seen := map[string]bool{}
	for pages := 1; ; pages++ {
		page, err := l.page(ctx, in)
		w.mu.Lock()
		if ctx.Err() != nil || w.thing != thing {
			w.mu.Unlock()
			return 0
		}
		if err != nil {
			pause := l.failed(err)
			w.mu.Unlock()
			return pause
		}
		now := time.Now()
		w.catalogue.listed(page.Tunnels, start, now)
		if n := len(page.Tunnels); n > 0 {
			oldest = page.Tunnels[n-1].CreatedAt
		}
		// A token that comes back would go round for ever.
		repeated := page.Next != "" && seen[page.Next]
		if page.Next == "" || repeated || pages >= w.pages {
			complete := page.Next == ""
			w.catalogue.swept(l.place, start, now, oldest, complete)
			l.state.ListedAt, l.state.Err, l.state.More, l.failures = now, nil, !complete && !repeated, 0
			pause := w.opts.ListEvery
			if w.schedule.blurred {
				pause *= blurFactor
			}
			w.mu.Unlock()
			w.changed.set()
			l.dueAgain.set()
			return pause
		}
		seen[page.Next] = true
		in.Next = page.Next
		w.mu.Unlock()
		w.changed.set()
		l.dueAgain.set()
	}
}

func (l *lane) page(ctx context.Context, in ListInput) (Page, error) {
	if err := l.budgets.list.wait(ctx); err != nil {
		return Page{}, err
	}
	page, err := l.service.List(polling(ctx), in)
	l.budgets.list.heard(err)
	return page, err
}

// failed keeps the data and tells when to try again. The watcher's lock is held.
func (l *lane) failed(err error) time.Duration {
	l.state.Err = err
	pause := min(l.watcher.opts.ListEvery<<min(l.failures, mostDoubling), slowestList)
	l.failures++
	l.watcher.changed.set()
	l.watcher.opts.Log.Warn("list failed", "region", l.state.Context.Region, "error", err, "again in", pause)
	return pause
}

// describe asks for one tunnel after the other, the most urgent first. A call is chosen as late as can be, after the
// budget has let it through, so that it is for what is looked at now.
func (l *lane) describe(ctx context.Context) {
	var calls sync.WaitGroup
	defer calls.Wait()
	slots := make(chan struct{}, describesAtOnce)
	for {
		_, due, wake := l.choose(false)
		if !due {
			if !l.dueAgain.wait(ctx, wake) {
				return
			}
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if l.budgets.describe.wait(ctx) != nil {
			return
		}
		key, due, _ := l.choose(true)
		if !due {
			<-slots
			continue
		}
		calls.Go(func() {
			defer func() { <-slots }()
			l.ask(ctx, key)
		})
	}
}

// choose finds what to describe next, and with take marks it as being described.
func (l *lane) choose(take bool) (key Key, due bool, wake time.Time) {
	w := l.watcher
	w.mu.Lock()
	defer w.mu.Unlock()
	r, wake := w.schedule.next(w.catalogue.order, l.place, time.Now())
	if r == nil {
		return Key{}, false, wake
	}
	r.describing = r.describing || take
	return r.Key, true, wake
}

func (l *lane) ask(ctx context.Context, key Key) {
	start := time.Now()
	tunnel, err := l.service.Describe(polling(ctx), key.ID)
	l.budgets.describe.heard(err)
	w := l.watcher
	w.mu.Lock()
	w.catalogue.described(key, tunnel, err, start, time.Now())
	w.mu.Unlock()
	w.changed.set()
	l.dueAgain.set()
}
