package emulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
)

const (
	clientTokenA = "11111111-1111-4111-8111-111111111111"
	clientTokenB = "22222222-2222-4222-8222-222222222222"
)

var channelID = regexp.MustCompile(`^[0-9a-f]{16}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{16}-[0-9a-f]{8}$`)

// refused dials and wants a refusal with a status and, somewhere in its body, a text.
func (b *bench) refused(d dial, status int, text string) {
	b.t.Helper()
	_, resp, err := b.try(d)
	if err == nil {
		b.t.Errorf("connected, want %d %q", status, text)
		return
	}
	if resp == nil {
		b.t.Errorf("no answer: %v", err)
		return
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Error(err)
	}
	if resp.StatusCode != status || !strings.Contains(string(body), text) || len(body) > 200 {
		b.t.Errorf("refused with %d %q, want %d %q", resp.StatusCode, body, status, text)
	}
	if !channelID.MatchString(resp.Header.Get("Channel-Id")) {
		b.t.Errorf("a refusal has the channel-id %q", resp.Header.Get("Channel-Id"))
	}
}

func TestHandshakeAnswersWithChannelAndHighestSubprotocol(t *testing.T) {
	b := start(t)
	for _, c := range []struct {
		offer []string
		want  string
	}{
		{[]string{v1}, v1},
		{[]string{v2}, v2},
		{[]string{v3}, v3},
		{[]string{v1, v2}, v2},
		{[]string{v1, "nonsense", v3, v2}, v3},
	} {
		conn, resp, err := b.try(dial{mode: "source", access: *b.open("SSH").SourceAccessToken, protocols: c.offer})
		if err != nil {
			t.Fatal(err)
		}
		if conn.Subprotocol() != c.want {
			t.Errorf("offered %q, got %q", c.offer, conn.Subprotocol())
		}
		if !channelID.MatchString(resp.Header.Get("Channel-Id")) || resp.Header.Get("Sec-Websocket-Extensions") != "" {
			t.Errorf("headers %v", resp.Header)
		}
	}
}

func TestHandshakeRefusesWhatTheGuideForbids(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source, destination := *out.SourceAccessToken, *out.DestinationAccessToken
	header := func(kv ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Add(kv[i], kv[i+1])
		}
		return h
	}
	good := dial{mode: "source", access: source}
	for name, c := range map[string]struct {
		dial   dial
		status int
		text   string
	}{
		"no mode":              {dial{access: source}, 400, "local-proxy-mode"},
		"unknown mode":         {dial{mode: "Source", access: source}, 400, "local-proxy-mode"},
		"two modes":            {dial{mode: "source&local-proxy-mode=destination", access: source}, 400, "local-proxy-mode"},
		"mode of other token":  {dial{mode: "source", access: destination}, 400, "Invalid access token"},
		"no subprotocol":       {dial{mode: "source", access: source, protocols: []string{}}, 400, "subprotocol"},
		"unknown subprotocol":  {dial{mode: "source", access: source, protocols: []string{"aws.iot.securetunneling-4.0"}}, 400, "subprotocol"},
		"no token":             {dial{mode: "source"}, 400, "exactly one access token"},
		"empty token":          {dial{mode: "source", header: header("Access-Token", "")}, 400, "exactly one access token"},
		"two header tokens":    {dial{mode: "source", header: header("Access-Token", source, "Access-Token", source)}, 400, "exactly one access token"},
		"header and cookie":    {dial{mode: "source", access: source, header: header("Cookie", "awsiot-tunnel-token="+source)}, 400, "exactly one access token"},
		"two cookies":          {dial{mode: "source", header: header("Cookie", "awsiot-tunnel-token="+source+"; awsiot-tunnel-token="+source)}, 400, "exactly one access token"},
		"unknown token":        {dial{mode: "source", access: "nonsense"}, 403, "Invalid access-token"},
		"almost the token":     {dial{mode: "source", access: source[:len(source)-2] + "x="}, 403, "Invalid access-token"},
		"short client token":   {dial{mode: "source", access: source, client: "short"}, 400, "client token"},
		"long client token":    {dial{mode: "source", access: source, client: strings.Repeat("x", 129)}, 400, "client token"},
		"odd client token":     {dial{mode: "source", access: source, client: strings.Repeat("_", 40)}, 400, "client token"},
		"two client tokens":    {dial{mode: "source", access: source, header: header("Client-Token", clientTokenA, "Client-Token", clientTokenA)}, 400, "client token"},
		"request over 4096":    {dial{mode: "source", access: source, header: header("X-Padding", strings.Repeat("x", 4000))}, 400, "4096"},
		"request far too long": {dial{mode: "source", access: source, header: header("X-Padding", strings.Repeat("x", 60000))}, 400, "4096"},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			b.refused(c.dial, c.status, c.text)
		})
	}
	b.connect(good) // none of this has used the token
}

