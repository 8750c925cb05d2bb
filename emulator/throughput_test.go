package emulator_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"adit/emulator"
	"adit/tunnelconn/wire"
)

// BenchmarkThroughput carries payloads from a source to a destination that do nothing but write and read TLS, so that a
// profile shows the relay beside them.
func BenchmarkThroughput(b *testing.B) {
	for _, size := range []int{16 << 10, wire.MaxPayload} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) { throughput(b, size) })
	}
}

func throughput(b *testing.B, size int) {
	e, err := emulator.Start(b.Context(), emulator.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	request, err := http.NewRequest(http.MethodPost, e.APIURL(), strings.NewReader(`{"destinationConfig":{"services":["SSH"]}}`))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "IoTSecuredTunneling.OpenTunnel")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	var tokens struct{ SourceAccessToken, DestinationAccessToken string }
	err = json.NewDecoder(response.Body).Decode(&tokens)
	_ = response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err != nil {
		b.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(e.CAPEM())
	config := &tls.Config{RootCAs: roots, ServerName: "localhost", DynamicRecordSizingDisabled: true}
	destination, in := bareWebSocket(b, e, config, "destination", tokens.DestinationAccessToken)
	source, _ := bareWebSocket(b, e, config, "source", tokens.SourceAccessToken)

	// A client's WebSocket frame with a zero mask.
	framed := func(m wire.Message) []byte {
		frame, err := wire.AppendFrame(nil, &m)
		if err != nil {
			b.Fatal(err)
		}
		head := []byte{0x82, 0x80 | 126, 0, 0, 0, 0, 0, 0}
		binary.BigEndian.PutUint16(head[2:], uint16(len(frame)))
		return append(head, frame...)
	}
	if _, err := source.Write(framed(wire.Message{Type: wire.StreamStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 1})); err != nil {
		b.Fatal(err)
	}
	message := framed(wire.Message{Type: wire.Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1, Payload: make([]byte, size)})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			if _, err := source.Write(message); err != nil {
				return
			}
		}
	}()
	// What the relay sends has no mask, so each is four bytes shorter; SERVICE_IDS and the start come before.
	if _, err := io.CopyN(io.Discard, in, int64(b.N)*int64(len(message)-4)); err != nil {
		b.Error(err)
	}
	b.StopTimer()
	_, _ = source.NetConn().Close(), destination.NetConn().Close()
}

func bareWebSocket(b *testing.B, e *emulator.Emulator, config *tls.Config, mode, token string) (*tls.Conn, *bufio.Reader) {
	b.Helper()
	conn, err := tls.Dial("tcp", e.DataAddr(), config)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.WriteString(conn, upgrade("GET /tunnel?local-proxy-mode="+mode+" HTTP/1.1", token, "")); err != nil {
		b.Fatal(err)
	}
	in := bufio.NewReaderSize(conn, 64<<10)
	response, err := http.ReadResponse(in, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		b.Fatalf("upgrade: %v, %v", response, err)
	}
	return conn, in
}
