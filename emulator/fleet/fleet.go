// Package fleet simulates devices: each thing is an agent that subscribes to its tunnel notification over MQTT, starts
// a real destination local proxy for it, and serves SSH, HTTP and an echo on loopback. Nothing of the host is ever run:
// what a login sees is package world.
package fleet

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"adit/pattern"
)

// Config of a fleet.
type Config struct {
	// MQTT is the broker's host:port, Data the data plane's, Roots what it is signed by.
	MQTT, Data string
	Roots      *x509.CertPool
	// Things to simulate [Demo()].
	Things []Thing
	// Seed makes names, host keys and delays reproducible.
	Seed uint64
	// SlowBy is how long a Slow thing waits between a notification and its tunnel [4 s].
	SlowBy time.Duration
	// RebootFor is how long a thing is away after a reboot [20 s].
	RebootFor time.Duration
	// Now is the devices' clock; After is the timer of the two delays above, which must not call f before it has returned.
	// Both default to package time.
	Now   func() time.Time
	After func(d time.Duration, f func()) (stop func() bool)
	Log   *slog.Logger
}

// Thing is one simulated device.
type Thing struct {
	// Name as in the registry of AWS IoT: 1 to 128 of [a-zA-Z0-9:_-].
	Name string
	// Offline things never connect to the broker.
	Offline bool
	// Slow things take their time before they connect.
	Slow bool
	// OldProtocol answers without service ids, as the Greengrass component does, and like it takes a tunnel of one
	// service only.
	OldProtocol bool
	// Refuses: its applications refuse every connection.
	Refuses bool
}

// Fleet is a running fleet.
type Fleet struct {
	cfg     Config
	devices []*device
}

// Start connects the things until Close. It returns once every thing that is not offline has its subscription, so that
// no notification after it is missed; ctx bounds that alone.
func Start(ctx context.Context, cfg Config) (*Fleet, error) {
	cfg = withDefaults(cfg)
	f := &Fleet{cfg: cfg}
	names := map[string]bool{}
	for _, thing := range cfg.Things {
		if !pattern.Name.MatchString(thing.Name) {
			return nil, fmt.Errorf("simulate thing %q: a thing's name has 1 to 128 letters, digits, colons, underscores or hyphens", thing.Name)
		}
		if names[thing.Name] {
			return nil, fmt.Errorf("simulate thing %q: the name is there twice", thing.Name)
		}
		names[thing.Name] = true
	}
	unsubscribed := func(thing Thing, err error) error {
		return errors.Join(fmt.Errorf("simulate thing %q: subscribe at the broker %s: %w", thing.Name, cfg.MQTT, err), f.Close())
	}
	for _, thing := range cfg.Things {
		if err := ctx.Err(); err != nil { // thousands of things take a while
			return nil, unsubscribed(thing, err)
		}
		d, err := newDevice(thing, cfg)
		if err == nil {
			f.devices = append(f.devices, d)
			err = d.start()
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("simulate thing %q: %w", thing.Name, err), f.Close())
		}
	}
	for _, d := range f.devices {
		if err := d.subscribed(ctx); err != nil {
			return nil, unsubscribed(d.thing, err)
		}
	}
	return f, nil
}

func withDefaults(cfg Config) Config {
	if cfg.Things == nil {
		cfg.Things = Demo()
	}
	if cfg.SlowBy == 0 {
		cfg.SlowBy = 4 * time.Second
	}
	if cfg.RebootFor == 0 {
		cfg.RebootFor = 20 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Things = slices.Clone(cfg.Things)
	return cfg
}

// Things that were started.
func (f *Fleet) Things() []Thing { return slices.Clone(f.cfg.Things) }

// KnownHost is the public host key line of a thing, "ssh-ed25519 AAAA…", for a known_hosts file; "" for a thing that is
// not of the fleet.
func (f *Fleet) KnownHost(thing string) string {
	for _, d := range f.devices {
		if d.thing.Name == thing {
			return publicLine(d.hostKey)
		}
	}
	return ""
}

// Close ends agents, proxies and applications, all things at once, within three seconds.
func (f *Fleet) Close() error {
	var closing sync.WaitGroup
	for _, d := range f.devices {
		closing.Go(d.close)
	}
	closing.Wait()
	return nil
}