// raw speaks HTTP by hand over TLS.
func (b *bench) raw(request string) (*http.Response, string) {
	b.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CAPEM())
	conn, err := tls.Dial("tcp", b.DataAddr(), &tls.Config{RootCAs: roots, ServerName: "localhost"})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		b.t.Fatalf("%.60q: %v", request, err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Error(err)
	}
	return resp, string(body)
}

func upgrade(line, token, more string) string {
	return line + "\r\nHost: anything\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: " + v3 + "\r\naccess-token: " + token + "\r\n" + more + "\r\n"
}

const sourceLine = "GET /tunnel?local-proxy-mode=source HTTP/1.1"

func TestHandshakeRefusesWhatNoLibrarySends(t *testing.T) {
	b := start(t)
	token := *b.open("SSH").SourceAccessToken
	good := upgrade(sourceLine, token, "")
	for name, c := range map[string]struct{ request, text string }{
		"path":             {strings.Replace(good, "/tunnel?", "/tunnels?", 1), "path"},
		"path in disguise": {strings.Replace(good, "/tunnel?", "/%74unnel?", 1), "path"},
		"method":           {strings.Replace(good, "GET", "POST", 1), "GET"},
		"body":             {upgrade(sourceLine, token, "Content-Length: 3\r\n") + "abc", "body"},
		"HTTP 1.0":         {strings.Replace(good, "HTTP/1.1", "HTTP/1.0", 1), "HTTP/1.1"},
		"HTTP 2":           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1"},
		"no HTTP":          {"nonsense\r\n\r\n", "HTTP"},
		"no upgrade":       {strings.Replace(good, "Upgrade: websocket", "Upgrade: other", 1), "WebSocket"},
		"no connection":    {strings.Replace(good, "keep-alive, Upgrade", "close", 1), "WebSocket"},
		"version":          {strings.Replace(good, "Version: 13", "Version: 8", 1), "version"},
		"key":              {strings.Replace(good, "AAAAAAAAAAAAAAAAAAAAAA==", "AAAA", 1), "Key"},
		"endless line":     {sourceLine + strings.Repeat("x", 5000), "4096"},
	} {
		resp, body := b.raw(c.request)
		if resp.StatusCode != 400 || !strings.Contains(body, c.text) || resp.Header.Get("Channel-Id") == "" {
			t.Errorf("%s: %d %q", name, resp.StatusCode, body)
		}
	}
	if resp, body := b.raw(good); resp.StatusCode != 101 || resp.Header.Get("Sec-Websocket-Accept") != "ICX+Yqv66kxgM0FcWaLWlFLwTAI=" {
		t.Errorf("a good request: %d %q, accept %q", resp.StatusCode, body, resp.Header.Get("Sec-Websocket-Accept"))
	}
}

func TestHandshakeAcceptsARequestOf4096BytesAndNotOneMore(t *testing.T) {
	b := start(t)
	padded := func(size int) string {
		token := *b.open("SSH").SourceAccessToken
		bare := upgrade(sourceLine, token, "X-Padding: \r\n")
		return strings.Replace(bare, "X-Padding: ", "X-Padding: "+strings.Repeat("x", size-len(bare)), 1)
	}
	if resp, body := b.raw(padded(4096)); resp.StatusCode != 101 {
		t.Errorf("4096 bytes: %d %q", resp.StatusCode, body)
	}
	if resp, body := b.raw(padded(4097)); resp.StatusCode != 400 {
		t.Errorf("4097 bytes: %d %q", resp.StatusCode, body)
	}
}

