// Package emulator is AWS IoT Secure Tunneling on one machine: the API, the data plane and the notification of devices.
//
// It shares nothing with the rest of adit but the wire codec and speaks to it over real sockets alone: HTTP for the API,
// WebSocket over TLS for the data plane, MQTT for the notification. Real AWS clients cannot tell it from the service
// where the service's behaviour is known; docs/emulator.md lists what is not known and what is done instead.
//
// The parts are packages of their own: tunnels has the state, api, relay and notify each speak one protocol about it.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"adit/emulator/api"
	"adit/emulator/choices"
	"adit/emulator/faults"
	"adit/emulator/notify"
	"adit/emulator/registry"
	"adit/emulator/relay"
	"adit/emulator/tunnels"
)

// Limits of the API's listener. A request is small, and nothing about it takes time.
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeader      = 64 << 10 // bytes: session tokens are long
)

// Emulator is a running emulator.
type Emulator struct {
	cfg     Config
	choices choices.Set
	store   *tunnels.Store
	broker  *notify.Broker
	faults  *faults.Set
	relay   *relay.Server
	http    *http.Server

	apiAddr, dataAddr, mqttAddr, mqttsAddr string
	identity                               identity
	caFile                                 string

	wg        sync.WaitGroup
	mu        sync.Mutex
	ending    chan struct{} // closed by Close, with mu
	stop      func() bool
	closeOnce sync.Once
	closeErr  error
}

// Start serves until Close, or until ctx is done.
func Start(ctx context.Context, cfg Config) (*Emulator, error) {
	e := &Emulator{cfg: cfg.withDefaults(), ending: make(chan struct{})}
	if err := e.start(ctx); err != nil {
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	e.stop = context.AfterFunc(ctx, func() { _ = e.close() })
	return e, nil
}

// start binds all addresses before it serves any.
func (e *Emulator) start(ctx context.Context) (err error) {
	rules, err := parseFaults(strings.Join(e.cfg.Faults, "\n"))
	if err != nil {
		return err
	}
	if !api.IsRegion(e.cfg.Region) {
		return fmt.Errorf("%q is not the name of a region", e.cfg.Region)
	}
	e.faults = faults.NewSet(e.cfg.Seed, e.cfg.Now, rules)
	if e.choices, err = choices.Parse(strings.Join(e.cfg.Choices, "\n")); err != nil {
		return err
	}
	if e.identity, err = identityOf(e.cfg); err != nil {
		return err
	}
	if e.cfg.Dir != "" {
		e.caFile = filepath.Join(e.cfg.Dir, "ca.pem")
		if err := writeCA(e.caFile, e.identity.caPEM); err != nil {
			return err
		}
	}
	var bound []net.Listener
	defer func() {
		if err != nil {
			for _, l := range bound {
				_ = l.Close()
			}
		}
	}()
	for _, address := range []string{e.cfg.API, e.cfg.Data, e.cfg.MQTT, e.cfg.MQTTS} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			return err
		}
		bound = append(bound, l)
	}
	e.apiAddr, e.dataAddr = reachable(e.cfg.API, bound[0]), reachable(e.cfg.Data, bound[1])
	e.mqttAddr, e.mqttsAddr = reachable(e.cfg.MQTT, bound[2]), reachable(e.cfg.MQTTS, bound[3])
	for _, address := range []*string{&e.dataAddr, &e.mqttsAddr} {
		if *address, err = e.identity.nameFor(ctx, *address); err != nil {
			return err
		}
	}

	if e.broker, err = notify.Serve(bound[2], bound[3], e.identity.certificate, e.cfg.Now); err != nil {
		return err
	}
	e.store = tunnels.New(tunnels.Config{
		Now: e.cfg.Now, After: e.cfg.After, Choices: e.choices, Notify: e.notify,
	})
	e.store.Remember(e.faults.MaxLag())
	e.relay = relay.Serve(bound[1], relay.Config{
		Certificate: e.identity.certificate, Tunnels: e.store, Faults: e.faults, Choices: e.choices, Log: e.cfg.Log,
	})
	e.http = &http.Server{
		Handler: e.withAdmin(api.New(api.Config{
			Tunnels: e.store, Things: registry.New(e.cfg.Things), Presence: e.broker.Presence, Broker: e.mqttAddr, Faults: e.faults,
			Choices: e.choices, Fallback: tunnels.Scope{Account: e.cfg.Account, Region: e.cfg.Region}, Log: e.cfg.Log,
		})),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// Its answer is none in JSON.
		DisableGeneralOptionsHandler: true,

		ErrorLog: slog.NewLogLogger(e.cfg.Log.Handler(), slog.LevelDebug),
	}
	e.wg.Go(func() {
		if err := e.http.Serve(api.Listener(bound[0])); !errors.Is(err, http.ErrServerClosed) {
			e.cfg.Log.Error("API: serve", "error", err)
		}
	})
	e.cfg.Log.Info("emulator started", "api", e.apiAddr, "data", e.dataAddr, "mqtt", e.mqttAddr, "mqtts", e.mqttsAddr, "choices", e.choices.Changed())
	return nil
}

