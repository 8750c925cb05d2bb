package fleet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"adit/emulator/fleet/world"
	"adit/emulator/notify"
	"adit/pattern"
)

// plane is a data plane that turns every proxy away for good and remembers what it was shown.
type plane struct {
	*httptest.Server
	mu    sync.Mutex
	shown []http.Header
}

func newPlane(t *testing.T) *plane {
	t.Helper()
	p := new(plane)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.shown = append(p.shown, r.Header)
		p.mu.Unlock()
		http.Error(w, "Invalid access token", http.StatusForbidden)
	}))
	t.Cleanup(p.Close)
	return p
}

// tokens are the access tokens shown so far.
func (p *plane) tokens() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var tokens []string
	for _, header := range p.shown {
		tokens = append(tokens, header.Get("access-token"))
	}
	return tokens
}

func (p *plane) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	return roots
}

// broker serves on an address until the test ends or stop is called.
func broker(t *testing.T, address string) (b *notify.Broker, at string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	b, err = notify.Serve(listener, nil, tls.Certificate{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() { _ = b.Close() })
	t.Cleanup(stop)
	return b, listener.Addr().String(), stop
}

// timers are Config.After for a test: they go off by hand.
type timers struct{ set chan timer }

type timer struct {
	delay time.Duration
	fire  func()
}

func (s timers) After(d time.Duration, f func()) func() bool {
	s.set <- timer{d, f}
	return func() bool { return true }
}

// started is a fleet of one thing on a broker and a plane of its own.
type started struct {
	*Fleet
	*device
	t      *testing.T
	broker *notify.Broker
	plane  *plane
	mqtt   string
	// stopBroker ends the broker before the test does.
	stopBroker func()
	timers     timers
	log        *collector
}

func start(t *testing.T, thing Thing) *started {
	t.Helper()
	s := &started{t: t, plane: newPlane(t), timers: timers{make(chan timer, 8)}, log: new(collector)}
	s.broker, s.mqtt, s.stopBroker = broker(t, "127.0.0.1:0")
	f, err := Start(t.Context(), Config{
		MQTT: s.mqtt, Data: s.plane.Listener.Addr().String(), Roots: s.plane.roots(),
		Things: []Thing{thing}, After: s.timers.After,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	s.Fleet, s.device = f, f.devices[0]
	return s
}

func (s *started) notify(token string, services ...string) {
	s.t.Helper()
	err := s.broker.Publish(s.thing.Name, notify.Message{
		ClientAccessToken: token, ClientMode: "destination", Region: "us-east-1", Services: services,
	}, 1, false)
	if err != nil {
		s.t.Fatal(err)
	}
}

// journal is what the device itself says of its agent.
func (s *started) journal() string {
	var text strings.Builder
	shell := world.NewShell(s.machine, "root", world.Streams{In: strings.NewReader(""), Out: &text, Err: &text})
	shell.Exec(s.t.Context(), "journalctl -u tunnel-agent")
	return text.String()
}

func TestAgentStartsOneProxyForANotificationAndItsRepeat(t *testing.T) {
	s := start(t, Thing{Name: "pump-07"})
	s.notify("secret-first", "SSH")
	s.notify("secret-first", "SSH")
	eventually(t, "the first proxy was turned away", func() bool { return strings.Contains(s.journal(), "Invalid access token") })
	s.notify("secret-first", "SSH") // also when its tunnel is over
	s.notify("secret-second", "SSH")
	s.notify("secret-third", "HTTP")
	eventually(t, "three tokens were shown", func() bool { return len(s.plane.tokens()) >= 3 })
	if got := strings.Count(s.journal(), ": started\n"); got != 3 {
		t.Errorf("%d proxies were started, want 3; journal:\n%s", got, s.journal())
	}
	seen := map[string]bool{}
	for _, header := range s.plane.shown {
		client := header.Get("client-token")
		if !regexp.MustCompile(`^[a-zA-Z0-9-]{32,128}$`).MatchString(client) || seen[client] {
			t.Errorf("client token %q: it must be new for each notification", client)
		}
		seen[client] = true
	}
	if err := s.Fleet.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(s.log.String(), "Invalid access token") {
		t.Error("the log does not say why the proxies ended")
	}
	if text := s.journal() + s.log.String(); strings.Contains(text, "secret-") {
		t.Errorf("a token is told:\n%s", text)
	}
}

func TestSlowThingWaitsBeforeItStartsItsTunnel(t *testing.T) {
	s := start(t, Thing{Name: "cam-02", Slow: true})
	s.notify("token", "SSH")
	waiting := <-s.timers.set
	if waiting.delay != 4*time.Second {
		t.Errorf("it waits for %v", waiting.delay)
	}
	if tokens := s.plane.tokens(); len(tokens) != 0 {
		t.Errorf("it did not wait: %v", tokens)
	}
	waiting.fire()
	eventually(t, "the token was shown", func() bool { return len(s.plane.tokens()) == 1 })
}

func TestSlowThingThatIsClosedStartsNothing(t *testing.T) {
	s := start(t, Thing{Name: "cam-02", Slow: true})
	s.notify("token", "SSH")
	waiting := <-s.timers.set
	if err := s.Fleet.Close(); err != nil {
		t.Fatal(err)
	}
	waiting.fire()
	if strings.Contains(s.journal(), ": started\n") {
		t.Error("a proxy was started after the end of the fleet")
	}
}

func TestOldAgentTakesATunnelOfOneServiceOnly(t *testing.T) {
	s := start(t, Thing{Name: "gate-05", OldProtocol: true})
	s.notify("two", "SSH", "HTTP")
	s.notify("one", "SSH")
	eventually(t, "the token of one service was shown", func() bool { return len(s.plane.tokens()) == 1 })
	if tokens := s.plane.tokens(); tokens[0] != "one" {
		t.Errorf("tokens shown: %v", tokens)
	}
	if !strings.Contains(s.journal(), "this agent carries one service in a tunnel, not SSH and HTTP") {
		t.Errorf("the device does not say why:\n%s", s.journal())
	}
}

func TestAgentComesBackAfterTheBroker(t *testing.T) {
	s := start(t, Thing{Name: "pump-07"})
	s.stopBroker()
	s.broker, _, _ = broker(t, s.mqtt)
	eventually(t, "a notification arrives again", func() bool {
		s.notify("token", "SSH")
		return len(s.plane.tokens()) == 1
	})
}

func TestAgentKeepsALimitedNumberOfTunnels(t *testing.T) {
	s := start(t, Thing{Name: "cam-02", Slow: true})
	a := s.agent
	for i := range maxTunnels + 5 {
		tunnel := newTunnel(s.device, notification{services: []string{"SSH"}}, a.forget)
		a.mu.Lock()
		a.add(tunnel)
		if n := len(a.tunnels); n > maxTunnels {
			t.Errorf("%d tunnels after %d", n, i+1)
		}
		a.mu.Unlock()
	}
}

func TestOfflineThingNeedsNoBroker(t *testing.T) {
	f, err := Start(t.Context(), Config{MQTT: refused, Things: []Thing{{Name: "pump-19", Offline: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(f.KnownHost("pump-19"), "ssh-ed25519 AAAA") || f.KnownHost("pump-20") != "" {
		t.Errorf("host keys %q, %q", f.KnownHost("pump-19"), f.KnownHost("pump-20"))
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartSaysWhichThingCannotReachTheBroker(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Start(ctx, Config{MQTT: refused, Things: []Thing{{Name: "pump-07"}}})
	if err == nil || !strings.Contains(err.Error(), `thing "pump-07"`) || !strings.Contains(err.Error(), refused) {
		t.Errorf("start without a broker: %v", err)
	}
}

func TestAFleetThatIsNotWantedAnyMoreIsNotStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, err := Start(ctx, Config{MQTT: refused, Things: []Thing{{Name: "pump-19", Offline: true}}}) // waits for no broker
	if !errors.Is(err, context.Canceled) {
		t.Errorf("start of a fleet that nobody wants: %v", err)
	}
	if f != nil {
		_ = f.Close()
	}
}

func TestStartRefusesNamesThatNoRegistryTakes(t *testing.T) {
	for _, things := range [][]Thing{{{Name: ""}}, {{Name: "a b"}}, {{Name: "a"}, {Name: "a"}}, {{Name: strings.Repeat("a", 129)}}} {
		if _, err := Start(t.Context(), Config{MQTT: refused, Things: things}); err == nil {
			t.Errorf("%v was started", things)
		}
	}
}

func TestDemoIsADozenThingsWithOneOfEachKind(t *testing.T) {
	var offline, slow, old, refuses, capitals int
	things := Demo()
	for _, thing := range things {
		offline += count(thing.Offline)
		slow += count(thing.Slow)
		old += count(thing.OldProtocol)
		refuses += count(thing.Refuses)
		capitals += count(strings.ToLower(thing.Name) != thing.Name)
		if !pattern.Name.MatchString(thing.Name) {
			t.Errorf("%q is no thing's name", thing.Name)
		}
	}
	if len(things) != 12 || offline != 1 || slow != 1 || old != 1 || refuses != 1 || capitals != 2 {
		t.Errorf("%d things: %d offline, %d slow, %d old, %d refuse, %d with capitals", len(things), offline, slow, old, refuses, capitals)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
