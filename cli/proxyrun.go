package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"adit/tunnelconn"
)

// localProxy is what both roles have in common.
type localProxy interface {
	Status() tunnelconn.Status
	Changed(ctx context.Context, seen uint64) (uint64, error)
	Done() <-chan struct{}
	Close() error
}

// proxyRun carries a plan out and shows how it goes.
type proxyRun struct {
	plan   *proxyPlan
	giveUp time.Duration
	log    *slog.Logger
	// line shows the status on a terminal, report writes it as JSON; nil is not shown.
	line   *liveLine
	width  func() int
	report io.Writer
}

const (
	lineEvery   = time.Second
	reportEvery = 10 * time.Second
	handOver    = 10 * time.Second
)

// run lasts until the context ends or the proxy stops by itself.
func (r *proxyRun) run(ctx context.Context) error {
	r.plan.link.Log = r.log
	proxy, err := r.start()
	if err != nil {
		var taken *tunnelconn.ListenError
		if errors.As(err, &taken) {
			r.log.Error(err.Error(), "exit_code", 1)
			return &exitStatus{code: 1}
		}
		return usage("%w", err)
	}
	r.log.Info("adit proxy runs", "role", r.plan.role.String(), "endpoint", r.plan.link.Endpoint)
	for _, service := range proxy.Status().Services {
		if service.Address != "" {
			r.log.Info("listening", "address", service.Address, "service", service.Service)
		}
	}
	err = r.watch(ctx, proxy)
	if r.line != nil {
		r.line.set("")
	}
	return err
}

func (r *proxyRun) start() (localProxy, error) {
	if r.plan.role == tunnelconn.RoleDestination {
		return tunnelconn.StartDestination(tunnelconn.DestinationConfig{Link: r.plan.link, Targets: r.plan.targets})
	}
	return tunnelconn.StartSource(tunnelconn.SourceConfig{Link: r.plan.link, Listeners: r.plan.listeners})
}

func (r *proxyRun) watch(ctx context.Context, proxy localProxy) error {
	for {
		status := proxy.Status()
		if err := r.show(status); err != nil {
			return errors.Join(err, proxy.Close())
		}
		switch {
		case status.State == tunnelconn.Stopped:
			return r.stopped(ctx, proxy)
		case ctx.Err() != nil:
			return r.end(proxy)
		}
		wait := reportEvery
		if r.line != nil {
			wait = lineEvery
		}
		if r.giveUp > 0 && status.State != tunnelconn.Connected {
			left := r.giveUp - time.Since(status.Since)
			if left <= 0 {
				return r.exhausted(proxy, status)
			}
			wait = min(wait, left)
		}
		waiting, cancel := context.WithTimeout(ctx, wait)
		// Its error says only that the time is over, or the context, which the next round sees.
		_, _ = proxy.Changed(waiting, status.Seq)
		cancel()
	}
}

func (r *proxyRun) show(status tunnelconn.Status) error {
	if r.line != nil {
		r.line.set(statusLine(status, r.width()))
	}
	if r.report != nil {
		return writeReport(r.report, status, r.plan.link.Endpoint, time.Now())
	}
	return nil
}

// end is the orderly end that a signal asks for.
func (r *proxyRun) end(proxy localProxy) error {
	r.log.Info("closing")
	if err := proxy.Close(); err != nil {
		return fmt.Errorf("the local proxy could not be closed in order: %w", err)
	}
	if err := r.show(proxy.Status()); err != nil {
		return err
	}
	r.log.Info("closed in order")
	return &exitStatus{code: 0}
}

// stopped is the end that the service decided. Connections may still hand over their last bytes, for so long that a local
// reader that stands still keeps nobody from hearing of the end.
func (r *proxyRun) stopped(ctx context.Context, proxy localProxy) error {
	reason := proxy.Status().Err
	code := proxyExit(reason)
	attributes := []any{"exit_code", code}
	level := slog.LevelError
	var refused *tunnelconn.HandshakeError
	switch {
	case code == exitOver:
		level = slog.LevelWarn
	case errors.As(reason, &refused):
		attributes = append(attributes, "http_status", refused.StatusCode, "service_says", refused.Reason, "channel_id", refused.ChannelID,
			"remedy", "a used token is good again only with its client token (-i), and one of the other side never here; else rotate this side of the tunnel in adit, or by RotateTunnelAccessToken")
	case code == exitReplaced:
		attributes = append(attributes, "remedy", "who wants this side back rotates its token")
	}
	r.log.Log(ctx, level, reason.Error(), attributes...)
	select {
	case <-proxy.Done():
	case <-ctx.Done():
	case <-time.After(handOver):
	}
	if err := proxy.Close(); err != nil {
		r.log.Error("the local proxy could not be closed in order", "reason", err)
	}
	return &exitStatus{code: code}
}

func (r *proxyRun) exhausted(proxy localProxy, status tunnelconn.Status) error {
	r.log.Error("gave up: the tunneling service was out of reach for as long as --give-up-after allows", "exit_code", exitExhausted,
		"endpoint", r.plan.link.Endpoint, "since", status.Since, "reason", status.Err)
	if err := proxy.Close(); err != nil {
		r.log.Error("the local proxy could not be closed in order", "reason", err)
	}
	return &exitStatus{code: exitExhausted}
}