// reachable is where this machine reaches a listener that was asked for at an address: by the name it was asked for,
// which a certificate may be for, and not at all addresses at once. localhost is more than one address, so it is none,
// unless identity.nameFor needs it.
func reachable(asked string, l net.Listener) string {
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return l.Addr().String()
	}
	host, _, _ := net.SplitHostPort(asked)
	switch {
	case addr.IP.IsUnspecified():
		host = "127.0.0.1"
	case host == "localhost" || net.ParseIP(host) != nil:
		return addr.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(addr.Port))
}

func writeCA(path string, pem []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the certificate authority: %w", err)
	}
	if err := os.WriteFile(path, pem, 0o644); err != nil {
		return fmt.Errorf("write the certificate authority: %w", err)
	}
	return nil
}

// notify is how the state reaches the devices.
func (e *Emulator) notify(n tunnels.Notification) {
	switch effect := e.faults.Of(faults.Notification); {
	case effect.Kind == faults.Drop:
		e.cfg.Log.Info("notification lost on demand", "thing", n.Thing, "region", n.Region)
	case effect.Delay > 0:
		e.later(effect.Delay, func() { e.publish(n) })
	default:
		e.publish(n)
	}
}

// later does something after a time, unless the emulator ends before.
func (e *Emulator) later(d time.Duration, do func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.ending: // for who comes now nobody waits any more
		return
	default:
	}
	e.wg.Go(func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			do()
		case <-e.ending:
		}
	})
}

func (e *Emulator) publish(n tunnels.Notification) {
	err := e.broker.Publish(n.Thing, notify.Message{
		ClientAccessToken: n.DestinationToken, ClientMode: "destination", Region: n.Region, Services: n.Services,
	}, byte(e.choices.Number(choices.NotifyQoS)), e.choices.Is(choices.NotifyRetained, "yes"))
	if err != nil {
		e.cfg.Log.Error("notification", "error", err)
		return
	}
	e.cfg.Log.Info("notification", "thing", n.Thing, "region", n.Region)
}

// APIURL is http://host:port, DataAddr, MQTTAddr and MQTTSAddr host:port, CAPEM the authority of what speaks TLS and CAFile
// its path, "" without Config.Dir.
func (e *Emulator) APIURL() string    { return "http://" + e.apiAddr }
func (e *Emulator) DataAddr() string  { return e.dataAddr }
func (e *Emulator) MQTTAddr() string  { return e.mqttAddr }
func (e *Emulator) MQTTSAddr() string { return e.mqttsAddr }
func (e *Emulator) CAPEM() []byte     { return e.identity.caPEM }
func (e *Emulator) CAFile() string    { return e.caFile }

// Close ends everything: listeners, WebSockets, broker. WebSockets are dropped without a close frame, since their tunnels
// are not over; the next emulator does not know them all the same.
func (e *Emulator) Close() error {
	e.stop()
	return e.close()
}

func (e *Emulator) close() error {
	e.closeOnce.Do(func() {
		e.mu.Lock()
		close(e.ending)
		e.mu.Unlock()
		e.closeErr = errors.Join(e.http.Close(), e.relay.Close(), e.broker.Close())
		e.store.Stop()
		e.wg.Wait()
	})
	return e.closeErr
}
