package tunnelconn

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"

	"adit/tunnelconn/token"
	"adit/tunnelconn/wire"
)

// dialerTo leads every connection to one address, whatever the endpoint is called.
func dialerTo(address string) DialFunc {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialService(ctx, network, address)
	}
}

func frameOf(t *testing.T, m wire.Message) []byte {
	t.Helper()
	frame, err := wire.AppendFrame(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

func TestSourceSpeaksWithAnIndependentWebSocketLibrary(t *testing.T) {
	// The peer echoes each message's payload, several answers glued together and cut into small fragments.
	var group sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		group.Add(1)
		defer group.Done()
		conn, err := websocket.Accept(w, req, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		conn.SetReadLimit(wire.MaxWebSocketFrame)
		ctx := context.Background()
		answer := frameOf(t, wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}})
		for {
			out, err := conn.Writer(ctx, websocket.MessageBinary)
			if err != nil {
				return
			}
			for len(answer) > 0 {
				n := min(len(answer), 1000)
				if _, err := out.Write(answer[:n]); err != nil {
					return
				}
				answer = answer[n:]
			}
			if err := out.Close(); err != nil {
				return
			}
			for len(answer) == 0 {
				_, message, err := conn.Read(ctx)
				if err != nil {
					return
				}
				var m wire.Message
				if err := wire.Decode(message[2:], &m); err != nil {
					t.Error(err)
					return
				}
				if m.Type != wire.Data {
					continue
				}
				half := len(m.Payload) / 2
				first, second := m, m
				first.Payload, second.Payload = m.Payload[:half], m.Payload[half:]
				answer = append(frameOf(t, first), frameOf(t, second)...)
			}
		}
	}))
	certificate, roots := authority(t)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(func() {
		server.Close()
		group.Wait()
	})
	s, err := StartSource(SourceConfig{
		Link:      Link{Endpoint: server.Listener.Addr().String(), Roots: roots, AccessToken: token.New("abc")},
		Listeners: []Listener{{"SSH", "127.0.0.1:0"}},
		FallBack:  -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer closeProxy(t, s)
	roundTrip(t, dial(t, s, "SSH"), 1, 5*mebibyte)
	eventually(t, "a ping is answered", func() bool { return s.Status().RoundTrip > 0 })
}

func TestServiceIDsMayComeInAnyForm(t *testing.T) {
	ids := frameOf(t, wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}})
	for name, greeting := range map[string]func(net.Conn){
		"in single bytes": func(conn net.Conn) {
			for i := range ids {
				_ = ws.WriteFrame(conn, ws.NewBinaryFrame(ids[i:i+1]))
			}
		},
		"in fragments, with a ping between": func(conn net.Conn) {
			_ = ws.WriteFrame(conn, ws.NewFrame(ws.OpBinary, false, ids[:1]))
			_ = ws.WriteFrame(conn, ws.NewPingFrame([]byte("are you there")))
			_ = ws.WriteFrame(conn, ws.NewFrame(ws.OpContinuation, false, nil))
			_ = ws.WriteFrame(conn, ws.NewFrame(ws.OpContinuation, true, ids[1:]))
		},
		"with other messages in one": func(conn net.Conn) {
			stale := frameOf(t, wire.Message{Type: wire.StreamReset, StreamID: 5, ServiceID: "SSH"})
			skipped := frameOf(t, wire.Message{Type: 99, Ignorable: true})
			_ = ws.WriteFrame(conn, ws.NewBinaryFrame(bytes.Join([][]byte{skipped, ids, stale, ids}, nil)))
		},
		"after pongs that nobody asked for": func(conn net.Conn) {
			for _, odd := range []string{"", "abc", "-7", "99999999999999999999", "5"} {
				_ = ws.WriteFrame(conn, ws.NewPongFrame([]byte(odd)))
			}
			_ = ws.WriteFrame(conn, ws.NewBinaryFrame(ids))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(t, "SSH")
			r.greeting = greeting
			r.destination(Auto, map[string]string{"SSH": application(t, echo)})
			s := r.source("SSH")
			roundTrip(t, dial(t, s, "SSH"), 1, 10000)
			if status := s.Status(); status.Reconnects != 0 {
				t.Errorf("status %+v", status)
			}
			for _, m := range r.messages() {
				if m.ServiceID != "SSH" {
					t.Errorf("%v for the service %q", m.Type, m.ServiceID)
				}
			}
		})
	}
}

func TestTunnelGoesOnWithoutServiceIDs(t *testing.T) {
	r := newRelay(t)
	r.mute = true
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	quick := standardTiming()
	quick.serviceIDs = time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	roundTrip(t, dial(t, s, "SSH"), 1, 10000)
	for _, m := range r.messages() {
		if m.ServiceID != "" {
			t.Errorf("%v for the service %q, which nobody named", m.Type, m.ServiceID)
		}
	}
}

