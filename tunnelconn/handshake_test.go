package tunnelconn

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"adit/pattern"
	"adit/tunnelconn/token"
)

// syncBuffer is a buffer that a logger may write to from anywhere.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestHandshakeIsWhatTheGuideWants(t *testing.T) {
	r := newRelay(t, "SSH")
	for role, start := range map[Role]func(){
		RoleSource:      func() { r.source("SSH") },
		RoleDestination: func() { r.destination(V1, map[string]string{"SSH": "127.0.0.1:1"}) },
	} {
		start()
		r.side(role)
		r.mu.Lock()
		target, header := r.targets[len(r.targets)-1], r.requests[len(r.requests)-1]
		r.mu.Unlock()
		if want := "/tunnel?local-proxy-mode=" + role.String(); target != want {
			t.Errorf("target %q, want %q", target, want)
		}
		if got := header.Values("access-token"); len(got) != 1 || got[0] != r.link(role).AccessToken.Reveal() {
			t.Errorf("%v: %d access tokens, or another one", role, len(got))
		}
		if got := header.Values("client-token"); len(got) != 1 || !pattern.ClientToken.MatchString(got[0]) {
			t.Errorf("%v: client tokens %q", role, got)
		}
	}
}

func TestServicesNameForTheLinkIsKept(t *testing.T) {
	s := newRelay(t, "SSH").source()
	status := stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	if status.ChannelID != "0123-source" || status.Key != "key" || status.Role != RoleSource {
		t.Errorf("status %+v", status)
	}
}

func TestTrap16RefusedTokenStopsWithTheServicesReason(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404} {
		r := newRelay(t, "SSH")
		r.refuse = func(int) (int, http.Header, string) {
			return status, http.Header{"Channel-Id": {"abc-1"}}, "Invalid \x1b]0;access\x07-token\r\n"
		}
		var log syncBuffer
		cfg := SourceConfig{Link: r.link(RoleSource)}
		cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s, err := StartSource(cfg)
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		var refused *HandshakeError
		if err := s.Status().Err; !errors.As(err, &refused) {
			t.Fatalf("%d: stopped with %v", status, err)
		}
		want := HandshakeError{StatusCode: status, Reason: "Invalid ]0;access-token", ChannelID: "abc-1"}
		if *refused != want {
			t.Errorf("got %+v, want %+v", *refused, want)
		}
		everything := log.String() + refused.Error() + fmt.Sprintf("%+v %+v", s.Status(), cfg)
		for _, secret := range []token.Token{cfg.AccessToken, s.uplink.link.ClientToken} {
			if strings.Contains(everything, secret.Reveal()) {
				t.Errorf("a token shows in %s", everything)
			}
		}
		if r.attempts != 1 {
			t.Errorf("%d attempts, want one", r.attempts)
		}
	}
}

func TestPassingTroubleOfTheServiceIsTriedAgain(t *testing.T) {
	statuses := []int{500, 503, 408, 425, 429, 302, 200}
	r := newRelay(t, "SSH")
	r.refuse = func(attempt int) (int, http.Header, string) {
		if attempt > len(statuses) {
			return 0, nil, ""
		}
		return statuses[attempt-1], http.Header{"Retry-After": {"0"}}, "busy"
	}
	s := r.source("SSH")
	status := stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	if status.Reconnects != 0 || r.attempts != len(statuses)+1 {
		t.Errorf("%d attempts, status %+v", r.attempts, status)
	}
}

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7": 7 * time.Second, "100000": maxRetryAfter, "9223372036854775807": maxRetryAfter, "-1": 0, "soon": 0,
	} {
		answer := "HTTP/1.1 503 Service Unavailable\r\nRetry-After: " + text + "\r\nContent-Length: 0\r\n\r\n"
		if _, got := new(Link).readRefusal(503, strings.NewReader(answer)); got != want {
			t.Errorf("Retry-After %q = %v, want %v", text, got, want)
		}
	}
}

func TestWebPageIsNoReason(t *testing.T) {
	answer := "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>Welcome to the hotel</html>"
	refusal, _ := new(Link).readRefusal(200, strings.NewReader(answer))
	if refusal.Reason != "" || !strings.Contains(refusal.Error(), "captive portal") {
		t.Errorf("error %q", refusal)
	}
}

func TestUntrustedCertificateStopsAndSaysWhy(t *testing.T) {
	r := newRelay(t, "SSH")
	_, strangers := authority(t)
	for name, link := range map[string]func(*Link){
		"unknown authority": func(l *Link) { l.Roots = strangers },
		"the system's pool": func(l *Link) { l.Roots = nil },
	} {
		cfg := SourceConfig{Link: r.link(RoleSource)}
		link(&cfg.Link)
		s, err := StartSource(cfg)
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		if err := s.Status().Err; !errors.As(err, new(*tls.CertificateVerificationError)) || !strings.Contains(err.Error(), "not trusted") {
			t.Errorf("%s: stopped with %v", name, err)
		}
	}
	if r.attempts != 0 {
		t.Error("the token was sent to a service that is not trusted")
	}
}

