// Package fleet simulates devices: each thing is an agent that subscribes to its tunnel notification over MQTT, starts
// a real destination local proxy for it, and serves SSH, HTTP and an echo on loopback. Nothing of the host is ever run.
package fleet

import (
	"context"
	"crypto/x509"
	"log/slog"
)

// Config of a fleet.
type Config struct {
	// MQTT is the broker's host:port, Data the data plane's, Roots what it is signed by.
	MQTT, Data string
	Roots      *x509.CertPool
	// Things to simulate [Demo(seed)].
	Things []Thing
	// Seed makes names, host keys and delays reproducible.
	Seed uint64
	Log  *slog.Logger
}

// Thing is one simulated device.
type Thing struct {
	Name string
	// Offline things never connect to the broker.
	Offline bool
	// Slow things take their time before they connect.
	Slow bool
	// OldProtocol answers without service ids, as the Greengrass component does.
	OldProtocol bool
	// Refuses: its applications refuse every connection.
	Refuses bool
}

// Fleet is a running fleet.
type Fleet struct{}

// Demo is the fleet of the demo: a dozen things, one each offline, slow, old and refusing, two with capitals and odd
// characters in the name.
func Demo() []Thing { panic("not built") }

// Start connects the things until Close.
func Start(ctx context.Context, cfg Config) (*Fleet, error) { panic("not built") }

// Things that were started.
func (f *Fleet) Things() []Thing { panic("not built") }

// KnownHost is the public host key line of a thing, "ssh-ed25519 AAAA…", for a known_hosts file.
func (f *Fleet) KnownHost(thing string) string { panic("not built") }

// Close ends agents, proxies and applications.
func (f *Fleet) Close() error { panic("not built") }
