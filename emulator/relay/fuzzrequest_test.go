package relay

import (
	"bufio"
	"net"
	"strings"
	"testing"

	"adit/emulator/choices"
	"adit/emulator/tunnels"
	"adit/pattern"
)

// FuzzRequest: whatever comes instead of an upgrade request, it is refused in a short text or it is one in every respect.
func FuzzRequest(f *testing.F) {
	const good = "GET /tunnel?local-proxy-mode=source HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: aws.iot.securetunneling-2.0\r\naccess-token: a\r\n" +
		"client-token: 11111111-1111-4111-8111-111111111111\r\n\r\n"
	f.Add(good)
	f.Add(strings.Replace(good, "access-token: a", "Cookie: awsiot-tunnel-token=a; b=c", 1))
	f.Add(strings.Replace(good, "source", "destination&x=%zz", 1))
	f.Add("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	f.Add("GET " + strings.Repeat("/", 5000))
	f.Fuzz(func(t *testing.T, text string) {
		here, there := net.Pipe()
		go func() {
			_, _ = there.Write([]byte(text))
			_ = there.Close()
		}()
		defer func() { _ = here.Close() }()
		req, refused := readRequest(bufio.NewReaderSize(&limit{here, maxRequest}, maxRequest), choices.Set{})
		switch {
		case (req == nil) == (refused == nil):
			t.Errorf("both or neither: %+v, %+v", req, refused)
		case refused != nil:
			if status := refused.statusCode(choices.Set{}); status < 400 || status > 499 || refused.text == "" || len(refused.text) > 200 || strings.ContainsAny(refused.text, "\r\n") {
				t.Errorf("refused with %d %q", status, refused.text)
			}
		default:
			if req.version < 1 || req.version > 3 || req.access == "" || req.side > tunnels.Destination ||
				req.client != "" && !pattern.ClientToken.MatchString(req.client) {
				t.Errorf("taken as %+v", req)
			}
		}
	})
}