func TestServiceIDsThatComeLateCount(t *testing.T) {
	r := newRelay(t)
	r.mute = true
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.source("SSH")
	conn := dial(t, s, "SSH")
	r.side(RoleSource)
	r.send(RoleSource, wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}})
	roundTrip(t, conn, 1, 1000)
	if first := r.messages()[0]; first.Type != wire.StreamStart || first.ServiceID != "SSH" || first.ConnectionID == 0 {
		t.Errorf("first message %+v", first)
	}
}

func TestServiceThatTheTunnelDoesNotCarryIsRefused(t *testing.T) {
	r := newRelay(t, "SSH", "HTTP")
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.source("VNC")
	mustRefuse(t, s, "VNC")
	here, there := net.Pipe()
	defer here.Close()
	if err := s.Attach(t.Context(), "VNC", there); err != ErrNoService {
		t.Errorf("Attach = %v", err)
	}
	// The tunnel does, and the device does not.
	here, there = net.Pipe()
	defer here.Close()
	if err := s.Attach(t.Context(), "HTTP", there); err != ErrReset {
		t.Errorf("Attach = %v", err)
	}
}

func TestBrokenInputEndsTheSessionAndNothingElse(t *testing.T) {
	raw := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	compiled := func(f ws.Frame) []byte { return ws.MustCompileFrame(f) }
	reserved := compiled(ws.NewBinaryFrame([]byte{0, 0}))
	reserved[0] |= 0x40
	huge := binary.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<30)
	for name, c := range map[string]struct {
		input []byte
		code  uint16
	}{
		"a text frame":                   {compiled(ws.NewTextFrame([]byte{0, 2, 8, 5})), 1003},
		"a masked frame":                 {compiled(ws.MaskFrame(ws.NewBinaryFrame([]byte{0, 2, 8, 5}))), 1002},
		"reserved bits":                  {reserved, 1002},
		"a continuation of nothing":      {compiled(ws.NewFrame(ws.OpContinuation, true, []byte{0})), 1002},
		"a message within another":       {raw(compiled(ws.NewFrame(ws.OpBinary, false, nil)), compiled(ws.NewBinaryFrame(nil))), 1002},
		"an unknown kind of frame":       {compiled(ws.NewFrame(ws.OpCode(5), true, nil)), 1002},
		"a ping in fragments":            {compiled(ws.NewFrame(ws.OpPing, false, nil)), 1002},
		"a ping too long":                {compiled(ws.NewFrame(ws.OpPing, true, make([]byte, 126))), 1002},
		"a frame of a gibibyte":          {huge, 1009},
		"an impossible length":           {raw([]byte{0x82, 127, 0xff}, make([]byte, 7)), 1002},
		"an empty message":               {compiled(ws.NewBinaryFrame([]byte{0, 0})), 1002},
		"an unreadable message":          {compiled(ws.NewBinaryFrame([]byte{0, 1, 0x80})), 1002},
		"an unknown type that matters":   {compiled(ws.NewBinaryFrame([]byte{0, 2, 8, 99})), 1002},
		"a stream start to a source":     {compiled(ws.NewBinaryFrame([]byte{0, 4, 8, 2, 16, 1})), 1002},
		"a connection start to a source": {compiled(ws.NewBinaryFrame([]byte{0, 4, 8, 6, 16, 1})), 1002},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(t, "SSH")
			first := make(chan struct{}, 1)
			first <- struct{}{}
			r.greeting = func(conn net.Conn) {
				select {
				case <-first:
					_, _ = conn.Write(c.input)
				default:
				}
			}
			s := r.source("SSH")
			stateIs(t, s, "back", func(s Status) bool { return s.State == Connected && s.Reconnects == 1 })
			r.mu.Lock()
			broken := r.ever[0]
			r.mu.Unlock()
			<-broken.gone
			if frame := broken.closed; len(frame) < 2 || binary.BigEndian.Uint16(frame) != c.code {
				t.Errorf("close frame % x, want %d", frame, c.code)
			}
		})
	}
}

