package client

import (
	"context"
	"sync"
	"time"
)

// describesAtOnce bounds the calls of one lane under way, so that a slow answer does not hold up the rest.
const describesAtOnce = 4

// lane polls one context. What it learns goes into the watcher under the watcher's lock.
type lane struct {
	watcher *Watcher
	service Service
	place   Key
	budgets budgets
	// listAgain and dueAgain cut the two loops' pauses short.
	listAgain, dueAgain signal

	// Under the watcher's lock.
	state ContextState
	// last is the last sweep, due when the next begins; afresh has it begin now. abandon ends a page under way.
	last     *sweep
	due      time.Time
	afresh   bool
	abandon  context.CancelFunc
	failures int
	// calls counts the describes.
	calls int
}

func newLane(w *Watcher, service Service, b budgets) *lane {
	where := service.Context()
	return &lane{watcher: w, service: service, place: where.Key(""), budgets: b, listAgain: newSignal(), dueAgain: newSignal(),
		state: ContextState{Context: where}, abandon: func() {}}
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
	if LoggedOut(l.state.Err) {
		// The list tells when there is a login again; until then each row would only ask for one.
		return Key{}, false, time.Time{}
	}
	t := turn{now: time.Now(), rate: l.budgets.describe.rate(), spare: l.calls%spareEvery == spareEvery-1, sought: l.calls%soughtEvery == soughtEvery-1}
	r, wake := w.schedule.next(w.catalogue.order, l.place, t)
	if r == nil {
		return Key{}, false, wake
	}
	if take {
		r.describing = true
		l.calls++
	}
	return r.Key, true, wake
}

func (l *lane) ask(ctx context.Context, key Key) {
	start := time.Now()
	tunnel, err := l.service.Describe(polling(ctx), key.ID)
	l.budgets.describe.heard(err)
	w := l.watcher
	w.mu.Lock()
	w.catalogue.described(key, tunnel, err, start, time.Now())
	if LoggedOut(err) && l.state.Err == nil {
		l.sweepAfresh()
	}
	w.mu.Unlock()
	w.changed.set()
	l.dueAgain.set()
}