func TestHandshakeTakesATokenFromACookieAndIgnoresOriginAndOtherParameters(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	b.connect(dial{mode: "source&more=1", header: http.Header{
		"Cookie": {"other=1; awsiot-tunnel-token=" + *out.SourceAccessToken}, "Origin": {"https://console.example"},
	}})
}

func TestAccessTokenIsGoodOnce(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	first := b.source(out)
	used := "Invalid access token: The access token was previously used and can not be used again."
	b.refused(dial{mode: "source", access: *out.SourceAccessToken}, 400, used)
	b.refused(dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA}, 400, used)
	_ = first.CloseNow()
	b.await(out.TunnelId, func(t *types.Tunnel) bool {
		return t.SourceConnectionState.Status == types.ConnectionStatusDisconnected
	})
	b.refused(dial{mode: "source", access: *out.SourceAccessToken}, 400, used)
}

func TestClientTokenMakesAnAccessTokenGoodForReconnects(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	mine := dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA}
	for range 3 {
		b.connect(mine)
	}
	other := mine
	other.client = clientTokenB
	b.refused(other, 400, "Invalid client token: The provided client token does not match the client token that was previously set.")
	other.client = ""
	b.refused(other, 400, "Invalid access token: The access token was previously used and can not be used again.")
	b.connect(mine)
}

func TestClientTokenBelongsToOneAccessTokenOfTheOpenTunnels(t *testing.T) {
	b := start(t)
	out, second := b.open("SSH"), b.open("SSH")
	b.connect(dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA})
	taken := "Invalid client token: The provided client token is already set for another access token."
	b.refused(dial{mode: "destination", access: *out.DestinationAccessToken, client: clientTokenA}, 400, taken)
	b.refused(dial{mode: "source", access: *second.SourceAccessToken, client: clientTokenA}, 400, taken)
	// The refusals have not used the tokens, and a closed tunnel lets its client tokens go.
	b.connect(dial{mode: "destination", access: *out.DestinationAccessToken, client: clientTokenB})
	if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId}); err != nil {
		t.Fatal(err)
	}
	b.connect(dial{mode: "source", access: *second.SourceAccessToken, client: clientTokenA})
}

func TestTokensOfRotatedClosedAndDeletedTunnelsAreRefused(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	_, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: out.TunnelId, ClientMode: types.ClientModeSource})
	if err != nil {
		t.Fatal(err)
	}
	b.refused(dial{mode: "source", access: *out.SourceAccessToken}, 403, "Invalid access-token")
	destination := dial{mode: "destination", access: *out.DestinationAccessToken}
	for _, c := range []struct {
		remove bool
		text   string
	}{{false, "Tunnel is closed"}, {true, "Invalid access-token"}} {
		_, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId, Delete: aws.Bool(c.remove)})
		if err != nil {
			t.Fatal(err)
		}
		b.refused(destination, 403, c.text)
	}
}

func TestAuthorityIsConstrainedToLoopback(t *testing.T) {
	b := start(t)
	block, _ := pem.Decode(b.CAPEM())
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !ca.IsCA || !ca.PermittedDNSDomainsCritical || !slices.Equal(ca.PermittedDNSDomains, []string{"localhost"}) ||
		len(ca.PermittedIPRanges) != 2 || !ca.PermittedIPRanges[0].IP.IsLoopback() || !ca.PermittedIPRanges[1].IP.IsLoopback() {
		t.Errorf("the authority may sign for %v and %v", ca.PermittedDNSDomains, ca.PermittedIPRanges)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		conn, err := tls.Dial("tcp", b.DataAddr(), &tls.Config{RootCAs: roots, ServerName: name, NextProtos: []string{"h2", "http/1.1"}})
		if err != nil {
			t.Errorf("as %s: %v", name, err)
			continue
		}
		if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
			t.Errorf("negotiated %q", got)
		}
		_ = conn.Close()
	}
	if _, err := tls.Dial("tcp", b.DataAddr(), &tls.Config{RootCAs: roots, ServerName: "localhost", MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
}

func TestPlainHTTPOnTheDataPlaneEndsItself(t *testing.T) {
	b := start(t)
	conn, err := net.Dial("tcp", b.DataAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(conn, "GET /tunnel HTTP/1.1\r\nHost: x\r\n\r\n")
	if body, _ := io.ReadAll(conn); strings.Contains(string(body), "101") {
		t.Errorf("answered %q", body)
	}
}
