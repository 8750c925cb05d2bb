package emulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/coder/websocket"

	"adit/emulator"
	"adit/tunnelconn/wire"
)

const account, region = "111122223333", "eu-central-1"

// clock is the emulator's time in a test: it moves by hand alone.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	alarms map[*alarm]bool
}

type alarm struct {
	at time.Time
	f  func()
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), alarms: map[*alarm]bool{}}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{c.now.Add(d), f}
	c.alarms[a] = true
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		was := c.alarms[a]
		delete(c.alarms, a)
		return was
	}
}

// advance moves the clock and runs what is due.
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []func()
	for a := range c.alarms {
		if !a.at.After(c.now) {
			due = append(due, a.f)
			delete(c.alarms, a)
		}
	}
	c.mu.Unlock()
	for _, f := range due {
		f()
	}
}

// bench is an emulator with an SDK client on it.
type bench struct {
	*emulator.Emulator
	t     *testing.T
	clock *clock
	sdk   *iotsecuretunneling.Client
	http  *http.Client // trusts the emulator's authority
}

func start(t *testing.T) *bench {
	t.Helper()
	return startWith(t, emulator.Config{})
}

// startIn writes the authority into a directory.
func startIn(t *testing.T, dir string) *bench {
	t.Helper()
	return startWith(t, emulator.Config{Dir: dir})
}

// startWith starts what a configuration says, with a clock that moves by hand.
func startWith(t *testing.T, cfg emulator.Config) *bench {
	t.Helper()
	c := newClock()
	cfg.Now, cfg.After = c.Now, c.After
	e, err := emulator.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	b := attach(t, e)
	b.clock = c
	return b
}

func attach(t *testing.T, e *emulator.Emulator) *bench {
	t.Helper()
	b := &bench{Emulator: e, t: t}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	b.sdk = b.client(account, region)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CAPEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	b.http = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	return b
}

// client is an SDK client of an account, as another user has one.
func (b *bench) client(accessKey, region string) *iotsecuretunneling.Client {
	transport := &http.Transport{}
	b.t.Cleanup(transport.CloseIdleConnections)
	return iotsecuretunneling.New(iotsecuretunneling.Options{
		BaseEndpoint: aws.String(b.APIURL()),
		Region:       region,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, "secret", ""),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   &http.Client{Transport: inMemory{transport}},
	})
}

// inMemory hands request bodies to the transport as what they are. The SDK's own reader hides it; the transport then probes
// for the end of the body after it was sent, and fails when the answer was faster.
type inMemory struct{ http.RoundTripper }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return m.RoundTripper.RoundTrip(r)
}

// fetch sends a request to the API and reads the whole answer.
func (b *bench) fetch(method, path, body string, header http.Header) (*http.Response, []byte) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.APIURL()+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response, content
}

// open opens a tunnel with services, without a thing.
func (b *bench) open(services ...string) *iotsecuretunneling.OpenTunnelOutput {
	b.t.Helper()
	in := &iotsecuretunneling.OpenTunnelInput{}
	if len(services) > 0 {
		in.DestinationConfig = &types.DestinationConfig{Services: services}
	}
	out, err := b.sdk.OpenTunnel(b.t.Context(), in)
	if err != nil {
		b.t.Fatalf("OpenTunnel: %v", err)
	}
	return out
}

func (b *bench) describe(id *string) *types.Tunnel {
	b.t.Helper()
	out, err := b.sdk.DescribeTunnel(b.t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: id})
	if err != nil {
		b.t.Fatalf("DescribeTunnel: %v", err)
	}
	return out.Tunnel
}

// dial is how a local proxy connects. What it leaves zero is not sent.
type dial struct {
	mode, access, client string
	protocols            []string
	header               http.Header
}

