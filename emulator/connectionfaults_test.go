package emulator_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/coder/websocket"

	"adit/tunnelconn/wire"
)

func TestAConnectionIsLostAfterSoManyBytes(t *testing.T) {
	b := startWithFaults(t, "Connection=drop,bytes=1000,times=1")
	out := b.open("SSH")
	source := b.source(out)
	destination := b.destination(out)
	source.send(wire.Message{Type: wire.StreamStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 1})
	for range 20 {
		destination.send(wire.Message{Type: wire.Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1, Payload: make([]byte, 100)})
	}
	frames := 0
	for {
		if _, err := source.message(); err != nil {
			if websocket.CloseStatus(err) != -1 {
				t.Errorf("the source was told: %v", err)
			}
			break
		}
		frames++
	}
	if frames == 0 || frames > 9 {
		t.Errorf("%d frames of more than 100 bytes came", frames)
	}
}

func TestASplitConnectionCutsFramesAndNotTheStream(t *testing.T) {
	b := startWithFaults(t, "Connection=split")
	out := b.open("SSH")
	conn, _, err := b.try(dial{mode: "source", access: *out.SourceAccessToken})
	if err != nil {
		t.Fatal(err)
	}
	source := &peer{Conn: conn, t: t}
	want := frame(t, wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}})
	var got []byte
	for len(got) < len(want) {
		piece, err := source.message()
		if err != nil {
			t.Fatal(err)
		}
		if len(piece) > 3 {
			t.Errorf("a piece of %d bytes", len(piece))
		}
		got = append(got, piece...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the pieces make %q, want %q", got, want)
	}
}

func TestServiceIDsComeLateOnDemand(t *testing.T) {
	const delay = 50 * time.Millisecond
	b := startWithFaults(t, "Connection=slow,delay="+delay.String())
	out := b.open("SSH")
	began := time.Now()
	if source := b.source(out); len(source.services) != 1 || time.Since(began) < delay {
		t.Errorf("services %q came after %s", source.services, time.Since(began))
	}
}

func TestALateConnectionDoesNotHoldTheEndUp(t *testing.T) {
	b := startWithFaults(t, "Connection=slow,delay=25s")
	out := b.open("SSH")
	if _, _, err := b.try(dial{mode: "source", access: *out.SourceAccessToken}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.Close() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the emulator waits for a connection that it delays")
	}
}

func TestFragmentsAreFramesOfOneMessage(t *testing.T) {
	b := startWithFaults(t, "Connection=fragment,bytes=4")
	out := b.open("SSH")
	source := b.source(out) // coder/websocket puts the fragments together
	destination := b.destination(out)
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))

	_, in := b.rawWebSocket(upgrade(sourceLine, *b.open("SSH").SourceAccessToken, ""))
	got := make([]byte, 15)
	want := []byte{0x02, 4, 0, 7, 8, 5, 0x00, 4, 0x32, 3, 'S', 'S', 0x80, 1, 'H'}
	if _, err := in.Read(got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("received % x, %v, want % x", got, err, want)
	}
}

func TestCoalescedFramesShareAMessage(t *testing.T) {
	b := startWithFaults(t, "Connection=coalesce")
	out := b.open("SSH")
	source, destination := b.source(out), b.destination(out)
	first, second := frame(t, streamStart(1, 1)), frame(t, data(1, 1, "x"))
	source.sendRaw(append(bytes.Clone(first), second...))
	if got, err := destination.message(); err != nil || !bytes.Equal(got, append(first, second...)) {
		t.Errorf("received % x, %v", got, err)
	}
	// Never in a WebSocket frame that is too long, nor behind a close frame.
	big := data(1, 1, strings.Repeat("x", wire.MaxPayload))
	source.send(big, big, big)
	for left := 3 * len(frame(t, big)); left > 0; {
		got, err := destination.message()
		if err != nil || len(got) > wire.MaxWebSocketFrame {
			t.Fatalf("a message of %d bytes, %v", len(got), err)
		}
		left -= len(got)
	}
	source.send(data(1, 1, "last"))
	_ = source.Close(websocket.StatusNormalClosure, "")
	destination.expect(data(1, 1, "last"))
}

func TestUnknownTypesComeBehindEachFrame(t *testing.T) {
	b := startWithFaults(t, "Connection=unknown")
	out := b.open("SSH")
	source, destination := b.source(out), b.destination(out)
	unknown := func() {
		t.Helper()
		if m := source.read(); m.Type != 9 || !m.Ignorable {
			t.Errorf("read %+v, want an unknown type that is ignorable", m)
		}
	}
	unknown()
	destination.send(data(1, 1, "x"))
	source.expect(data(1, 1, "x"))
	unknown()
}

func TestAConnectionIsRefusedBeforeItsTokenIsUsed(t *testing.T) {
	b := startWithFaults(t, "Connection=error,times=1", "Connection=throttle,times=1")
	d := dial{mode: "source", access: *b.open("SSH").SourceAccessToken}
	b.refused(d, http.StatusInternalServerError, "on demand")
	b.refused(d, http.StatusTooManyRequests, "Rate exceeded")
	b.connect(d)
}

func TestEventsHappenToAConnectionAfterTheirTime(t *testing.T) {
	const delay = 50 * time.Millisecond
	for kind, check := range map[string]func(*bench, *peer, *string){
		"session-reset": func(b *bench, source *peer, id *string) {
			source.expect(wire.Message{Type: wire.SessionReset})
			source.pingPong()
		},
		"replace": func(b *bench, source *peer, id *string) {
			source.expectClose(websocket.StatusPolicyViolation)
			if got := b.describe(id).Status; got != types.TunnelStatusOpen {
				t.Errorf("the tunnel is %v", got)
			}
		},
		"expire": func(b *bench, source *peer, id *string) {
			source.expectClose(websocket.StatusNormalClosure)
			if got := b.describe(id).Status; got != types.TunnelStatusClosed {
				t.Errorf("the tunnel is %v", got)
			}
		},
	} {
		b := startWithFaults(t, "Connection="+kind+",delay="+delay.String())
		out := b.open("SSH")
		began := time.Now()
		source := b.source(out)
		check(b, source, out.TunnelId)
		if took := time.Since(began); took < delay {
			t.Errorf("%s after %v", kind, took)
		}
	}
}

func TestAnEventThatIsFarOffDoesNotHoldTheEndUp(t *testing.T) {
	b := startWithFaults(t, "Connection=expire,delay=12h")
	b.source(b.open("SSH"))
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
