package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// measureFairness runs ten transfers at once for ten seconds, each as fast as it may.
func measureFairness(ctx context.Context, l *lab) ([]figure, error) {
	t, err := l.tunnel(ctx)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	var figures []figure
	for _, way := range []struct {
		direction byte
		name      string
	}{{up, "up"}, {down, "down"}} {
		shares, err := l.share(ctx, t.path, way.direction)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{
			Judged: series{"ten streams " + way.name + " for 10 s, Jain's index", "", []float64{jain(shares)}}, Target: atLeast(0.98),
			Beside: []series{{"a stream", "MiB", shares}},
		})
	}
	return figures, nil
}

// share lets ten endless transfers run, and gives what each has moved in ten seconds, in MiB, where it arrives.
func (l *lab) share(ctx context.Context, p path, direction byte) ([]float64, error) {
	const streams, settling, measured = 10, time.Second, 10 * time.Second
	const endless = 1 << 62
	conns := make([]net.Conn, streams)
	counts := make([]*atomic.Int64, streams)
	var group sync.WaitGroup
	defer group.Wait()
	for i := range conns {
		var err error
		if conns[i], err = p.dial(ctx, bulk); err != nil {
			return nil, err
		}
		defer conns[i].Close()
		if err := begin(conns[i], direction, uint64(i+1), endless); err != nil {
			return nil, err
		}
		counts[i] = l.apps.count(uint64(i + 1))
		group.Go(func() {
			// Both end by the closing of the connection.
			if direction == up {
				_ = pour(conns[i], endless)
			} else {
				_ = drain(conns[i], endless, counts[i])
			}
		})
	}
	time.Sleep(settling)
	before := make([]int64, streams)
	for i := range counts {
		before[i] = counts[i].Load()
	}
	time.Sleep(measured)
	shares := make([]float64, streams)
	for i := range counts {
		shares[i] = float64(counts[i].Load()-before[i]) / (1 << 20)
	}
	return shares, nil
}
