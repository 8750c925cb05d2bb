package main

import (
	"context"
	"net"
	"time"
)

// keystroke is the size of what a terminal sends for one key through ssh, in bytes.
const keystroke = 36

// measureLatency times the echo of keystrokes over paths on which nothing else happens.
func measureLatency(ctx context.Context, l *lab) ([]figure, error) {
	const keys = 400
	t, err := l.tunnel(ctx)
	if err != nil {
		return nil, err
	}
	defer t.stop()
	paths := []path{l.direct(), t.path, l.ssh.path, l.chain.path}
	conns := make([]net.Conn, len(paths))
	for i, p := range paths {
		if conns[i], err = p.dial(ctx, echo); err != nil {
			return nil, err
		}
		defer conns[i].Close()
	}
	middle, late := make([][]float64, len(paths)), make([][]float64, len(paths))
	for range l.rounds {
		trips := make([][]float64, len(paths))
		for range keys {
			for i, conn := range conns {
				time.Sleep(time.Millisecond)
				sent := time.Now()
				if err := bounce(conn, make([]byte, keystroke)); err != nil {
					return nil, err
				}
				trips[i] = append(trips[i], milliseconds(time.Since(sent)))
			}
		}
		for i := range paths {
			middle[i] = append(middle[i], median(trips[i]))
			late[i] = append(late[i], percentile(trips[i], 0.99))
		}
	}
	added := func(name string, limit float64, of [][]float64) figure {
		return figure{
			Judged: series{"latency that an idle tunnel adds, " + name, "ms", eachMinus(of[1], of[0])}, Target: atMost(limit),
			Beside: []series{{"adit", "ms", of[1]}, {"ssh -L", "ms", of[2]}, {"TLS copies", "ms", of[3]}, {"direct", "ms", of[0]}},
		}
	}
	return []figure{added("p50", 0.25, middle), added("p99", 2, late)}, nil
}
