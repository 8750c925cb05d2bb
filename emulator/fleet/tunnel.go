package fleet

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"adit/tunnelconn"
)

// tunnel is a notification and the proxy that was started for it, or will be.
type tunnel struct {
	device       *device
	notification notification
	forget       func(*tunnel)
	log          *slog.Logger

	mu        sync.Mutex
	proxy     *tunnelconn.Destination
	ended     bool
	stopTimer func() bool
}

func newTunnel(d *device, n notification, forget func(*tunnel)) *tunnel {
	return &tunnel{
		device: d, notification: n, forget: forget,
		log: d.log.With("services", n.services, "region", n.region, "token", n.accessToken.Fingerprint()),
	}
}

// startAfter starts the proxy later.
func (t *tunnel) startAfter(delay time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopTimer = t.device.cfg.After(delay, t.start)
}

// start starts the proxy. A client token of its own lets it reconnect after a loss.
func (t *tunnel) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	version := tunnelconn.Auto
	if t.device.thing.OldProtocol {
		version = tunnelconn.V1
	}
	proxy, err := tunnelconn.StartDestination(tunnelconn.DestinationConfig{
		Link: tunnelconn.Link{
			Endpoint:    t.device.cfg.Data,
			Roots:       t.device.cfg.Roots,
			AccessToken: t.notification.accessToken,
			Version:     version,
			Dial:        t.device.power.DialContext,
			Log:         t.log,
		},
		Targets: t.targets(),
	})
	if err != nil {
		t.log.Warn("the tunnel was not started", "error", err)
		t.device.machine.Log("tunnel-agent", "tunnel for %s: not started", t.notification.key())
		t.device.tasks.spawn(func() { t.forget(t) })
		return
	}
	t.device.machine.Log("tunnel-agent", "tunnel for %s: started", t.notification.key())
	t.proxy = proxy
	t.device.tasks.spawn(t.watch)
}

// targets are the applications of the tunnel's services; a service without an application is refused.
func (t *tunnel) targets() map[string]string {
	targets := make(map[string]string)
	for _, service := range t.notification.services {
		targets[service] = refused
		if application, ok := t.device.targets[service]; ok {
			targets[service] = application
		}
	}
	return targets
}

// watch says why the proxy has stopped.
func (t *tunnel) watch() {
	<-t.proxy.Done()
	why := "closed"
	switch err := t.proxy.Status().Err; {
	case errors.Is(err, tunnelconn.ErrReplaced):
		why = "replaced by a newer one"
	case errors.Is(err, tunnelconn.ErrTunnelClosed), err == nil:
	default:
		why = err.Error()
	}
	t.log.Info("the tunnel has ended", "reason", why)
	t.device.machine.Log("tunnel-agent", "tunnel for %s: %s", t.notification.key(), why)
	t.forget(t)
}

// end closes the proxy, or sees to it that it never starts.
func (t *tunnel) end() {
	t.mu.Lock()
	t.ended = true
	proxy, stopTimer := t.proxy, t.stopTimer
	t.mu.Unlock()
	if stopTimer != nil {
		stopTimer()
	}
	if proxy != nil {
		_ = proxy.Close()
	}
}
