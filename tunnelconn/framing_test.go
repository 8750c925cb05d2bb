package tunnelconn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/wire"
)

// tunnelBytes gives the bytes that a stream of WebSocket frames carries.
func tunnelBytes(frames []byte) ([]byte, error) {
	return io.ReadAll(newIncoming(bytes.NewReader(frames), func([]byte) {}, func([]byte) {}))
}

func TestT12FramesMayBeCutUpAnywhere(t *testing.T) {
	var stream []byte
	for _, m := range []wire.Message{
		{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH", "HTTP"}},
		{Type: wire.Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1, Payload: bytes.Repeat([]byte("x"), 300)},
		{Type: wire.ConnectionReset, StreamID: 1, ServiceID: "SSH", ConnectionID: 1},
	} {
		stream = append(stream, frameOf(t, m)...)
	}
	check := func(name string, frames []byte) {
		if got, err := tunnelBytes(frames); !bytes.Equal(got, stream) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %d bytes of %d, then %v", name, len(got), len(stream), err)
		}
	}
	frame := func(p []byte) []byte { return ws.MustCompileFrame(ws.NewBinaryFrame(p)) }
	for at := range len(stream) + 1 {
		check("two messages", append(frame(stream[:at]), frame(stream[at:])...))
		check("two fragments", append(ws.MustCompileFrame(ws.NewFrame(ws.OpBinary, false, stream[:at])),
			ws.MustCompileFrame(ws.NewFrame(ws.OpContinuation, true, stream[at:]))...))
	}
	var single []byte
	for i := range stream {
		single = append(single, frame(stream[i:i+1])...)
	}
	check("single bytes", single)
	check("several messages in one", frame(stream))
	large := make([]byte, wire.MaxWebSocketFrame)
	if got, _ := tunnelBytes(frame(large)); len(got) != len(large) {
		t.Errorf("%d bytes of the largest frame", len(got))
	}
}

func TestT12NetworkMayCutUpAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		for _, side := range m.net {
			side.SetBoth(faultproxy.Faults{Split: 1})
		}
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
		conn := attach(m.sourceOf(Auto, standardTiming()), "SSH")
		roundTrip(t, conn, 12, 30_000)
		_ = conn.finish()
	})
}

func TestT13OversizeInputIsRefusedBeforeMemoryIsTaken(t *testing.T) {
	header := func(size uint64) []byte { return binary.BigEndian.AppendUint64([]byte{0x82, 127}, size) }
	for name, c := range map[string]struct {
		input []byte
		code  int
	}{
		"a frame one byte too long":  {header(wire.MaxWebSocketFrame + 1), closeTooBig},
		"a frame of a gibibyte":      {header(1 << 30), closeTooBig},
		"a frame of an odd length":   {header(1 << 63), closeProtocolError},
		"a ping of a gibibyte":       {append([]byte{0x89, 127}, header(1 << 30)[2:]...), closeProtocolError},
		"a close frame that is long": {append([]byte{0x88, 126}, 0xff, 0xff), closeProtocolError},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := tunnelBytes(c.input)
		runtime.ReadMemStats(&after)
		var broken *protocolError
		if !errors.As(err, &broken) || broken.code != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 256<<10 {
			t.Errorf("%s takes %d bytes", name, taken)
		}
	}
	// The longest that a length can say, of which little comes, is waited for and no more.
	frames := wire.NewReader(bytes.NewReader([]byte{0xff, 0xff, 8, 1}))
	if _, err := frames.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a short body: %v", err)
	}
}

func TestT17EveryByteAndManySizesArriveAsTheyWere(t *testing.T) {
	sizes := []int{1, 2, 125, 126, 127, 4095, 4096, 4097, 63<<10 - 1, 63 << 10, 63<<10 + 1, 64 << 10, 65535, 65537, 131_072, 131_077, 200_000}
	synctest.Test(t, func(t *testing.T) { echoSizes(t, sizes) })
}

func TestLongT17EverySizeUpTo200000(t *testing.T) {
	long(t)
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		for size := 1; size <= 200_000; size += 37 {
			sizes = append(sizes, size)
		}
		echoSizes(t, sizes)
	})
}

// echoSizes sends each byte there is alone, and then pieces of so many bytes.
func echoSizes(t *testing.T, sizes []int) {
	m := newMemoryRelay(t, "SSH")
	m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
	conn := attach(m.sourceOf(Auto, standardTiming()), "SSH")
	for value := range 256 {
		if _, err := conn.Write([]byte{byte(value)}); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 1)
		if _, err := io.ReadFull(conn, got); err != nil || got[0] != byte(value) {
			t.Fatalf("%#x came back as %#x, %v", value, got, err)
		}
	}
	for _, size := range sizes {
		roundTrip(t, conn, uint64(size), int64(size))
	}
	_ = conn.finish()
}

func TestT17EveryPayloadSizeIsCodedAsItIs(t *testing.T) {
	buf := make([]byte, headroom+wire.MaxPayload+wire.Tailroom)
	m := wire.Message{Type: wire.Data, StreamID: 1 << 30, ServiceID: "SSH", ConnectionID: 300}
	for size := 0; size <= wire.MaxPayload; size += 1 + size/1000 {
		payload := buf[headroom : headroom+size]
		for i := range min(size, 4) {
			payload[i], payload[size-1-i] = byte(size+i), byte(size-i)
		}
		want := bytes.Clone(payload)
		from, to, err := wire.PutFrame(buf, headroom, headroom+size, &m)
		if err != nil {
			t.Fatal(err)
		}
		var back wire.Message
		if err := wire.Decode(buf[from+2:to], &back); err != nil || !bytes.Equal(back.Payload, want) || back.ConnectionID != 300 {
			t.Fatalf("a payload of %d bytes came back as %d, %v", size, len(back.Payload), err)
		}
	}
}

func TestT18FloodOfPingsLeavesOnePongQueued(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	w := newWriter(near, newBuffers(), time.Minute, func() {})
	for i := range 10_000 {
		w.sendPong(bytes.Repeat([]byte{byte(i)}, 125))
	}
	w.leave(nil, closeNormal)
	finished := make(chan error, 1)
	go func() { finished <- w.run() }()
	if op, payload := readFrame(t, far); op != ws.OpPong || payload != string(bytes.Repeat([]byte{byte(9999 & 0xff)}, 125)) {
		t.Errorf("frame %v of %d bytes", op, len(payload))
	}
	if op, _ := readFrame(t, far); op != ws.OpClose {
		t.Errorf("more than one pong was queued: %v", op)
	}
	if err := <-finished; err != nil {
		t.Error(err)
	}
}

func TestT18PingsAndPongsOfAnyKindDisturbNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(echo)})
		s := m.sourceOf(Auto, standardTiming())
		conn := attach(s, "SSH")
		roundTrip(t, conn, 1, 100)
		side := m.side(RoleSource)
		for i := range 10_000 { // In one second.
			if err := side.write(ws.NewPingFrame([]byte{byte(i)})); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Microsecond)
		}
		for _, odd := range [][]byte{nil, []byte("abc"), bytes.Repeat([]byte("9"), 125), []byte("-1")} {
			_ = side.write(ws.NewPongFrame(odd))
		}
		roundTrip(t, conn, 2, 100_000)
		if status := s.Status(); status.Reconnects != 0 || status.State != Connected {
			t.Errorf("status %+v", status)
		}
		_ = conn.finish()
	})
}