func TestWrongHostNameIsNotTrusted(t *testing.T) {
	r := newRelay(t, "SSH")
	cfg := SourceConfig{Link: r.link(RoleSource)}
	cfg.Endpoint = "data.tunneling.iot.eu-west-1.amazonaws.com"
	cfg.Dial = dialerTo(r.listener.Addr().String())
	s, err := StartSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if err := s.Status().Err; !errors.As(err, new(x509.HostnameError)) {
		t.Errorf("stopped with %v", err)
	}
}

func TestServiceThatDoesNotAnswerIsGivenUpInTime(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	r := newRelay(t, "SSH")
	link := r.link(RoleSource)
	link.Endpoint = listener.Addr().String()
	quick := standardTiming()
	quick.handshake = 20 * time.Millisecond
	s, err := startSource("", SourceConfig{Link: link}, quick, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer closeProxy(t, s)
	status := stateIs(t, s, "given up", func(s Status) bool { return s.Err != nil })
	if status.State != Connecting || !strings.Contains(status.Err.Error(), "did not answer in time") {
		t.Errorf("status %+v", status)
	}
}

func TestLinkThatCannotWorkIsRefusedAtOnce(t *testing.T) {
	good := Link{Endpoint: "localhost:8443", AccessToken: token.New("abc")}
	for name, spoil := range map[string]func(*Link){
		"no endpoint":           func(l *Link) { l.Endpoint = "" },
		"an URL":                func(l *Link) { l.Endpoint = "https://localhost" },
		"a path":                func(l *Link) { l.Endpoint = "localhost/x" },
		"no token":              func(l *Link) { l.AccessToken = token.Token{} },
		"a token with a header": func(l *Link) { l.AccessToken = token.New("abc\r\nHost: evil") },
		"a token that is long":  func(l *Link) { l.AccessToken = token.New(strings.Repeat("a", maxToken+1)) },
		"a short client token":  func(l *Link) { l.ClientToken = token.New("short") },
	} {
		link := good
		spoil(&link)
		if _, err := StartSource(SourceConfig{Link: link}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := StartDestination(DestinationConfig{Link: link, Targets: map[string]string{"SSH": "localhost:22"}}); err == nil {
			t.Errorf("%s: no error of a destination", name)
		}
	}
	for _, targets := range []map[string]string{nil, {"SSH": "22"}} {
		if _, err := StartDestination(DestinationConfig{Link: good, Targets: targets}); err == nil {
			t.Errorf("targets %v: no error", targets)
		}
	}
}

func TestEndpointWithoutPortIs443(t *testing.T) {
	for endpoint, want := range map[string]string{
		"data.tunneling.iot.eu-west-1.amazonaws.com": "data.tunneling.iot.eu-west-1.amazonaws.com:443",
		"localhost:8443": "localhost:8443",
		"[::1]":          "[::1]:443",
		"[::1]:8443":     "[::1]:8443",
	} {
		if got := (&Link{Endpoint: endpoint}).address(); got != want {
			t.Errorf("%s: address %s, want %s", endpoint, got, want)
		}
	}
}

func TestTakenPortSaysSo(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := listener.Addr().String()
	cfg := SourceConfig{
		Link:      Link{Endpoint: "localhost", AccessToken: token.New("abc")},
		Listeners: []Listener{{"HTTP", "127.0.0.1:0"}, {"SSH", taken}},
	}
	var failed *ListenError
	if _, err := StartSource(cfg); !errors.As(err, &failed) || !failed.InUse || failed.Service != "SSH" || failed.Address != taken {
		t.Errorf("error %+v", err)
	}
	cfg.Listeners = []Listener{{"SSH", "nonsense"}}
	if _, err := StartSource(cfg); !errors.As(err, &failed) || failed.InUse {
		t.Errorf("error %+v", err)
	}
}

func TestAddressWithoutHostIsOnLoopback(t *testing.T) {
	listener, err := listen(Listener{Address: ":0"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		t.Errorf("listens on %v", listener.Addr())
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add("HTTP/1.1 403 Forbidden\r\nContent-Length: 20\r\n\r\nInvalid access-token")
	f.Add("HTTP/1.1 400 Bad Request\r\nX-Status-Reason: Tunnel is closed\x1b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		refusal, wait := new(Link).readRefusal(403, strings.NewReader(answer))
		if strings.ContainsFunc(refusal.Error(), unicode.IsControl) || len(refusal.Reason) > 1000 || wait < 0 || wait > maxRetryAfter {
			t.Errorf("%q, wait %v", refusal.Error(), wait)
		}
	})
}
