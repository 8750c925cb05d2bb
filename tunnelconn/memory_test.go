package tunnelconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"adit/tunnelconn/faultproxy"
)

// memoryRelay is a relay in memory, for a bubble with a clock of its own, with a network that can be broken in front of
// each side. Local connections and applications are in memory too: a real socket would stop the clock.
type memoryRelay struct {
	*relay
	net [2]*faultproxy.Proxy

	apps  sync.Mutex
	named map[string]*faultproxy.Listener
}

func newMemoryRelay(t testing.TB, services ...string) *memoryRelay {
	t.Helper()
	listener := faultproxy.Listen()
	m := &memoryRelay{named: make(map[string]*faultproxy.Listener)}
	m.relay = relayOn(t, listener, services...)
	for _, role := range []Role{RoleSource, RoleDestination} {
		proxy := faultproxy.New(uint64(role), func(ctx context.Context) (net.Conn, error) { return listener.Dial(ctx, "", "") })
		t.Cleanup(proxy.Close)
		m.net[role], m.dial[role] = proxy, proxy.Dial
	}
	return m
}

// application serves each connection with serve, and gives the address to name as a target.
func (m *memoryRelay) application(serve func(net.Conn)) string {
	listener := faultproxy.Listen()
	m.apps.Lock()
	address := fmt.Sprintf("memory:%d", len(m.named))
	m.named[address] = listener
	m.apps.Unlock()
	serveOn(m.t, listener, serve)
	return address
}

func (m *memoryRelay) dialTarget(ctx context.Context, network, address string) (net.Conn, error) {
	m.apps.Lock()
	listener := m.named[address]
	m.apps.Unlock()
	if listener == nil {
		return nil, syscall.ECONNREFUSED
	}
	return listener.Dial(ctx, network, address)
}

// destination is a destination whose applications are in memory; an address of none refuses.
func (m *memoryRelay) destination(version Version, t timing, targets map[string]string) *Destination {
	m.t.Helper()
	cfg := DestinationConfig{Link: m.link(RoleDestination), Targets: targets, DialTarget: m.dialTarget}
	cfg.Version = version
	d, err := startDestination("", cfg, t, func() {})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { closeProxy(m.t, d) })
	m.side(RoleDestination)
	return d
}

// attached is a local connection of a source, in memory, and how its Attach ends.
type attached struct {
	*faultproxy.Conn
	result <-chan error
}

// localBuffer is what a local connection in memory holds in each direction, in bytes.
const localBuffer = 64 << 10

func attach(s *Source, service string) attached {
	near, far := faultproxy.Pipe(localBuffer)
	result := make(chan error, 1)
	go func() { result <- s.Attach(context.Background(), service, far) }()
	return attached{near, result}
}

// finish closes a local connection and waits for its end.
func (a attached) finish() error {
	_ = a.Close()
	return <-a.result
}

// refused checks that a local connection was turned away by a reset for a reason.
func (a attached) refused(t testing.TB, reason error) {
	t.Helper()
	if n, err := io.Copy(io.Discard, a); n > 0 || !isResetError(err) {
		t.Errorf("%d bytes, then %v; want a reset", n, err)
	}
	if err := <-a.result; !errors.Is(err, reason) {
		t.Errorf("Attach = %v, want %v", err, reason)
	}
	_ = a.Close()
}

// long skips a test that takes minutes, unless it is asked for. docs/test-matrix.md has the command and the last results.
func long(t testing.TB) {
	t.Helper()
	if os.Getenv("ADIT_LONG") == "" {
		t.Skip("runs for minutes: ADIT_LONG=1 asks for it")
	}
}

// pourPaced sends for as long as anybody takes it, 64 MB/s at most: where bytes are taken and dropped, whoever sends
// without a pause would stop the clock of a bubble.
func pourPaced(conn net.Conn) {
	for block := make([]byte, 64<<10); ; time.Sleep(time.Millisecond) {
		if _, err := conn.Write(block); err != nil {
			return
		}
	}
}
