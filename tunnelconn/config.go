package tunnelconn

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"time"

	"adit/tunnelconn/token"
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
	// Route finds the web proxy on the way to the service; nil follows HTTPS_PROXY, ALL_PROXY and NO_PROXY.
	Route RouteFunc
	// PingEvery is how often the link is tried; zero means 5 s. The service's front end drops a link that idles for a
	// minute.
	PingEvery time.Duration
	// Greedy gives the network whatever it takes. Without it a transfer's bytes wait here rather than in the network, so
	// that a keystroke of another connection can pass them.
	Greedy bool
	// Shared is what all local proxies of the process should have in common; nil is one of its own.
	Shared *Shared
	// Log gets what happens, never a token; nil discards.
	Log *slog.Logger
}

// SourceConfig describes a source local proxy.
type SourceConfig struct {
	Link
	// Listeners are the local addresses, at most one a service; a service without one is reached by Source.Attach alone.
	Listeners []Listener
	// FallBack is how long a source that knows nothing of its device (Link.Version is Auto) waits for the first byte of one
	// whose server speaks first, SSH or VNC on a tunnel with no other service, before it starts the stream anew in V1.
	// Until that byte it keeps what the client says. Zero means 15 s, which a device that has trouble to reach its server
	// may need; less costs a device that speaks V3 its place in the tunnel if the guess was wrong, so it is for owners who
	// can call it back by a rotation. Below zero nothing is kept and V1 never tried.
	FallBack time.Duration
}

// Listener binds a service to a local address such as 127.0.0.1:5555. Port 0 takes a free one and keeps it; an address
// without a host is on loopback.
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
	// DialTarget connects to an application; nil uses net.Dialer.
	DialTarget DialFunc
}
