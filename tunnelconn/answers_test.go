package tunnelconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
)

// firstFailure starts a source whose service is replaced by a handler, and gives its first failure and how long that took.
func firstFailure(t *testing.T, m *memoryRelay, h faultproxy.Handler) (status Status, took time.Duration) {
	t.Helper()
	m.net[RoleSource].Instead(h)
	begun := time.Now()
	s, err := startSource("", SourceConfig{Link: m.link(RoleSource)}, standardTiming(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer closeProxy(t, s)
	status = stateIs(t, s, "a failure", func(s Status) bool { return s.Err != nil })
	return status, time.Since(begun)
}

func TestT19EachAnswerToTheHandshakeIsStoppedAtOrTriedAgain(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	refusal := func(status int) func(*tls.Config) faultproxy.Handler {
		return func(c *tls.Config) faultproxy.Handler {
			return faultproxy.TLS(c, faultproxy.HTTP(status, http.Header{"Channel-Id": {"abc"}}, "the reason"))
		}
	}
	raw := func(answer string, step int, every time.Duration) func(*tls.Config) faultproxy.Handler {
		return func(c *tls.Config) faultproxy.Handler { return faultproxy.TLS(c, faultproxy.Raw(answer, step, every)) }
	}
	for name, c := range map[string]struct {
		answer func(*tls.Config) faultproxy.Handler
		final  bool
		says   string
	}{
		"400":                       {refusal(400), true, `HTTP 400`},
		"403":                       {refusal(403), true, `"the reason" (channel id abc)`},
		"404":                       {refusal(404), true, `HTTP 404`},
		"429":                       {refusal(429), false, `HTTP 429`},
		"500":                       {refusal(500), false, `HTTP 500`},
		"503":                       {refusal(503), false, `"the reason"`},
		"101 without a subprotocol": {raw(switching+"Sec-WebSocket-Accept: x\r\n\r\n", 0, 0), false, "is not a tunneling service's"},
		"101 with a wrong key":      {raw(switching+"Sec-WebSocket-Protocol: "+subprotocol+"\r\nSec-WebSocket-Accept: x\r\n\r\n", 0, 0), false, "is not a tunneling service's"},
		"a byte a second":           {raw(switching+strings.Repeat("x", 1000), 1, time.Second), false, "did not answer in time"},
		"headers without end":       {raw(switching+strings.Repeat("X-Filler: "+strings.Repeat("y", 90)+"\r\n", 4000), 0, 0), false, "is not a tunneling service's"},
		"nothing":                   {func(c *tls.Config) faultproxy.Handler { return faultproxy.TLS(c, faultproxy.Silent) }, false, "did not answer in time"},
		"no TLS":                    {func(*tls.Config) faultproxy.Handler { return faultproxy.Garbage }, false, "no encrypted connection"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryRelay(t, "SSH")
				certificate, roots := authority(t)
				m.roots = roots
				status, took := firstFailure(t, m, c.answer(&tls.Config{Certificates: []tls.Certificate{certificate}}))
				if !strings.Contains(status.Err.Error(), c.says) || took > 10*time.Second {
					t.Errorf("after %v: %v; want %q", took, status.Err, c.says)
				}
				if final := verdict(status.Err, false) != nil; final != c.final {
					t.Errorf("stops for good: %v", final)
				}
				m.net[RoleSource].Instead(nil)
			})
		})
	}
}

func TestT21TLSThatIsNotAsItMustBeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		config func(*testing.T, *memoryRelay) *tls.Config
		says   string
		is     any
	}{
		"self-signed": {func(t *testing.T, _ *memoryRelay) *tls.Config {
			stranger, _ := authority(t)
			return &tls.Config{Certificates: []tls.Certificate{stranger}}
		}, "not trusted", new(*tls.CertificateVerificationError)},
		"expired": {func(t *testing.T, m *memoryRelay) *tls.Config {
			certificate, roots := authority(t)
			m.roots = roots
			time.Sleep(2 * 365 * 24 * time.Hour) // The authority of the tests signs for a year.
			return &tls.Config{Certificates: []tls.Certificate{certificate}}
		}, "not trusted", new(x509.CertificateInvalidError)},
		"TLS 1.1": {func(t *testing.T, m *memoryRelay) *tls.Config {
			certificate, roots := authority(t)
			m.roots = roots
			return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		}, "no encrypted connection", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryRelay(t, "SSH")
				config := c.config(t, m)
				status, _ := firstFailure(t, m, faultproxy.TLS(config, func(net.Conn) {
					t.Error("the handshake went through, and the token with it")
				}))
				if !strings.Contains(status.Err.Error(), c.says) || c.is != nil && !errors.As(status.Err, c.is) {
					t.Errorf("failed with %v; want %q", status.Err, c.says)
				}
			})
		})
	}
}

func TestT21ServiceThatSpeaksHTTP2IsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		certificate, roots := authority(t)
		m.roots = roots
		const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
		status, _ := firstFailure(t, m, faultproxy.TLS(
			&tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}}, faultproxy.Raw(settings, 0, 0)))
		if verdict(status.Err, false) != nil || errors.As(status.Err, new(*HandshakeError)) {
			t.Errorf("failed with %v", status.Err)
		}
	})
}
