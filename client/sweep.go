package client

import (
	"context"
	"time"
)

// slowestList is the longest pause between sweeps that fail.
const slowestList = time.Minute

// sweep is one way through the list, page by page. It can be gone on with later.
type sweep struct {
	thing         string
	start, oldest time.Time
	// next is the token of the next page; seen are those so far, as one that comes back would go round for ever.
	next  string
	seen  map[string]bool
	pages int
	// rested: it came to its end before, and goes on because more was asked for.
	rested bool
}

// wants tells whether there is a page left of those that are wanted.
func (s *sweep) wants(pages int) bool {
	return s.pages == 0 || s.pages < pages && s.next != ""
}

// took notes a page.
func (s *sweep) took(page Page) {
	s.pages++
	if n := len(page.Tunnels); n > 0 {
		s.oldest = page.Tunnels[n-1].CreatedAt
	}
	s.next = page.Next
	if s.seen[s.next] {
		s.next = ""
	}
	s.seen[page.Next] = true
}

// sweepAfresh begins with the first page, at once or after the sweep under way. The watcher's lock is held.
func (l *lane) sweepAfresh() {
	l.afresh = true
	l.listAgain.set()
}

// list sweeps on a tick, and goes on with the last sweep when more pages are asked for.
func (l *lane) list(ctx context.Context) {
	for {
		s, more := l.begin()
		for more {
			more = l.page(ctx, s)
		}
		l.watcher.mu.Lock()
		due := l.due
		l.watcher.mu.Unlock()
		if !l.listAgain.wait(ctx, due) {
			return
		}
	}
}

// begin is the sweep to go on with: a new one where it is time, else the last. It tells whether that has pages to list.
func (l *lane) begin() (*sweep, bool) {
	w := l.watcher
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := time.Now(); l.last == nil || l.afresh || !now.Before(l.due) {
		l.last, l.afresh = &sweep{thing: w.thing, start: now, seen: map[string]bool{}}, false
	}
	return l.last, l.last.wants(w.pages)
}

// page lists one page, and tells whether to go on.
func (l *lane) page(ctx context.Context, s *sweep) bool {
	w := l.watcher
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	l.abandon = cancel
	abandoned := w.thing != s.thing
	w.mu.Unlock()
	if abandoned || l.budgets.list.wait(ctx) != nil {
		return false
	}
	asked := time.Now()
	page, err := l.service.List(polling(ctx), ListInput{Thing: s.thing, PageSize: w.opts.PageSize, Next: s.next})
	l.budgets.list.heard(err)

	w.mu.Lock()
	defer w.mu.Unlock()
	if ctx.Err() != nil || w.thing != s.thing {
		return false
	}
	defer w.changed.set()
	defer l.dueAgain.set()
	if err != nil {
		l.failed(s, err)
		return false
	}
	now := time.Now()
	w.catalogue.listed(page.Tunnels, asked, now)
	s.took(page)
	if s.wants(w.pages) {
		return true
	}
	l.swept(s, page.Next == "", now)
	return false
}

// swept ends a sweep. The watcher's lock is held.
func (l *lane) swept(s *sweep, complete bool, now time.Time) {
	w := l.watcher
	w.catalogue.swept(l.place, s.start, now, s.oldest, complete)
	if LoggedOut(l.state.Err) {
		w.catalogue.hurry(l.place)
	}
	l.state.ListedAt, l.state.Err, l.state.Since, l.state.More, l.failures = now, nil, time.Time{}, s.next != "", 0
	s.rested = true
	pause := w.opts.ListEvery
	switch {
	case w.schedule.elsewhere(l.place):
		pause *= elsewhereFactor
	case w.schedule.blurred:
		pause *= blurFactor
	}
	l.due = now.Add(time.Duration((0.95 + 0.1*w.opts.Random()) * float64(pause)))
}

// failed keeps the data and sets when to try again. The watcher's lock is held.
func (l *lane) failed(s *sweep, err error) {
	w := l.watcher
	l.last = nil
	if s.rested && KindOf(err) == KindInvalid {
		// The token to go on with is worn out.
		l.sweepAfresh()
		return
	}
	if l.state.Err == nil || KindOf(l.state.Err) != KindOf(err) {
		l.state.Since = time.Now()
	}
	l.state.Err = err
	pause := min(w.opts.ListEvery<<min(l.failures, mostDoubling), slowestList)
	pause = time.Duration((0.5 + w.opts.Random()) * float64(pause))
	l.failures++
	l.due = time.Now().Add(pause)
	w.opts.Log.Warn("list failed", "region", l.state.Context.Region, "error", err, "again in", pause)
}
