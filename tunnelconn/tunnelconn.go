// Package tunnelconn is the data plane of AWS IoT Secure Tunneling: the local proxy, as a source and as a destination.
//
// The vocabulary is that of the protocol guides of the reference local proxy. A *tunnel* joins one source and one
// destination through the service; each side holds one WebSocket. On it travel *tunnel frames* (package wire). A tunnel
// has up to three *services*, names such as SSH; each service has at most one *stream*, which the source starts, and a
// V3 stream carries many *connections*, one for each local TCP connection. V1 and V2 peers know one connection a stream.
// A lost WebSocket ends every stream: nothing is resumed, so what was in flight is reset, never ended cleanly.
//
// The package knows nothing of the screen and nothing of the API that opens tunnels: it gets an endpoint and a token.
package tunnelconn

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"time"

	"adit/tunnelconn/token"
)

// Version is a generation of the protocol, by the shape of its messages: V1 names neither service nor connection, V2
// names the service, V3 names both.
type Version uint8

const (
	// Auto lets a source speak V3 and accept answers of any shape, and a destination adopt the source's shape.
	Auto Version = iota
	V1
	V2
	V3
)

// Role is the side of a tunnel.
type Role uint8

const (
	RoleSource Role = iota
	RoleDestination
)

// DialFunc is net.Dialer.DialContext's form; a test gives its own to break the network.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Link is what both roles need to reach the service.
type Link struct {
	// Endpoint is the data plane's host[:port], 443 without a port.
	Endpoint string
	// Roots are the certificate authorities to trust; nil trusts the system's.
	Roots *x509.CertPool
	// AccessToken opens the tunnel's side once.
	AccessToken token.Token
	// ClientToken makes the access token good for reconnects; a zero one is generated.
	ClientToken token.Token
	// Version is what is known of the peer, else Auto.
	Version Version
	// Dial opens the TCP connection to the service; nil uses net.Dialer.
	Dial DialFunc
	// Log gets what happens, never a token; nil discards.
	Log *slog.Logger
}

// SourceConfig describes a source local proxy.
type SourceConfig struct {
	Link
	// Listeners are the local addresses, at most one a service; a service without one is reached by Source.Attach alone.
	Listeners []Listener
}

// Listener binds a service to a local address such as 127.0.0.1:5555. Port 0 takes a free one and keeps it.
type Listener struct {
	Service string
	Address string
}

// DestinationConfig describes a destination local proxy.
type DestinationConfig struct {
	Link
	// Targets are the applications by service: host:port, or a path with a slash for a Unix socket.
	Targets map[string]string
	// DialTimeout bounds a dial of an application; zero means 10 s.
	DialTimeout time.Duration
}

// State is where a local proxy stands.
type State uint8

const (
	// Connecting: the first handshake has not succeeded yet.
	Connecting State = iota
	// Connected: the WebSocket is up.
	Connected
	// Reconnecting: the WebSocket was lost and is being redialled; listeners stay open.
	Reconnecting
	// Stopped is final; Status.Err says why, nil after an orderly Close.
	Stopped
)

// Status is a snapshot of a local proxy. Its counters are sampled without stopping the data.
type Status struct {
	// Key is what the owner called it when it was started: for adit, the tunnel's key.
	Key string
	// Seq grows by one with each change that is not a counter.
	Seq   uint64
	Role  Role
	State State
	// Since is when State was entered.
	Since time.Time
	// Err is the last failure: why it reconnects, or why it stopped.
	Err error
	// Reconnects counts the WebSockets after the first.
	Reconnects int
	// RoundTrip is the last ping's, zero before the first pong.
	RoundTrip time.Duration
	// Peer is the shape of the peer's messages, Auto until one was seen.
	Peer Version
	// ChannelID is the service's name for the WebSocket, to quote to AWS support.
	ChannelID string
	Services  []ServiceStatus
}

// ServiceStatus counts one service of a local proxy.
type ServiceStatus struct {
	Service string
	// Address is where it listens, "" without a listener.
	Address string
	// Live is how many connections are open, Total how many there were, Refused how many were turned away.
	Live, Total, Refused int
	// Sent goes into the tunnel, Received came out of it, in bytes of the application.
	Sent, Received uint64
}
