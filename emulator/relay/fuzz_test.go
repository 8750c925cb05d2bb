package relay

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"log/slog"
	"net"
	"slices"
	"testing"

	"github.com/gobwas/ws"

	"adit/emulator/tunnels"
	"adit/tunnelconn/wire"
)

// testLink is a link whose queue is looked at instead of written.
func testLink(t *testing.T, store *tunnels.Store, side tunnels.Side, token string, v version) *link {
	t.Helper()
	seat, err := store.Take(side, token, "")
	if err != nil {
		t.Fatal(err)
	}
	conn, other := net.Pipe()
	_ = other.Close() // so that nobody waits for a local proxy's last words
	return newLink(tls.Server(conn, nil), seat, v, new(manners), new(buffers), slog.New(slog.DiscardHandler))
}

// queued takes the messages out of a link's queue, and checks that each is one frame in one WebSocket message.
func queued(t *testing.T, l *link) (messages []wire.Message) {
	t.Helper()
	batch, _ := l.out.take()
	if batch == nil {
		return nil
	}
	in := bytes.NewReader(batch.bytes)
	for in.Len() > 0 {
		h, err := ws.ReadHeader(in)
		if err != nil || !h.Fin || h.Masked || int64(in.Len()) < h.Length {
			t.Fatalf("header %+v, %v", h, err)
		}
		body := make([]byte, h.Length)
		_, _ = in.Read(body)
		if h.OpCode != ws.OpBinary {
			continue
		}
		frames := wire.NewReader(bytes.NewReader(body))
		frame, err := frames.Next()
		if err != nil || len(frame) != len(body) {
			t.Fatalf("a message of %d bytes is not one frame: %v", len(body), err)
		}
		var m wire.Message
		if err := wire.Decode(frame[2:], &m); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

// FuzzInput: whatever two local proxies send, each gets only what its side and its subprotocol know.
func FuzzInput(f *testing.F) {
	masked := func(messages ...wire.Message) (out []byte) {
		for _, m := range messages {
			frame, _ := wire.AppendFrame(nil, &m)
			out = append(out, 0x82, 0x80|byte(len(frame)), 0, 0, 0, 0)
			out = append(out, frame...)
		}
		return out
	}
	start := wire.Message{Type: wire.StreamStart, StreamID: 1, ServiceID: "A", ConnectionID: 1}
	more := wire.Message{Type: wire.ConnectionStart, StreamID: 1, ServiceID: "A", ConnectionID: 2}
	end := wire.Message{Type: wire.ConnectionReset, StreamID: 1, ServiceID: "A", ConnectionID: 1}
	reset := wire.Message{Type: wire.StreamReset, StreamID: 1, ServiceID: "A"}
	data := wire.Message{Type: wire.Data, StreamID: 1, ServiceID: "A", Payload: []byte("hello")}
	for _, versions := range []byte{0x33, 0x32, 0x31, 0x23, 0x13, 0x30} {
		f.Add(versions, masked(start, more, data, end, more, reset), masked(data, end, reset))
	}
	f.Add(byte(0x33), []byte{0x02, 0x81, 0, 0, 0, 0, 0, 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x80, 0, 0, 0, 0}, []byte{0x88, 0x82, 0, 0, 0, 0, 3, 0xe8})
	f.Fuzz(func(t *testing.T, versions byte, fromSource, fromDestination []byte) {
		if len(fromSource) > queueLimit || len(fromDestination) > queueLimit {
			return // nobody drains the queues here
		}
		store := tunnels.New(testConfig())
		out, err := store.Open(tunnels.Scope{}, tunnels.OpenInput{Destination: &tunnels.DestinationConfig{Services: []string{"A", "B"}}})
		if err != nil {
			t.Fatal(err)
		}
		p := &pair{manners: new(manners)}
		source := testLink(t, store, tunnels.Source, out.SourceToken, version(versions>>4%4))
		destination := testLink(t, store, tunnels.Destination, out.DestinationToken, version(versions%4))
		source.version, source.rules.version = max(source.version, 1), max(source.version, 1)
		p.join(source)
		if destination.version > 0 { // else it is absent
			p.join(destination)
		}
		for _, l := range []struct {
			link *link
			data []byte
		}{{source, fromSource}, {destination, fromDestination}} {
			if err := l.link.read(p, bufio.NewReader(bytes.NewReader(l.data))); err == nil {
				t.Fatal("reading never ends without an error")
			}
		}
		for _, m := range queued(t, source) {
			if m.Type == wire.StreamStart || m.Type == wire.ConnectionStart {
				t.Errorf("the source was sent %v", m.Type)
			}
			checkSent(t, source, m)
		}
		for _, m := range queued(t, destination) {
			checkSent(t, destination, m)
		}
	})
}

func checkSent(t *testing.T, l *link, m wire.Message) {
	t.Helper()
	switch m.Type {
	case wire.Data, wire.StreamStart, wire.StreamReset:
	case wire.ConnectionStart, wire.ConnectionReset:
		if l.version < 3 {
			t.Errorf("%v was sent to version %d", m.Type, l.version)
		}
	default:
		t.Errorf("%v was sent", m.Type)
	}
	if m.StreamID == 0 || !slices.Contains([]string{"", "A", "B"}, m.ServiceID) {
		t.Errorf("sent %+v", m)
	}
}
