package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"adit/client"
)

// Progress is a snapshot of an Attempt.
type Progress struct {
	Seq    uint64
	Target string // the thing, or the tunnel's id without one
	Key    client.Key
	Stages []Stage
	// Done: nothing more will change. Err says why it failed.
	Done bool
	Err  error
	// Shell is ready to be run, when Done without Err and a shell was asked for and ssh exists.
	Shell *Shell
	// Note is a sentence for the user that is no failure, such as that there is no ssh and which address to use.
	Note string
	// ResendAfter is when the device's token may be sent again (Attempt.Resend); zero when that makes no sense.
	ResendAfter time.Time
}

// board holds the progress of an attempt and wakes who waits for a change.
type board struct {
	mu      sync.Mutex
	now     Progress
	changed chan struct{}
}

func newBoard(target string, ids []StageID) *board {
	b := &board{now: Progress{Seq: 1, Target: target}, changed: make(chan struct{})}
	for _, id := range ids {
		b.now.Stages = append(b.now.Stages, Stage{ID: id, Text: pendingText(id)})
	}
	return b
}

func (b *board) snapshot() Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.copy()
}

func (b *board) copy() Progress {
	p := b.now
	p.Stages = slices.Clone(p.Stages)
	return p
}

func (b *board) next(ctx context.Context, seen uint64) (Progress, error) {
	for {
		b.mu.Lock()
		p, changed := b.copy(), b.changed
		b.mu.Unlock()
		if p.Seq != seen {
			return p, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return p, ctx.Err()
		}
	}
}

func (b *board) update(change func(*Progress)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.now)
	b.now.Seq++
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *board) stage(id StageID, change func(*Stage)) {
	b.update(func(p *Progress) {
		for i := range p.Stages {
			if p.Stages[i].ID == id {
				change(&p.Stages[i])
			}
		}
	})
}

func (b *board) begin(id StageID) {
	b.stage(id, func(s *Stage) { s.State, s.Started = StageRunning, time.Now() })
}

func (b *board) say(id StageID, text string) {
	b.stage(id, func(s *Stage) { s.Text = text })
}

func (b *board) done(id StageID, text string) {
	b.stage(id, func(s *Stage) { s.State, s.Text, s.Ended = StageDone, text, time.Now() })
}

func (b *board) drop(id StageID) {
	b.update(func(p *Progress) {
		p.Stages = slices.DeleteFunc(p.Stages, func(s Stage) bool { return s.ID == id })
	})
}

// finish ends the attempt: the stage that runs fails with err, or all is well without one.
func (b *board) finish(err error, shell *Shell, note string) {
	b.update(func(p *Progress) {
		p.Done, p.Err, p.Shell, p.Note = true, err, shell, note
		if err == nil {
			return
		}
		for i := range p.Stages {
			if s := &p.Stages[i]; s.State == StageRunning {
				s.State, s.Ended = StageFailed, time.Now()
				s.Text, s.Remedy = explain(err)
			}
		}
	})
}
