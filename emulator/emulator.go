// Package emulator is AWS IoT Secure Tunneling on one machine: the API, the data plane and the notification of devices.
//
// It shares nothing with the rest of adit but the wire codec and speaks to it over real sockets alone: HTTP for the API,
// WebSocket over TLS for the data plane, MQTT for the notification. Real AWS clients cannot tell it from the service
// where the service's behaviour is known; docs/emulator.md lists what is not known and what is done instead.
package emulator

import (
	"context"
	"log/slog"
	"time"
)

// Config of an emulator. The zero value serves on free loopback ports.
type Config struct {
	// API, Data and MQTT are listen addresses, "127.0.0.1:0" by default.
	API, Data, MQTT string
	// Region is assumed for a request without one in its credential scope [us-east-1]; Account for one without an access
	// key [000000000000].
	Region, Account string
	// Dir takes the certificate authority's ca.pem (0644; it is not secret); "" writes none.
	Dir string
	// Now is the clock of lifetimes and timestamps; After is its timer. Both default to package time.
	Now   func() time.Time
	After func(d time.Duration, f func()) (stop func() bool)
	// KeepClosed is how long closed tunnels stay visible [3 h].
	KeepClosed time.Duration
	Log        *slog.Logger
}

// Emulator is a running emulator.
type Emulator struct{}

// Start serves until Close.
func Start(ctx context.Context, cfg Config) (*Emulator, error) { panic("not built") }

// APIURL is http://host:port, DataAddr and MQTTAddr host:port, CAPEM the authority of the data plane's certificate and
// CAFile its path, "" without Config.Dir.
func (e *Emulator) APIURL() string   { panic("not built") }
func (e *Emulator) DataAddr() string { panic("not built") }
func (e *Emulator) MQTTAddr() string { panic("not built") }
func (e *Emulator) CAPEM() []byte    { panic("not built") }
func (e *Emulator) CAFile() string   { panic("not built") }

// Close ends everything: listeners, WebSockets, broker.
func (e *Emulator) Close() error { panic("not built") }
