package emulator_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/coder/websocket"

	"adit/emulator"
	"adit/tunnelconn/wire"
)

func streamStart(sid int32, cid uint32) wire.Message {
	return wire.Message{Type: wire.StreamStart, StreamID: sid, ServiceID: "SSH", ConnectionID: cid}
}

func data(sid int32, cid uint32, payload string) wire.Message {
	return wire.Message{Type: wire.Data, StreamID: sid, ServiceID: "SSH", ConnectionID: cid, Payload: []byte(payload)}
}

func message(kind wire.Type, sid int32, cid uint32) wire.Message {
	return wire.Message{Type: kind, StreamID: sid, ServiceID: "SSH", ConnectionID: cid}
}

func TestRelayPassesFramesOnBothWays(t *testing.T) {
	b := start(t)
	out := b.open("SSH", "HTTP")
	destination, source := b.destination(out), b.source(out)
	if len(source.services) != 2 || source.services[0] != "SSH" || source.services[1] != "HTTP" {
		t.Errorf("services %q, want SSH and HTTP", source.services)
	}
	up := []wire.Message{
		streamStart(7, 1),
		data(7, 1, strings.Repeat("x", wire.MaxPayload)),
		message(wire.ConnectionStart, 7, 2),
		message(wire.ConnectionReset, 7, 2),
	}
	source.send(up...)
	for _, m := range up {
		destination.expect(m)
	}
	down := data(7, 1, "hello")
	destination.send(down)
	source.expect(down)
}

func TestASideThatHasItsAnswerIsThereForTheOther(t *testing.T) {
	b := start(t)
	for range 30 {
		out := b.open("SSH")
		source := b.source(out)
		conn, _, err := b.try(dial{mode: "destination", access: *out.DestinationAccessToken})
		if err != nil {
			t.Fatal(err)
		}
		source.send(streamStart(1, 1)) // it must not be refused for want of a destination
		destination := &peer{Conn: conn, t: t}
		if m := destination.read(); m.Type != wire.ServiceIDs {
			t.Fatalf("the first message is %v", m.Type)
		}
		destination.expect(streamStart(1, 1))
	}
}

func TestRelayKeepsEveryByteOfAFrame(t *testing.T) {
	b := start(t)
	out := b.open()
	destination, source := b.destination(out), b.source(out)
	if len(source.services) != 0 {
		t.Errorf("services %q of a tunnel without any", source.services)
	}
	start := frame(t, wire.Message{Type: wire.StreamStart, StreamID: 1})
	// Fields out of order, a default written out and a length in more bytes than needed: valid, and nobody's to tidy up.
	odd := []byte{0x00, 0x0b, 0x10, 0x81, 0x00, 0x18, 0x00, 0x08, 0x01, 0x22, 0x82, 0x00, 'h'}
	odd = append(odd, 'i')
	odd[1] = byte(len(odd) - 2)
	source.sendRaw(start)
	source.sendRaw(odd)
	for _, want := range [][]byte{start, odd} {
		if got, err := destination.message(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got % x, %v, want % x", got, err, want)
		}
	}
}

