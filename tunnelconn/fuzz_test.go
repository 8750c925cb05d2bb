package tunnelconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gobwas/ws"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/token"
	"adit/tunnelconn/wire"
)

// scripted is a service that says what it was given, whatever it is told.
type scripted struct {
	*discard
	io.Reader
}

func (s scripted) Read(p []byte) (int, error)    { return s.Reader.Read(p) }
func (scripted) Close() error                    { return nil }
func (scripted) SetReadDeadline(time.Time) error { return nil }

// messagesOf makes a sequence of messages of few services, streams and connections out of any bytes, three each, as an
// input of the WebSocket.
func messagesOf(operations []byte) []byte {
	var stream []byte
	services := []string{"SSH", "HTTP", "", "VNC"}
	for ; len(operations) >= 3; operations = operations[3:] {
		a, b, c := operations[0], operations[1], operations[2]
		m := wire.Message{
			Type: wire.Type(a % 10), Ignorable: a >= 128, ServiceID: services[b%4], StreamID: int32(b/4%5) - 1,
			ConnectionID: uint32(c % 4), Payload: operations[:min(len(operations), int(c/4))],
		}
		if m.Type == wire.ServiceIDs {
			m.AvailableServiceIDs = services[:c%3]
		}
		if frame, err := wire.AppendFrame(nil, &m); err == nil {
			stream = append(stream, ws.MustCompileFrame(ws.NewBinaryFrame(frame))...)
		}
	}
	return stream
}

// FuzzSession gives any sequence of messages to both roles. Their book-keeping has to hold at every end, and nothing may
// go on when the session is over.
func FuzzSession(f *testing.F) {
	f.Add([]byte{5, 0, 2, 2, 8, 1, 1, 8, 5, 6, 8, 2, 7, 8, 1, 3, 8, 0, 4, 0, 0}, byte(0))
	f.Add([]byte{2, 8, 0, 1, 8, 9, 3, 8, 0}, byte(1))
	f.Add([]byte{2, 10, 0, 2, 10, 0, 6, 10, 1, 8, 0, 0}, byte(2))
	f.Fuzz(func(t *testing.T, operations []byte, version byte) {
		defer time.AfterFunc(5*time.Second, func() { panic("it hangs") }).Stop()
		link := Link{Endpoint: "localhost", AccessToken: token.New("abc"), Version: Version(version % 4)}
		for _, role := range []Role{RoleSource, RoleDestination} {
			p := newProxy("", role, link, standardTiming(), func() {})
			wired := scripted{&discard{}, bytes.NewReader(messagesOf(operations))}
			session := newSession(&handshaken{conn: wired, raw: wired, source: wired}, newBuffers(), standardTiming(), slog.New(slog.DiscardHandler), func(time.Duration) {})
			var h handler
			var m *mux
			if role == RoleSource {
				s := &Source{proxy: p, version: link.Version, fallBack: time.Hour}
				s.state.turned = make(chan struct{})
				x := newSourceSession(s, session)
				for _, service := range []string{"SSH", "HTTP", "SSH"} {
					if c, _, err := x.begin(service, p.board.service(service, ""), nil); err == nil {
						defer c.hold.drop() // Nothing runs it, and its timer would keep all of this for an hour.
					}
				}
				h, m = x, &x.mux
			} else {
				d := &Destination{proxy: p, version: link.Version, targets: map[string]string{"SSH": "a:1", "HTTP": "b:1"}, dialTimeout: time.Second}
				d.dialTarget = func(_ context.Context, _, address string) (net.Conn, error) {
					if address == "b:1" {
						return nil, errors.New("refused")
					}
					near, far := faultproxy.Pipe(1 << 10)
					return near, far.Close()
				}
				x := newDestinationSession(d, session)
				h, m = x, &x.mux
			}
			err := session.read(h)
			if err == nil {
				t.Fatal("a session ended without a reason")
			}
			m.mu.Lock()
			live := 0
			for key, st := range m.streams {
				live += len(st.conns)
				if st.key != key || st.first != nil && st.conns[st.first.id] != st.first {
					t.Errorf("the stream %q does not know itself", key)
				}
			}
			if live != m.live {
				t.Errorf("%d connections, and %d are counted", live, m.live)
			}
			m.mu.Unlock()
			session.out.stop()
			h.lost(ErrCut)
			p.work.Wait()
			if m.live != 0 || len(m.streams) != 0 {
				t.Errorf("%d connections and %d streams are left", m.live, len(m.streams))
			}
		}
	})
}

// FuzzUpgrade gives any answer to the handshake. It has to end with an error that can be shown.
func FuzzUpgrade(f *testing.F) {
	f.Add("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
	f.Add("HTTP/1.1 403 Forbidden\r\nchannel-id: \x1b[31m\r\nContent-Length: 3\r\n\r\nabc")
	f.Add("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
	f.Add("HTTP/1.1 503 \r\nRetry-After: 99999999999999999999\r\n\r\n")
	f.Add("SSH-2.0-OpenSSH_9.2\r\n")
	f.Fuzz(func(t *testing.T, answer string) {
		const secret = "an-access-token-that-nobody-sees"
		link := Link{Endpoint: "localhost", AccessToken: token.New(secret), ClientToken: token.NewClientToken()}
		service := scripted{&discard{}, strings.NewReader(answer)}
		_, wait, err := link.upgrade(&handshaken{conn: service, raw: service}, RoleSource)
		if err == nil {
			t.Fatal("an answer that cannot know the key was accepted")
		}
		var refused *HandshakeError
		if errors.As(err, &refused) && (strings.ContainsFunc(err.Error(), unicode.IsControl) || strings.Contains(err.Error(), secret)) {
			t.Errorf("the error is %q", err)
		}
		if wait < 0 || wait > maxRetryAfter {
			t.Errorf("to wait for %v", wait)
		}
	})
}
