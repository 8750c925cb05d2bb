package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"adit/client"
)

// Errand is what a Batch does to each of its tunnels.
type Errand string

const (
	ErrandClose  Errand = "close"
	ErrandDelete Errand = "delete" // close, and the record leaves every list
	ErrandTag    Errand = "tag"    // add, change and remove tags
)

// BatchSpec asks for one errand on many tunnels.
type BatchSpec struct {
	Errand Errand
	Items  []BatchItem
	// Set and Unset are the tags of ErrandTag to write and the keys to remove. A tunnel that has it so already is left
	// alone.
	Set   []client.Tag
	Unset []string
	// Leaving: adit is about to quit, and a device alone is no reason to keep a tunnel of its own.
	Leaving bool
}

// BatchItem is a tunnel of a Batch, as it was when somebody said yes to the errand.
type BatchItem struct {
	Service client.Service
	Tunnel  client.Tunnel
	// Ours: this process has the tunnel's source, so that a connected source is no stranger.
	Ours bool
}

// ItemState is how far an item is.
type ItemState uint8

const (
	ItemWaiting ItemState = iota
	ItemWorking
	ItemDone
	// ItemSpared: it became connected after the question, and stays open.
	ItemSpared
	// ItemUnchanged: it was as it should be already.
	ItemUnchanged
	ItemFailed
	// ItemLeft: the Batch was cancelled before its turn came.
	ItemLeft
)

// ItemResult is what became of an item.
type ItemResult struct {
	State ItemState
	Err   error
}

// BatchProgress is a snapshot of a Batch. Results are in the order of the items.
type BatchProgress struct {
	Seq     uint64
	Results []ItemResult
	Started time.Time
	// Ended is when the last item was through, zero before.
	Ended time.Time
	// PausedAt is since when it rests, zero while it does not; Rested is how long it did before.
	PausedAt time.Time
	Rested   time.Duration
	// JournalErr is why the journal could not be written on, nil when it was.
	JournalErr error
}

// Worked is how long it has been at work at a time, pauses left out.
func (p BatchProgress) Worked(now time.Time) time.Duration {
	if !p.Ended.IsZero() {
		now = p.Ended
	}
	if !p.PausedAt.IsZero() {
		now = p.PausedAt
	}
	return now.Sub(p.Started) - p.Rested
}

// Count is how many items are in one of the states.
func (p BatchProgress) Count(states ...ItemState) int {
	n := 0
	for _, r := range p.Results {
		if slices.Contains(states, r.State) {
			n++
		}
	}
	return n
}

// BatchTools are what a Batch works with.
type BatchTools struct {
	Close   func(ctx context.Context, svc client.Service, key client.Key, remove bool) error
	Record  func(client.Tunnel)
	Journal *Journal // nil for none
	// Recorded is a context for a change that must come to its end; nil for one that nothing ends.
	Recorded func(context.Context) (context.Context, context.CancelFunc)
}

// Batch does one errand on many tunnels: one after the other in each region, regions beside each other. Each tunnel is
// described again before its turn, as what a list knows may be old and a close cannot be taken back.
type Batch struct {
	spec  BatchSpec
	tools BatchTools
	stop  context.CancelFunc
	ended chan struct{}

	mu      sync.Mutex
	now     BatchProgress
	changed chan struct{}
	// resumed is closed while nothing rests.
	resumed chan struct{}
}

// StartBatch begins the errand and keeps a journal of it. What cannot be noted is not begun.
func (s *Sessions) StartBatch(ctx context.Context, spec BatchSpec) (*Batch, error) {
	if !s.begin() {
		return nil, &Failure{Text: "adit is closing: nothing new is started."}
	}
	journal, err := s.opts.Store.newJournal(spec, time.Now())
	if err != nil {
		s.work.Done()
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	b := NewBatch(ctx, spec, BatchTools{Close: s.CloseTunnel, Record: s.watcher.Record, Journal: journal, Recorded: s.recorded})
	go func() {
		<-b.ended
		stop()
		cancel()
		s.work.Done()
	}()
	return b, nil
}

// NewBatch begins the errand with the given tools. The context ends it like Cancel.
func NewBatch(ctx context.Context, spec BatchSpec, tools BatchTools) *Batch {
	ctx, stop := context.WithCancel(ctx)
	b := &Batch{
		spec: spec, tools: tools, stop: stop, ended: make(chan struct{}), changed: make(chan struct{}), resumed: make(chan struct{}),
		now: BatchProgress{Seq: 1, Started: time.Now(), Results: make([]ItemResult, len(spec.Items))},
	}
	close(b.resumed)
	lanes := map[client.Key][]int{}
	for i, item := range spec.Items {
		place := item.Tunnel.Key
		place.ID = ""
		lanes[place] = append(lanes[place], i)
	}
	var running sync.WaitGroup
	for _, lane := range lanes {
		running.Go(func() { b.run(ctx, lane) })
	}
	go func() {
		defer close(b.ended)
		running.Wait()
		stop()
		b.update(func(p *BatchProgress) { p.Ended, p.JournalErr = time.Now(), tools.Journal.close() })
	}()
	return b
}

// Spec is what was asked for.
func (b *Batch) Spec() BatchSpec { return b.spec }

// Progress is the present state.
func (b *Batch) Progress() BatchProgress {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.now
	p.Results = slices.Clone(p.Results)
	return p
}

// Next blocks until the progress differs from seen.
func (b *Batch) Next(ctx context.Context, seen uint64) (BatchProgress, error) {
	for {
		b.mu.Lock()
		seq, changed := b.now.Seq, b.changed
		b.mu.Unlock()
		if seq != seen {
			return b.Progress(), nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return BatchProgress{}, ctx.Err()
		}
	}
}

// Cancel leaves alone what has not begun. An item under way comes to its end.
func (b *Batch) Cancel() { b.stop() }

// Pause has the errand rest before the next items, or go on.
func (b *Batch) Pause(rest bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	resting := !b.now.PausedAt.IsZero()
	if rest == resting || !b.now.Ended.IsZero() {
		return
	}
	if rest {
		b.now.PausedAt = time.Now()
		b.resumed = make(chan struct{})
	} else {
		b.now.Rested += time.Since(b.now.PausedAt)
		b.now.PausedAt = time.Time{}
		close(b.resumed)
	}
	b.wake()
}

// Failed are the items that failed, to be tried again.
func (b *Batch) Failed() []BatchItem {
	b.mu.Lock()
	defer b.mu.Unlock()
	var failed []BatchItem
	for i, r := range b.now.Results {
		if r.State == ItemFailed {
			failed = append(failed, b.spec.Items[i])
		}
	}
	return failed
}

func (b *Batch) update(change func(*BatchProgress)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.now)
	b.wake()
}

// wake tells that something changed. The lock is held.
func (b *Batch) wake() {
	b.now.Seq++
	close(b.changed)
	b.changed = make(chan struct{})
}

// proceed waits out a pause; false when the batch was cancelled.
func (b *Batch) proceed(ctx context.Context) bool {
	b.mu.Lock()
	resumed := b.resumed
	b.mu.Unlock()
	select {
	case <-resumed:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
