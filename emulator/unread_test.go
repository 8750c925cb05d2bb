package emulator_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEveryStatusIsJSON: SDKs stumble over anything else, also where net/http answers before the API is asked.
func TestEveryStatusIsJSON(t *testing.T) {
	b := start(t)
	const head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	for name, c := range map[string]struct {
		request string
		status  int
	}{
		"no HTTP":                   {"nonsense\r\n\r\n", 400},
		"HTTP of the future":        {"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 505},
		"no host":                   {"GET / HTTP/1.1\r\n\r\n", 400},
		"a header that is none":     {head + "a b: c\r\n\r\n", 400},
		"headers too long":          {head + "a: " + strings.Repeat("x", 80<<10) + "\r\n\r\n", 431},
		"a length that is none":     {head + "Content-Length: many\r\n\r\n", 400},
		"an unknown coding":         {head + "Transfer-Encoding: rot13\r\n\r\n", 501},
		"an impossible expectation": {head + "Expect: the best\r\n\r\n", 417},
		"a body too long":           {head + "Content-Length: 2000000\r\n\r\n" + strings.Repeat("x", 2000000), 413},
		"half a body":               {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		"no operation":              {head + "\r\n", 400},
		"all of the server":         {"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400},
		"a WebSocket":               {"GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n", 400},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(b.APIURL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		go func() { _, _ = io.WriteString(conn, c.request) }() // which may not be read to its end
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body, _ := io.ReadAll(response.Body)
		_ = conn.Close()
		var fault struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		if json.Unmarshal(body, &fault) != nil || fault.Type == "" || !strings.HasSuffix(fault.Message, ".") || response.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d: %q", name, response.StatusCode, c.status, body)
		}
		if response.Header.Get("X-Amzn-Requestid") == "" || response.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
			t.Errorf("%s: headers %v", name, response.Header)
		}
	}
}
