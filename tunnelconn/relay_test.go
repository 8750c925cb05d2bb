package tunnelconn

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/token"
	"adit/tunnelconn/wire"
)

// relay is a tunneling service of one tunnel for tests: single-use tokens bound to client tokens, SERVICE_IDS, messages
// passed on frame by frame, pings answered.
type relay struct {
	t        testing.TB
	listener net.Listener
	roots    *x509.CertPool
	services []string
	// dial leads each side to the relay, where that is not by the network.
	dial [2]DialFunc

	// mute keeps SERVICE_IDS back, hush keeps pongs back.
	mute bool
	// crowd lets many sources be connected at once, as those of different tunnels are; nothing is passed on to them.
	crowd bool
	hush  atomic.Bool
	// greeting replaces SERVICE_IDS, in WebSocket frames as they are.
	greeting func(conn net.Conn)
	// refuse answers handshakes with a status and a body, when the status is not zero.
	refuse func(attempt int) (status int, header http.Header, body string)
	// pass sees each message before it is passed on, and may change, drop or multiply it.
	pass func(from Role, m wire.Message) []wire.Message

	mu       sync.Mutex
	sides    [2]*relaySide
	ever     []*relaySide
	bound    map[string]string
	attempts int
	requests []http.Header
	targets  []string
	group    sync.WaitGroup
	open     map[net.Conn]bool
	seen     []wire.Message
}

type relaySide struct {
	role Role
	conn net.Conn
	// writing has a place for who writes. A mutex would stop the clock of a bubble while a write is held up.
	writing chan struct{}
	gone    chan struct{}
	// closed is the client's close frame, to be read when gone.
	closed []byte
}

func newRelay(t testing.TB, services ...string) *relay {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return relayOn(t, plain, services...)
}

// relayOn is a relay that is reached by a listener, which it closes.
func relayOn(t testing.TB, plain net.Listener, services ...string) *relay {
	t.Helper()
	certificate, roots := authority(t)
	listener := tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{certificate}})
	r := &relay{
		t: t, listener: listener, roots: roots, services: services,
		bound: make(map[string]string), open: make(map[net.Conn]bool),
	}
	r.group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.open[conn] = true
			r.mu.Unlock()
			r.group.Go(func() {
				r.serve(conn)
				conn.Close()
				r.mu.Lock()
				delete(r.open, conn)
				r.mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		r.mu.Lock()
		for conn := range r.open {
			conn.(*tls.Conn).NetConn().Close()
		}
		r.mu.Unlock()
		r.group.Wait()
	})
	return r
}

// authority makes a certificate for loopback and the pool that trusts it.
func authority(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// admit is the handshake's rule: an access token is good once, and again only with the client token of the first time.
func (r *relay) admit(uri string, header http.Header) (Role, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts++
	r.requests = append(r.requests, header)
	r.targets = append(r.targets, uri)
	refuse := func(status int, more http.Header, body string) error {
		return ws.RejectConnectionError(ws.RejectionStatus(status), ws.RejectionReason(body), ws.RejectionHeader(ws.HandshakeHeaderHTTP(more)))
	}
	if r.refuse != nil {
		if status, more, body := r.refuse(r.attempts); status != 0 {
			return 0, refuse(status, more, body)
		}
	}
	u, err := url.ParseRequestURI(uri)
	if err != nil || u.Path != "/tunnel" {
		return 0, refuse(400, nil, "no such path")
	}
	role := RoleSource
	if u.Query().Get("local-proxy-mode") == "destination" {
		role = RoleDestination
	}
	access, client := header.Get("access-token"), header.Get("client-token")
	bound, used := r.bound[access]
	if used && (bound == "" || bound != client) {
		return 0, refuse(400, nil, "Invalid access token: The access token was previously used and can not be used again.")
	}
	r.bound[access] = client
	return role, nil
}

func (r *relay) serve(conn net.Conn) {
	header := make(http.Header)
	var uri string
	var role Role
	upgrader := ws.Upgrader{
		Protocol:  func(offer []byte) bool { return string(offer) == subprotocol },
		OnRequest: func(target []byte) error { uri = string(target); return nil },
		OnHeader:  func(key, value []byte) error { header.Add(string(key), string(value)); return nil },
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) {
			var err error
			if role, err = r.admit(uri, header); err != nil {
				return nil, err
			}
			return ws.HandshakeHeaderHTTP{"Channel-Id": {"0123-" + role.String()}}, nil
		},
	}
	if _, err := upgrader.Upgrade(conn); err != nil {
		return
	}
	side := &relaySide{role: role, conn: conn, writing: make(chan struct{}, 1), gone: make(chan struct{})}
	defer close(side.gone)
	// What joins is told the services before anything of the other side can reach it.
	side.writing <- struct{}{}
	r.mu.Lock()
	old := r.sides[role]
	if r.crowd {
		old = nil
	}
	r.sides[role] = side
	r.ever = append(r.ever, side)
	r.mu.Unlock()
	switch {
	case r.greeting != nil:
		r.greeting(conn)
	case !r.mute:
		frame, _ := wire.AppendFrame(nil, &wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: r.services})
		_ = ws.WriteFrame(conn, ws.NewBinaryFrame(frame))
	}
	<-side.writing
	if old != nil {
		old.close(closePolicy, "another connection took over")
	}
	_ = r.forward(side)
	r.mu.Lock()
	if r.sides[role] == side {
		r.sides[role] = nil
	}
	r.mu.Unlock()
}

