package tunnelconn

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"adit/tunnelconn/token"
)

// refusingService answers each request with the same bytes, and leaves the connection open.
func refusingService(t *testing.T, answer string) Link {
	t.Helper()
	certificate, roots := authority(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				_, _ = io.WriteString(conn, answer)
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return Link{Endpoint: listener.Addr().String(), Roots: roots, AccessToken: token.New("an-access-token-of-some-length")}
}

func TestRefusalWithoutALengthStopsThoughTheServiceLeavesTheConnectionOpen(t *testing.T) {
	for name, c := range map[string]struct{ answer, reason string }{
		"the body has no end":   {"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nInvalid access-token", "Invalid access-token"},
		"the body breaks off":   {"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nInvalid", "Invalid"},
		"the header has no end": {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := StartSource(SourceConfig{Link: refusingService(t, c.answer)})
			if err != nil {
				t.Fatal(err)
			}
			defer closeProxy(t, s)
			status := stateIs(t, s, "an error", func(s Status) bool { return s.Err != nil })
			var refused *HandshakeError
			if !errors.As(status.Err, &refused) || refused.StatusCode != 403 || refused.Reason != c.reason {
				t.Errorf("state %v, error %v", status.State, status.Err)
			}
			<-s.Done()
		})
	}
}

func TestTrap23RefusalThatRepeatsATokenDoesNotShowIt(t *testing.T) {
	r := newRelay(t, "SSH")
	cfg := SourceConfig{Link: r.link(RoleSource)}
	cfg.ClientToken = token.NewClientToken()
	access, client := cfg.AccessToken.Reveal(), cfg.ClientToken.Reveal()
	r.refuse = func(int) (int, http.Header, string) {
		return 403, http.Header{"Channel-Id": {"id-" + client}}, "no: " + client + " and " + access[:5] + "\x01" + access[5:] + " in " + access[:len(access)-3]
	}
	var log syncBuffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	s, err := StartSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	var refused *HandshakeError
	if !errors.As(s.Status().Err, &refused) {
		t.Fatalf("stopped with %v", s.Status().Err)
	}
	if want := "no: (token) and (token) in (token)"; refused.Reason != want || refused.ChannelID != "id-(token)" {
		t.Errorf("reason %q, channel id %q", refused.Reason, refused.ChannelID)
	}
	for _, secret := range []string{access, client} {
		if strings.Contains(log.String(), secret) {
			t.Error("a token shows in the log")
		}
	}
}
