package emulator_test

import (
	"crypto/x509"
	"io"
	"net"
	"testing"
	"time"

	"adit/tunnelconn"
	"adit/tunnelconn/token"
	"adit/tunnelconn/wire"
)

// TestSourceAsksInV1InASessionOfItsOwnAndTakesItsClientAlong plays a device that says nothing to V3, on a service that
// lets no session go from messages with a service to such without.
func TestSourceAsksInV1InASessionOfItsOwnAndTakesItsClientAlong(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	place := dial{mode: "destination", access: *out.DestinationAccessToken, client: "6f6b1d7c-0000-4000-8000-00000000cafe"}
	device := b.connect(place)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CAPEM())
	source, err := tunnelconn.StartSource(tunnelconn.SourceConfig{
		Link: tunnelconn.Link{
			Endpoint: b.DataAddr(), Roots: roots, AccessToken: token.New(*out.SourceAccessToken),
		},
		FallBack: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = source.Close() }()
	near, far := net.Pipe()
	defer near.Close()
	over := make(chan error, 1)
	go func() { over <- source.Attach(t.Context(), "SSH", far) }()
	if _, err := io.WriteString(near, "SSH-2.0-client\r\n"); err != nil {
		t.Fatal(err)
	}

	first := device.read()
	device.expect(wire.Message{Type: wire.StreamReset, StreamID: first.StreamID, ServiceID: "SSH", ConnectionID: 1})
	again := device.read()
	if again.Type != wire.StreamStart || again.ServiceID != "" || again.ConnectionID != 0 {
		t.Fatalf("then %+v, want a stream of V1", *again)
	}
	device.send(wire.Message{Type: wire.Data, StreamID: again.StreamID, Payload: []byte("SSH-2.0-device\r\n")})
	device.expect(wire.Message{Type: wire.Data, StreamID: again.StreamID, Payload: []byte("SSH-2.0-client\r\n")})
	got := make([]byte, len("SSH-2.0-device\r\n"))
	if _, err := io.ReadFull(near, got); err != nil || string(got) != "SSH-2.0-device\r\n" {
		t.Errorf("the client got %q, %v", got, err)
	}
	device.send(wire.Message{Type: wire.StreamReset, StreamID: again.StreamID})
	if err := <-over; err != nil {
		t.Errorf("the connection ended with %v, want in order", err)
	}
	status := source.Status()
	if status.Peer != tunnelconn.V1 || status.Reconnects != 1 || status.LastErr != nil || status.Services[0].Total != 1 || status.Services[0].Refused != 0 {
		t.Errorf("then %+v, want a device of V1, found by one new link for one client", status)
	}
}
