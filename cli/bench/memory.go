package main

import (
	"context"
	"errors"
	"net"
	"time"
)

// measureMemory looks at the source's memory in three states, each of fresh processes.
func measureMemory(ctx context.Context, l *lab) ([]figure, error) {
	var figures []figure
	for _, state := range []struct {
		name  string
		limit float64
		reach func(context.Context, path) ([]net.Conn, error)
	}{
		{"memory of the source, idle", 25, func(context.Context, path) ([]net.Conn, error) { return nil, nil }},
		{"memory of the source with 1,000 connections, at its most", 96, thousand},
		{"memory of the source behind a stalled reader, at its most", 64, stalled},
	} {
		peak, err := l.peakOf(ctx, state.reach)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{Judged: series{state.name, "MiB", []float64{peak}}, Target: atMost(state.limit)})
	}
	return figures, nil
}

// peakOf brings a fresh tunnel into a state, and gives the most memory that the source had until then, in MiB.
func (l *lab) peakOf(ctx context.Context, reach func(context.Context, path) ([]net.Conn, error)) (float64, error) {
	t, err := l.tunnel(ctx)
	if err != nil {
		return 0, err
	}
	defer t.stop()
	conns, err := reach(ctx, t.path)
	for _, conn := range conns {
		defer conn.Close()
	}
	if err != nil {
		return 0, err
	}
	time.Sleep(5 * time.Second)
	return t.source.resident("VmHWM")
}

// thousand makes so many connections, each of which has echoed a keystroke.
func thousand(ctx context.Context, p path) ([]net.Conn, error) {
	var conns []net.Conn
	for range 1000 {
		conn, err := p.dial(ctx, echo)
		if err != nil {
			return conns, err
		}
		conns = append(conns, conn)
		if err := bounce(conn, make([]byte, keystroke)); err != nil {
			return conns, err
		}
	}
	return conns, nil
}

// stalled asks for a download and does not read it, and for an echo that has to wait for it.
func stalled(ctx context.Context, p path) ([]net.Conn, error) {
	conn, err := p.dial(ctx, bulk)
	if err != nil {
		return nil, err
	}
	return []net.Conn{conn}, errors.Join(conn.SetDeadline(time.Time{}), begin(conn, down, 0, 1<<40))
}