func TestInputMayBeCutAnywhere(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	messages := []wire.Message{streamStart(1, 1), data(1, 1, strings.Repeat("a", 9000)), data(1, 1, "b"), message(wire.StreamReset, 1, 0)}
	var stream []byte
	for _, m := range messages {
		stream = append(stream, frame(t, m)...)
	}
	for name, cut := range map[string]int{"one byte a message": 1, "the reference's fragments": 4096, "all at once": len(stream)} {
		for rest := stream; len(rest) > 0; rest = rest[min(cut, len(rest)):] {
			source.sendRaw(rest[:min(cut, len(rest))])
		}
		t.Log(name)
		for _, m := range messages {
			destination.expect(m)
		}
	}
	// Continuation frames with a ping between them: Writer flushes a fragment with each Write that fills its buffer.
	w, err := source.Writer(t.Context(), websocket.MessageBinary)
	if err != nil {
		t.Fatal(err)
	}
	for rest := stream; len(rest) > 0; rest = rest[min(5000, len(rest)):] {
		if _, err := w.Write(rest[:min(5000, len(rest))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		destination.expect(m)
	}
}

func TestBytesArriveIntactUnderBackPressure(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	const frames, size = 400, 60000
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
	sum := make(chan [sha256.Size]byte, 1)
	go func() {
		h := sha256.New()
		var pending [][]byte
		for i := range frames {
			payload := bytes.Repeat([]byte{byte(i), byte(i >> 3), byte(i * 7)}, size/3)
			h.Write(payload)
			m := wire.Message{Type: wire.Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1, Payload: payload}
			f, _ := wire.AppendFrame(nil, &m)
			pending = append(pending, f)
		}
		sum <- [sha256.Size]byte(h.Sum(nil))
		for _, f := range pending {
			if source.Write(t.Context(), websocket.MessageBinary, f) != nil {
				return
			}
		}
	}()
	want, got := <-sum, sha256.New()
	for range frames {
		got.Write(destination.read().Payload)
	}
	if [sha256.Size]byte(got.Sum(nil)) != want {
		t.Error("the bytes changed on their way")
	}
}

func TestASideIsReadOnlyAsFastAsTheOtherDrains(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	source.send(streamStart(1, 1))
	// Nobody reads at the destination: what the relay and the sockets hold is bounded, so that writing must come to a stop.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := frame(t, data(1, 1, strings.Repeat("x", wire.MaxPayload)))
	progress := make(chan int)
	go func() {
		defer close(progress)
		for n := 0; source.Write(ctx, websocket.MessageBinary, f) == nil; n++ {
			progress <- n
		}
	}()
	sent, stalled := 0, false
	for !stalled {
		select {
		case n, ok := <-progress:
			if sent = n; !ok || n > 2000 {
				t.Fatalf("wrote %d frames of 63 KiB to a side that does not read", n)
			}
		case <-time.After(500 * time.Millisecond):
			stalled = true
		}
	}
	// The other direction does not suffer, nor does the stalled one once it is read again.
	destination.send(data(1, 1, "up"))
	source.expect(data(1, 1, "up"))
	destination.expect(streamStart(1, 1))
	for range sent {
		if m := destination.read(); len(m.Payload) != wire.MaxPayload {
			t.Fatalf("read %v of %d bytes", m.Type, len(m.Payload))
		}
	}
	go func() {
		for range progress { // lets the writer come to its end
		}
	}()
}

func TestViolationsCloseTheOffenderAlone(t *testing.T) {
	b := start(t)
	withService := func(m wire.Message, service string) wire.Message { m.ServiceID = service; return m }
	good := streamStart(1, 1)
	raw := func(b ...byte) []byte { return append([]byte{0, byte(len(b))}, b...) }
	f := func(m wire.Message) []byte { return frame(t, m) }
	for name, c := range map[string]struct {
		mode, protocol string
		frames         [][]byte
	}{
		"no type":                      {"source", v3, [][]byte{raw(0x10, 1)}},
		"empty message":                {"source", v3, [][]byte{raw()}},
		"no protobuf":                  {"source", v3, [][]byte{raw(0xff, 0xff)}},
		"stream id 0":                  {"source", v3, [][]byte{f(streamStart(0, 1))}},
		"stream start by destination":  {"destination", v3, [][]byte{f(good)}},
		"connection start by the same": {"destination", v3, [][]byte{f(message(wire.ConnectionStart, 1, 2))}},
		"session reset":                {"source", v3, [][]byte{f(wire.Message{Type: wire.SessionReset})}},
		"service ids":                  {"destination", v3, [][]byte{f(wire.Message{Type: wire.ServiceIDs})}},
		"unknown type":                 {"source", v3, [][]byte{raw(0x08, 9, 0x10, 1)}},
		"unknown field":                {"source", v3, [][]byte{raw(0x08, 2, 0x10, 1, 0x40, 1)}},
		"unknown service":              {"source", v3, [][]byte{f(withService(good, "VNC"))}},
		"data before a stream":         {"source", v3, [][]byte{f(data(1, 1, "x"))}},
		"connection before a stream":   {"source", v3, [][]byte{f(message(wire.ConnectionStart, 1, 2))}},
		"service left out later":       {"source", v3, [][]byte{f(good), f(withService(data(1, 1, "x"), ""))}},
		"stream without service later": {"source", v3, [][]byte{f(good), f(withService(streamStart(2, 1), ""))}},
		"stream with service later":    {"source", v3, [][]byte{f(withService(good, "")), f(streamStart(2, 1))}},
		"payload over 64512":           {"source", v3, [][]byte{f(good), overlong()}},
		"connection id on 2.0":         {"source", v2, [][]byte{f(good)}},
		"connection reset on 2.0":      {"destination", v2, [][]byte{f(message(wire.ConnectionReset, 1, 0))}},
		"service on 1.0":               {"source", v1, [][]byte{f(streamStart(1, 0))}},
	} {
		t.Run(name, func(t *testing.T) {
			b := *b
			b.t = t
			out := b.open("SSH")
			tokens := map[string]string{"source": *out.SourceAccessToken, "destination": *out.DestinationAccessToken}
			other := map[string]string{"source": "destination", "destination": "source"}[c.mode]
			offender := b.connect(dial{mode: c.mode, access: tokens[c.mode], protocols: []string{c.protocol}})
			bystander := b.connect(dial{mode: other, access: tokens[other]})
			for _, f := range c.frames {
				offender.sendRaw(f)
			}
			offender.expectClose(websocket.StatusProtocolError)
			b.await(out.TunnelId, func(t *types.Tunnel) bool {
				return t.SourceConnectionState.Status != t.DestinationConnectionState.Status
			})
			bystander.pingPong()
		})
	}
}

// overlong is a frame that the codec refuses to write.
func overlong() []byte {
	const n = wire.MaxPayload + 1
	body := []byte{0x08, 1, 0x10, 1, 0x22, n & 0x7f & 0xff, 0, 0}
	body[5], body[6], body[7] = n&0x7f|0x80, n>>7&0x7f|0x80, n>>14
	body = append(body, make([]byte, n)...)
	body = append(body, 0x2a, 3, 'S', 'S', 'H', 0x38, 1)
	return append([]byte{byte(len(body) >> 8), byte(len(body))}, body...)
}

// pingPong proves that the WebSocket is alive, counts what came before the pong and ends it.
func (p *peer) pingPong() (before int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	count := make(chan int)
	go func() {
		n := 0
		for {
			if _, _, err := p.Read(ctx); err != nil {
				count <- n
				return
			}
			n++
		}
	}()
	err := p.Ping(ctx)
	cancel()
	if before = <-count; err != nil {
		p.t.Errorf("ping: %v", err)
	}
	return before
}

// quiet wants nothing to have come.
func (p *peer) quiet() {
	p.t.Helper()
	if n := p.pingPong(); n > 0 {
		p.t.Errorf("%d messages too many", n)
	}
}

func TestIgnorableUnknownTypeIsSkipped(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	source.sendRaw([]byte{0, 4, 0x08, 9, 0x18, 1})
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
}

func TestTextMessagesAndOversizedFramesAreViolations(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source := b.source(out)
	if err := source.Write(t.Context(), websocket.MessageText, frame(t, streamStart(1, 1))); err != nil {
		t.Fatal(err)
	}
	source.expectClose(websocket.StatusProtocolError)

	destination := b.destination(out)
	_ = destination.Write(t.Context(), websocket.MessageBinary, make([]byte, wire.MaxWebSocketFrame+1))
	destination.expectClose(websocket.StatusMessageTooBig)
}

func TestReplacedSideIsClosedAndTheOtherLosesItsStreams(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination := b.connect(dial{mode: "destination", access: *out.DestinationAccessToken, client: clientTokenA})
	source := b.source(out)
	source.send(streamStart(5, 3))
	destination.expect(streamStart(5, 3))

	newcomer := b.connect(dial{mode: "destination", access: *out.DestinationAccessToken, client: clientTokenA})
	destination.expectClose(websocket.StatusPolicyViolation)
	source.expect(message(wire.StreamReset, 5, 1))
	source.send(streamStart(6, 4))
	newcomer.expect(streamStart(6, 4))
	newcomer.send(data(6, 4, "from the newcomer"))
	source.expect(data(6, 4, "from the newcomer"))
	if got := b.describe(out.TunnelId).DestinationConnectionState.Status; got != types.ConnectionStatusConnected {
		t.Errorf("the destination is %v after a replacement", got)
	}
}

func TestASourceThatComesBackEndsTheDestinationsStreams(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination := b.destination(out)
	d := dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA}
	source := b.connect(d)
	source.send(streamStart(5, 1))
	destination.expect(streamStart(5, 1))
	if !b.Cut(*out.TunnelId, emulator.ModeSource) {
		t.Fatal("there was nothing to cut")
	}
	if _, err := source.message(); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("a cut gave %v, want an end without a close frame", err)
	}
	source = b.connect(d)
	destination.expect(message(wire.StreamReset, 5, 1))
	source.send(streamStart(9, 1))
	destination.expect(streamStart(9, 1))
}

