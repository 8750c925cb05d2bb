package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"adit/emulator/fleet/world"
)

// goodbye is how long a device that reboots stays: long enough for the sentence about it to reach the other end.
const goodbye = time.Second

// refused is a target that refuses every connection: nothing can listen on port 0.
const refused = "127.0.0.1:0"

// errRebooting: one reboot at a time.
var errRebooting = errors.New("already going down")

// device is one thing: a machine, its power, its applications and its agent.
type device struct {
	thing   Thing
	cfg     Config
	log     *slog.Logger
	machine *world.Machine
	hostKey ssh.Signer
	power   *power
	tasks   tasks
	// targets are the applications by service.
	targets   map[string]string
	listeners []net.Listener
	agent     *agent // nil when offline

	mu        sync.Mutex
	rebooting bool
	closed    bool
	stopTimer func() bool
}

// application serves what a listener accepts, until the listener is closed. The device's power ends its connections.
type application interface {
	Serve(net.Listener) error
}

func newDevice(thing Thing, cfg Config) (*device, error) {
	key, err := hostKey(cfg.Seed, thing.Name)
	if err != nil {
		return nil, err
	}
	d := &device{
		thing: thing, cfg: cfg,
		log:     cfg.Log.With("thing", thing.Name),
		machine: world.NewMachine(thing.Name, cfg.Seed, cfg.Now),
		hostKey: key,
		power:   newPower(),
		targets: make(map[string]string),
	}
	d.machine.OnReboot(d.reboot)
	return d, nil
}

// start switches the device on, unless it is one that stays off.
func (d *device) start() error {
	if d.thing.Offline {
		return nil
	}
	if err := d.startApplications(); err != nil {
		return err
	}
	var err error
	d.agent, err = newAgent(d)
	return err
}

// startApplications puts each application on a loopback port of its own.
func (d *device) startApplications() error {
	for service, application := range map[string]application{
		"SSH":  newSSHServer(d),
		"HTTP": newStatusServer(d),
		"ECHO": echoServer{&d.tasks},
	} {
		if d.thing.Refuses {
			d.targets[service] = refused
			continue
		}
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("start the application of service %s: %w", service, err)
		}
		d.targets[service] = listener.Addr().String()
		d.listeners = append(d.listeners, listener)
		d.tasks.spawn(func() { _ = application.Serve(pluggedListener{listener, d.power}) })
	}
	return nil
}

// reboot takes the power away in a moment and gives it back after Config.RebootFor.
func (d *device) reboot() (time.Duration, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rebooting || d.closed {
		return 0, errRebooting
	}
	d.rebooting = true
	d.machine.Log("init", "going down for a reboot")
	d.stopTimer = d.cfg.After(goodbye, d.goDown)
	return d.cfg.RebootFor, nil
}

func (d *device) goDown() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.log.Info("the device reboots: its connections are cut")
	d.power.cut()
	d.stopTimer = d.cfg.After(d.cfg.RebootFor, d.comeBack)
}

func (d *device) comeBack() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.log.Info("the device is back")
	d.rebooting = false
	d.machine.Boot()
	d.power.restore()
}

// subscribed waits for the agent's subscription.
func (d *device) subscribed(ctx context.Context) error {
	if d.agent == nil {
		return nil
	}
	select {
	case <-d.agent.subscribed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close ends the agent with its tunnels first, so that they end in order, then what is left of the applications.
func (d *device) close() {
	d.mu.Lock()
	d.closed = true
	if d.stopTimer != nil {
		d.stopTimer()
	}
	d.mu.Unlock()
	if d.agent != nil {
		d.agent.close()
	}
	d.tasks.end()
	for _, listener := range d.listeners {
		_ = listener.Close()
	}
	d.power.cut()
	d.tasks.wait()
}
