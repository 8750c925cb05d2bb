package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// measureConnections sets connections up, echoes a byte and closes them, one after another and eight at once.
func measureConnections(ctx context.Context, l *lab) ([]figure, error) {
	t, err := l.tunnel(ctx)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	var figures []figure
	for _, way := range []struct {
		name            string
		workers, a, all int
	}{{"one after another", 1, 1000, 1000}, {"eight at once", 8, 250, 2000}} {
		var adit, ssh, direct, p99, peers []float64
		for range l.rounds {
			for _, peer := range []struct {
				path
				rates, late *[]float64
			}{{t.path, &adit, &p99}, {l.ssh.path, &ssh, &peers}, {l.direct(), &direct, new([]float64)}} {
				begun := time.Now()
				taken, err := connect(ctx, peer.path, way.workers, way.a)
				if err != nil {
					return nil, err
				}
				*peer.rates = append(*peer.rates, float64(way.all)/time.Since(begun).Seconds())
				*peer.late = append(*peer.late, percentile(taken, 0.99))
			}
		}
		figures = append(figures,
			figure{
				Judged: series{"connections " + way.name + ", of ssh -L", "", eachOver(adit, ssh)}, Target: atLeast(1),
				Beside: []series{{"adit", "/s", adit}, {"ssh -L", "/s", ssh}, {"direct", "/s", direct}},
			},
			figure{
				Judged: series{"a connection " + way.name + ", p99", "ms", p99}, Target: atMost(3),
				Beside: []series{{"ssh -L", "ms", peers}},
			})
	}
	return figures, nil
}

// connect has each worker make so many connections, and gives how long each took, in milliseconds.
func connect(ctx context.Context, p path, workers, each int) ([]float64, error) {
	taken := make([][]float64, workers)
	failed := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			for range each {
				begun := time.Now()
				if err := p.answers(ctx); err != nil {
					failed[i] = fmt.Errorf("connection number %d: %w", len(taken[i])+1, err)
					return
				}
				taken[i] = append(taken[i], milliseconds(time.Since(begun)))
			}
		})
	}
	group.Wait()
	var all []float64
	for i := range workers {
		if failed[i] != nil {
			return nil, failed[i]
		}
		all = append(all, taken[i]...)
	}
	return all, nil
}