func (r *relay) forward(side *relaySide) error {
	frames := wire.NewReader(&clientStream{side: side, hush: &r.hush})
	for {
		frame, err := frames.Next()
		if err != nil {
			return err
		}
		var m wire.Message
		if err := wire.Decode(frame[2:], &m); err != nil {
			return err
		}
		if m.Type != wire.Data {
			r.mu.Lock()
			r.seen = append(r.seen, m)
			r.mu.Unlock()
		}
		messages := []wire.Message{m}
		if r.pass != nil {
			messages = r.pass(side.role, m)
		}
		for _, m := range messages {
			r.send(1-side.role, m)
		}
	}
}

// send gives a side a message; one that is not there gets nothing.
func (r *relay) send(to Role, m wire.Message) {
	r.mu.Lock()
	side := r.sides[to]
	r.mu.Unlock()
	if side == nil {
		return
	}
	frame, err := wire.AppendFrame(nil, &m)
	if err != nil {
		r.t.Errorf("the relay cannot encode: %v", err)
		return
	}
	_ = side.write(ws.NewBinaryFrame(frame))
}

func (s *relaySide) write(f ws.Frame) error {
	s.writing <- struct{}{}
	defer func() { <-s.writing }()
	return ws.WriteFrame(s.conn, f)
}

func (s *relaySide) close(code int, reason string) {
	_ = s.write(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusCode(code), reason)))
}

// side waits for a side to be connected.
func (r *relay) side(role Role) *relaySide {
	r.t.Helper()
	var side *relaySide
	eventually(r.t, "the "+role.String()+" connects", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		side = r.sides[role]
		return side != nil
	})
	return side
}

// cut breaks a side's WebSocket without a word.
func (r *relay) cut(role Role) {
	r.t.Helper()
	side := r.side(role)
	reset(side.conn.(*tls.Conn).NetConn())
	<-side.gone
}

// messages lists what was passed on, but for data.
func (r *relay) messages() []wire.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]wire.Message(nil), r.seen...)
}

// clientStream reads the tunnel's bytes from a client's masked frames, and answers pings.
type clientStream struct {
	side *relaySide
	left []byte
	hush *atomic.Bool
}

func (c *clientStream) Read(p []byte) (int, error) {
	for len(c.left) == 0 {
		h, err := ws.ReadHeader(c.side.conn)
		if err != nil {
			return 0, err
		}
		if !h.Masked || h.Length > wire.MaxWebSocketFrame {
			return 0, fmt.Errorf("a frame of %d bytes, masked: %v", h.Length, h.Masked)
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(c.side.conn, payload); err != nil {
			return 0, err
		}
		ws.Cipher(payload, h.Mask, 0)
		switch h.OpCode {
		case ws.OpBinary:
			// Peers such as the browser sample need one whole tunnel frame in one unfragmented message.
			if !h.Fin || len(payload) < 2 || int(binary.BigEndian.Uint16(payload))+2 != len(payload) {
				return 0, errors.New("a WebSocket message that is not one tunnel frame")
			}
			c.left = payload
		case ws.OpPing:
			if !c.hush.Load() {
				_ = c.side.write(ws.NewPongFrame(payload))
			}
		case ws.OpClose:
			c.side.closed = payload
			_ = c.side.write(ws.NewCloseFrame(payload))
			return 0, io.EOF
		}
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// link is what a proxy needs to reach the relay.
func (r *relay) link(role Role) Link {
	return Link{
		Endpoint: r.listener.Addr().String(), Roots: r.roots, Dial: r.dial[role],
		AccessToken: token.New("secret-access-token-of-the-" + role.String()),
	}
}

func (r *relay) source(services ...string) *Source {
	r.t.Helper()
	return r.sourceOf(Auto, standardTiming(), services...)
}

// sourceOf is a source that keeps nothing back: the applications here answer what they are told, whatever the service is
// called.
func (r *relay) sourceOf(version Version, t timing, services ...string) *Source {
	r.t.Helper()
	cfg := SourceConfig{Link: r.link(RoleSource), FallBack: -1}
	cfg.Version = version
	for _, service := range services {
		cfg.Listeners = append(cfg.Listeners, Listener{Service: service, Address: "127.0.0.1:0"})
	}
	s, err := startSource("key", cfg, t, func() {})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { closeProxy(r.t, s) })
	return s
}

func (r *relay) destination(version Version, targets map[string]string) *Destination {
	r.t.Helper()
	cfg := DestinationConfig{Link: r.link(RoleDestination), Targets: targets}
	cfg.Version = version
	d, err := StartDestination(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { closeProxy(r.t, d) })
	r.side(RoleDestination)
	return d
}

func closeProxy(t testing.TB, proxy interface {
	Close() error
	Done() <-chan struct{}
}) {
	t.Helper()
	if err := proxy.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	<-proxy.Done()
}

// eventually polls what has no event to wait for, without end: the test's own limit is the only one.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("it never came that %s", what)
		}
	}
}

// stateIs waits for a proxy's status by its events.
func stateIs(t testing.TB, p interface {
	Status() Status
	Changed(context.Context, uint64) (uint64, error)
}, what string, holds func(Status) bool) Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		status := p.Status()
		if holds(status) {
			return status
		}
		if _, err := p.Changed(ctx, status.Seq); err != nil {
			t.Fatalf("%s: never came, status %+v", what, status)
		}
	}
}
