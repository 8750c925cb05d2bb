package main

import (
	"context"
	"fmt"
	"time"
)

// measureRecovery cuts the links of sources and times the way to the first echo. The sources take turns, because one that
// has just been cut waits longer the next time, until its link has held for ten seconds.
func measureRecovery(ctx context.Context, l *lab) ([]figure, error) {
	const tunnels, turns, pause = 10, 4, 11 * time.Second
	var all []*tunnel
	defer func() {
		for _, t := range all {
			t.stop()
		}
	}()
	for range tunnels {
		t, err := l.tunnel(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	var taken []float64
	for range turns {
		for _, t := range all {
			time.Sleep(pause / tunnels)
			first, err := t.recover(ctx)
			if err != nil {
				return nil, err
			}
			taken = append(taken, milliseconds(first))
		}
	}
	return []figure{
		{Judged: series{"first echo after a cut, p50", "ms", taken}, Target: atMost(250)},
		{Judged: series{"first echo after a cut, p99", "ms", []float64{percentile(taken, 0.99)}}, Target: atMost(1000)},
	}, nil
}

// recover cuts the source's link, and gives how long it takes until a new connection echoes.
func (t *tunnel) recover(ctx context.Context) (time.Duration, error) {
	if err := t.cut(ctx); err != nil {
		return 0, fmt.Errorf("cut the tunnel: %w", err)
	}
	begun := time.Now()
	for {
		err := t.answers(ctx)
		switch {
		case err == nil:
			return time.Since(begun), nil
		case ctx.Err() != nil || time.Since(begun) > time.Minute:
			return 0, fmt.Errorf("no echo within a minute of a cut: %w", err)
		}
	}
}
