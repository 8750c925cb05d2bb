package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"adit/tunnelconn/wire"
)

func TestV3SourceWithoutADestinationIsRefusedAndThenToldToStartAnew(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source := b.source(out)
	source.send(streamStart(5, 1), data(5, 1, "lost"))
	source.expect(message(wire.ConnectionReset, 5, 1))
	source.send(message(wire.ConnectionStart, 5, 2))
	source.expect(message(wire.ConnectionReset, 5, 2))
	destination := b.destination(out)
	source.expect(message(wire.StreamReset, 5, 1))
	source.send(streamStart(6, 3))
	destination.expect(streamStart(6, 3))
}

func TestOlderShapesWithoutADestinationAreReset(t *testing.T) {
	b := start(t)
	for _, m := range []wire.Message{
		{Type: wire.StreamStart, StreamID: 5, ServiceID: "SSH"}, // V2
		{Type: wire.StreamStart, StreamID: 5},                   // V1
	} {
		out := b.open("SSH")
		source := b.source(out)
		source.send(m)
		m.Type = wire.StreamReset
		source.expect(m)
		b.destination(out)
		source.quiet() // the stream was over, so its end is not told again
	}
}

func TestMessagesToAnAbsentSourceAreDropped(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination := b.destination(out)
	destination.send(data(1, 1, "nobody"), message(wire.StreamReset, 1, 1), message(wire.ConnectionReset, 1, 1))
	destination.quiet()
	source := b.source(out)
	source.quiet()
}

func TestV2DestinationCarriesOneConnectionOfAV3Source(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination := b.connect(dial{mode: "destination", access: *out.DestinationAccessToken, protocols: []string{v2}})
	source := b.source(out)
	source.send(streamStart(5, 1))
	destination.expect(streamStart(5, 1))
	source.send(message(wire.ConnectionStart, 5, 2))
	source.expect(message(wire.ConnectionReset, 5, 2))
	source.send(message(wire.ConnectionReset, 5, 2), data(5, 1, "still there"))
	destination.expect(data(5, 1, "still there")) // the end of the refused one is not its business
	source.send(message(wire.ConnectionReset, 5, 1))
	destination.expect(message(wire.StreamReset, 5, 0))
	// The stream is over for the destination: the source must start another.
	source.send(message(wire.ConnectionStart, 5, 3))
	source.expect(message(wire.StreamReset, 5, 1))
	source.send(streamStart(6, 4))
	destination.expect(streamStart(6, 4))
	destination.send(message(wire.StreamReset, 6, 0))
	source.expect(message(wire.StreamReset, 6, 0))
}

func TestV1SourceIsToldOfAConnectionsEndAsTheStreams(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source := b.connect(dial{mode: "source", access: *out.SourceAccessToken, protocols: []string{v1}})
	destination := b.destination(out)
	start := wire.Message{Type: wire.StreamStart, StreamID: 5}
	source.send(start)
	destination.expect(start)
	destination.send(wire.Message{Type: wire.ConnectionReset, StreamID: 5, ConnectionID: 1})
	source.expect(wire.Message{Type: wire.StreamReset, StreamID: 5})

	// The destination may name the service that the source does not know.
	start.StreamID = 6
	source.send(start)
	destination.expect(start)
	destination.send(message(wire.ConnectionReset, 6, 1))
	source.expect(wire.Message{Type: wire.StreamReset, StreamID: 6})
}

func TestPongsCarryThePingsBytes(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	conn, in := b.rawWebSocket(upgrade(sourceLine, *out.SourceAccessToken, ""))
	ids := frame(t, wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}})
	for _, payload := range [][]byte{[]byte("1700000000000"), {}, {0, 0xff, 0x80}, bytes.Repeat([]byte("x"), 125)} {
		if _, err := conn.Write(masked(0x89, payload)); err != nil {
			t.Fatal(err)
		}
		want := append([]byte{0x8a, byte(len(payload))}, payload...)
		if ids != nil { // SERVICE_IDS is first, alone in an unfragmented message
			want, ids = append(append([]byte{0x82, byte(len(ids))}, ids...), want...), nil
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got % x, %v, want % x", got, err, want)
		}
	}
}

func TestFramingThatNoLibrarySendsIsAViolation(t *testing.T) {
	b := start(t)
	for name, c := range map[string][]byte{
		"not masked":              {0x82, 1, 0},
		"reserved bit":            masked(0xc2, []byte{0}),
		"reserved opcode":         masked(0x83, []byte{0}),
		"fragmented ping":         masked(0x09, nil),
		"stray continuation":      masked(0x80, []byte{0}),
		"message within another":  append(masked(0x02, []byte{0}), masked(0x82, []byte{0})...),
		"negative length":         {0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4},
		"ping of more than 125":   {0x89, 0xfe, 0, 126, 1, 2, 3, 4},
		"close of a single byte":  masked(0x88, []byte{3}),
		"close with a wrong code": masked(0x88, []byte{0x03, 0xed}),
	} {
		out := b.open("SSH")
		conn, in := b.rawWebSocket(upgrade(sourceLine, *out.SourceAccessToken, ""))
		if _, err := conn.Write(c); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(in)
		if err != nil || !bytes.Contains(rest, []byte{0x03, 0xea}) {
			t.Errorf("%s: received % x, %v, want a close frame of 1002", name, rest, err)
		}
	}
}

func TestACloseFrameIsAnsweredWithItsCode(t *testing.T) {
	b := start(t)
	source := b.source(b.open("SSH"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- source.Close(websocket.StatusGoingAway, "leaving") }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("close: %v", err)
		}
	case <-ctx.Done():
		t.Error("no answer to a close frame")
	}
}

// rawWebSocket upgrades by hand and gives the bare connection.
func (b *bench) rawWebSocket(request string) (*tls.Conn, *bufio.Reader) {
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
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		b.t.Fatalf("upgrade: %v, %v", resp, err)
	}
	return conn, in
}

// masked is a client's WebSocket frame with a zero mask, which leaves the payload as it is.
func masked(first byte, payload []byte) []byte {
	return append([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)
}