func TestStreamsThatEndedAreNotReset(t *testing.T) {
	b := start(t)
	out := b.open("SSH", "HTTP")
	d := dial{mode: "destination", access: *out.DestinationAccessToken, client: clientTokenA}
	destination, source := b.connect(d), b.source(out)
	http := wire.Message{Type: wire.StreamStart, StreamID: 8, ServiceID: "HTTP", ConnectionID: 1}
	source.send(streamStart(5, 1), http)
	destination.expect(streamStart(5, 1))
	destination.expect(http)
	destination.send(message(wire.StreamReset, 5, 1))
	source.expect(message(wire.StreamReset, 5, 1))
	b.connect(d)
	source.expect(wire.Message{Type: wire.StreamReset, StreamID: 8, ServiceID: "HTTP", ConnectionID: 1})
	b.connect(d)
	source.quiet()
}

func TestRotationClosesTheRotatedSideAlone(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	got, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: out.TunnelId, ClientMode: types.ClientModeSource})
	if err != nil {
		t.Fatal(err)
	}
	source.expectClose(websocket.StatusPolicyViolation)
	now := b.describe(out.TunnelId)
	if now.SourceConnectionState.Status != types.ConnectionStatusDisconnected || now.DestinationConnectionState.Status != types.ConnectionStatusConnected {
		t.Errorf("source %v, destination %v", now.SourceConnectionState.Status, now.DestinationConnectionState.Status)
	}
	source = b.connect(dial{mode: "source", access: *got.SourceAccessToken})
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
}