func (b *bench) try(d dial) (*websocket.Conn, *http.Response, error) {
	header := d.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if d.access != "" {
		header.Set("access-token", d.access)
	}
	if d.client != "" {
		header.Set("client-token", d.client)
	}
	if d.protocols == nil {
		d.protocols = []string{v3}
	}
	target := "wss://" + b.DataAddr() + "/tunnel"
	if d.mode != "" {
		target += "?local-proxy-mode=" + d.mode
	}
	conn, resp, err := websocket.Dial(b.t.Context(), target, &websocket.DialOptions{
		HTTPClient: b.http, HTTPHeader: header, Subprotocols: d.protocols, CompressionMode: websocket.CompressionDisabled,
	})
	if conn != nil {
		conn.SetReadLimit(-1)
		b.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, resp, err
}

const v1, v2, v3 = "aws.iot.securetunneling-1.0", "aws.iot.securetunneling-2.0", "aws.iot.securetunneling-3.0"

// peer is a connected local proxy that has read its service ids.
type peer struct {
	*websocket.Conn
	t        *testing.T
	services []string
}

func (b *bench) connect(d dial) *peer {
	b.t.Helper()
	conn, resp, err := b.try(d)
	if err != nil {
		text := ""
		if resp != nil {
			body, _ := io.ReadAll(resp.Body)
			text = string(body)
		}
		b.t.Fatalf("connect as %s: %v %s", d.mode, err, text)
	}
	p := &peer{Conn: conn, t: b.t}
	if conn.Subprotocol() != v1 {
		m := p.read()
		if m.Type != wire.ServiceIDs {
			b.t.Fatalf("the first message is %v, want SERVICE_IDS", m.Type)
		}
		p.services = m.AvailableServiceIDs
	}
	return p
}

func (b *bench) source(out *iotsecuretunneling.OpenTunnelOutput) *peer {
	b.t.Helper()
	return b.connect(dial{mode: "source", access: *out.SourceAccessToken})
}

func (b *bench) destination(out *iotsecuretunneling.OpenTunnelOutput) *peer {
	b.t.Helper()
	return b.connect(dial{mode: "destination", access: *out.DestinationAccessToken})
}

// patience bounds a test that waits for something that does not come.
const patience = 20 * time.Second

// message reads one WebSocket message.
func (p *peer) message() ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	kind, data, err := p.Read(ctx)
	if err == nil && kind != websocket.MessageBinary {
		p.t.Error("the relay sent a text message")
	}
	return data, err
}

// read reads one message, which must be exactly one frame.
func (p *peer) read() *wire.Message {
	p.t.Helper()
	data, err := p.message()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return p.decode(data)
}

func (p *peer) decode(data []byte) *wire.Message {
	p.t.Helper()
	if len(data) < 2 || int(data[0])<<8|int(data[1]) != len(data)-2 {
		p.t.Fatalf("a WebSocket message of %d bytes is not one tunnel frame", len(data))
	}
	m := new(wire.Message)
	if err := wire.Decode(data[2:], m); err != nil {
		p.t.Fatal(err)
	}
	return m
}

func frame(t *testing.T, m wire.Message) []byte {
	t.Helper()
	out, err := wire.AppendFrame(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// send writes messages, each in a WebSocket message of its own.
func (p *peer) send(messages ...wire.Message) {
	p.t.Helper()
	for _, m := range messages {
		p.sendRaw(frame(p.t, m))
	}
}

func (p *peer) sendRaw(data []byte) {
	p.t.Helper()
	if err := p.Write(p.t.Context(), websocket.MessageBinary, data); err != nil {
		p.t.Fatalf("send: %v", err)
	}
}

// expect reads one message and compares what matters of it.
func (p *peer) expect(want wire.Message) {
	p.t.Helper()
	got := p.read()
	if got.Type != want.Type || got.StreamID != want.StreamID || got.ServiceID != want.ServiceID ||
		got.ConnectionID != want.ConnectionID || string(got.Payload) != string(want.Payload) {
		p.t.Fatalf("read %+v, want %+v", *got, want)
	}
}

// expectClose reads until the WebSocket is closed, and wants a close frame with a code.
func (p *peer) expectClose(want websocket.StatusCode) {
	p.t.Helper()
	for {
		_, err := p.message()
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); got != want {
			p.t.Fatalf("closed with %d (%v), want %d", got, err, want)
		}
		return
	}
}