func TestPingsAreAnsweredByTheirPayload(t *testing.T) {
	in, out := net.Pipe()
	defer in.Close()
	defer out.Close()
	w := newWriter(out, newBuffers(), time.Minute, func() {})
	finished := make(chan error, 1)
	go func() { finished <- w.run() }()
	w.sendPong([]byte("payload"))
	h, err := ws.ReadHeader(in)
	if err != nil || h.OpCode != ws.OpPong || !h.Masked || !h.Fin {
		t.Fatalf("header %+v, %v", h, err)
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(in, payload); err != nil {
		t.Fatal(err)
	}
	if ws.Cipher(payload, h.Mask, 0); string(payload) != "payload" {
		t.Errorf("pong %q", payload)
	}
	w.stop()
	if err := <-finished; err != nil {
		t.Error(err)
	}
}

func TestTrap03DestinationAnswersInTheShapeOfTheSource(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    Version
		start  wire.Message
		answer wire.Message
		end    wire.Message
	}{
		{
			"V1", Auto, wire.Message{Type: wire.StreamStart, StreamID: 7},
			wire.Message{Type: wire.Data, StreamID: 7}, wire.Message{Type: wire.StreamReset, StreamID: 7},
		},
		{
			"V2", Auto, wire.Message{Type: wire.StreamStart, StreamID: 7, ServiceID: "SSH"},
			wire.Message{Type: wire.Data, StreamID: 7, ServiceID: "SSH"}, wire.Message{Type: wire.StreamReset, StreamID: 7, ServiceID: "SSH"},
		},
		{
			"V3", Auto, wire.Message{Type: wire.StreamStart, StreamID: 7, ServiceID: "SSH", ConnectionID: 3},
			wire.Message{Type: wire.Data, StreamID: 7, ServiceID: "SSH", ConnectionID: 3},
			wire.Message{Type: wire.ConnectionReset, StreamID: 7, ServiceID: "SSH", ConnectionID: 3},
		},
		{
			"V3 to one that is set to V1", V1, wire.Message{Type: wire.StreamStart, StreamID: 7, ServiceID: "SSH", ConnectionID: 3},
			wire.Message{Type: wire.Data, StreamID: 7}, wire.Message{Type: wire.StreamReset, StreamID: 7},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRelay(t, "SSH")
			got := make(chan wire.Message, 10)
			r.pass = func(_ Role, m wire.Message) []wire.Message {
				m.Payload = bytes.Clone(m.Payload)
				got <- m
				return nil
			}
			r.destination(c.set, map[string]string{"SSH": application(t, func(conn net.Conn) { _, _ = conn.Write([]byte("x")) })})
			r.send(RoleDestination, c.start)
			c.answer.Payload = []byte("x")
			for _, want := range []wire.Message{c.answer, c.end} {
				if m := <-got; m.Type != want.Type || m.StreamID != want.StreamID || m.ServiceID != want.ServiceID ||
					m.ConnectionID != want.ConnectionID || !bytes.Equal(m.Payload, want.Payload) {
					t.Errorf("got %+v, want %+v", m, want)
				}
			}
		})
	}
}

func TestTrap10StreamStartReplacesTheStreamAtOnce(t *testing.T) {
	ended := make(chan error, 2)
	address := application(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte("hello"))
		_, err := io.Copy(io.Discard, conn)
		ended <- err
	})
	for _, next := range []int32{2, 1} { // Another id, and the same, as from a source that was restarted.
		r := newRelay(t, "SSH")
		greeted := make(chan int32, 10)
		r.pass = func(_ Role, m wire.Message) []wire.Message {
			if m.Type == wire.Data {
				greeted <- m.StreamID
			}
			return nil
		}
		d := r.destination(Auto, map[string]string{"SSH": address})
		for _, id := range []int32{1, next} {
			r.send(RoleDestination, wire.Message{Type: wire.StreamStart, StreamID: id, ServiceID: "SSH", ConnectionID: 1})
			if got := <-greeted; got != id {
				t.Errorf("stream %d answers, want %d", got, id)
			}
		}
		if err := <-ended; !isResetError(err) {
			t.Errorf("the replaced connection ended with %v, want a reset", err)
		}
		closeProxy(t, d)
		<-ended
	}
}

func TestDestinationAnswersStrayMessagesAsTheGuideSays(t *testing.T) {
	r := newRelay(t, "SSH")
	got := make(chan wire.Message, 10)
	r.pass = func(_ Role, m wire.Message) []wire.Message {
		got <- m
		return nil
	}
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	ssh := func(kind wire.Type, stream int32, id uint32) wire.Message {
		return wire.Message{Type: kind, StreamID: stream, ServiceID: "SSH", ConnectionID: id}
	}
	// None of the first ones has an answer; each of the last three has one, so that nothing before them had.
	for _, m := range []wire.Message{
		ssh(wire.ConnectionReset, 1, 1), ssh(wire.Data, 1, 1), ssh(wire.StreamReset, 1, 1),
		ssh(wire.StreamStart, 1, 1), ssh(wire.ConnectionReset, 1, 9), ssh(wire.Data, 9, 1), ssh(wire.StreamReset, 9, 1),
		ssh(wire.ConnectionStart, 1, 1), ssh(wire.ConnectionStart, 9, 2),
		{Type: wire.StreamStart, StreamID: 5, ServiceID: "VNC", ConnectionID: 1},
	} {
		r.send(RoleDestination, m)
	}
	for _, want := range []wire.Message{
		ssh(wire.ConnectionReset, 1, 1), ssh(wire.ConnectionReset, 9, 2),
		{Type: wire.StreamReset, StreamID: 5, ServiceID: "VNC", ConnectionID: 1},
	} {
		if m := <-got; m.Type != want.Type || m.StreamID != want.StreamID || m.ServiceID != want.ServiceID || m.ConnectionID != want.ConnectionID {
			t.Errorf("got %+v, want %+v", m, want)
		}
	}
}