func TestClosingATunnelClosesBothSidesInOrder(t *testing.T) {
	for _, forget := range []bool{false, true} {
		b := start(t)
		out := b.open("SSH")
		destination, source := b.destination(out), b.source(out)
		if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId, Delete: &forget}); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*peer{destination, source} {
			_, err := p.message()
			var frame websocket.CloseError
			if !errors.As(err, &frame) || frame.Code != websocket.StatusNormalClosure || frame.Reason != "The tunnel was closed." {
				t.Errorf("delete %v: closed with %v", forget, err)
			}
		}
	}
}

func TestTheLastBytesPrecedeTheCloseFrame(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	source.send(streamStart(1, 1), data(1, 1, "last words"))
	destination.expect(streamStart(1, 1))
	destination.expect(data(1, 1, "last words"))
	destination.send(data(1, 1, "answer"))
	source.expect(data(1, 1, "answer"))
	if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId}); err != nil {
		t.Fatal(err)
	}
	destination.expectClose(websocket.StatusNormalClosure)
	source.expectClose(websocket.StatusNormalClosure)
}

func TestASideThatIgnoresItsCloseFrameIsDropped(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	token := *out.SourceAccessToken
	conn, in := b.rawWebSocket(upgrade(sourceLine, token, ""))
	if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId}); err != nil {
		t.Fatal(err)
	}
	// It neither answers nor goes away by itself; the relay does.
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(in)
	if err != nil {
		t.Errorf("the TCP connection stayed: %v", err)
	}
	if !bytes.Contains(rest, append([]byte{0x88, 24, 0x03, 0xe8}, "The tunnel was closed."...)) {
		t.Errorf("received % x", rest)
	}
}

func TestAnEndedLifetimeClosesBothSides(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	b.clock.advance(12*time.Hour - time.Millisecond)
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
	b.clock.advance(time.Millisecond)
	for _, p := range []*peer{destination, source} {
		_, err := p.message()
		var frame websocket.CloseError
		if !errors.As(err, &frame) || frame.Code != websocket.StatusNormalClosure || frame.Reason != "The lifetime of the tunnel is over." {
			t.Errorf("closed with %v", err)
		}
	}
	got := b.describe(out.TunnelId)
	if got.Status != types.TunnelStatusClosed || got.SourceConnectionState.Status != types.ConnectionStatusDisconnected || !got.LastUpdatedAt.Equal(b.clock.Now()) {
		t.Errorf("after its lifetime: %+v", got)
	}
	b.refused(dial{mode: "source", access: *out.SourceAccessToken}, 403, "Tunnel is closed")
	b.clock.advance(3*time.Hour - time.Millisecond)
	b.describe(out.TunnelId)
	b.clock.advance(time.Millisecond)
	_, err := b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: out.TunnelId})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestRotationDoesNotExtendTheLifetime(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	b.clock.advance(11 * time.Hour)
	if _, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: out.TunnelId, ClientMode: types.ClientModeAll}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	if got := b.describe(out.TunnelId).Status; got != types.TunnelStatusClosed {
		t.Errorf("twelve hours after it was opened the tunnel is %v", got)
	}
}
