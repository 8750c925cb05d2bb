package emulator_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/coder/websocket"

	"adit/tunnelconn"
	"adit/tunnelconn/token"
	"adit/tunnelconn/wire"
)

// Stand-ins for the programs at the other end of a tunnel, each as its source was read, with an application of its own that
// greets and then gives back what it gets. docs/test-matrix.md, T-27.

const greeting = "SSH-2.0-persona\r\n"

// persona is one of them in the place of a destination.
type persona struct {
	b     *bench
	place dial
	conn  *websocket.Conn
	// react takes a message.
	react func(*persona, wire.Message)

	// shape is that of the session's first stream, where a persona keeps to it; stream is the one that is alive, 0 without.
	shape  tunnelconn.Version
	stream int32
	// left is how often it has gone away and come back by itself.
	left atomic.Int32
}

// play connects a persona and has it react until the test's end.
func play(b *bench, place dial, react func(*persona, wire.Message)) *persona {
	b.t.Helper()
	p := &persona{b: b, place: place, react: react}
	p.conn = b.connect(place).Conn
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		for {
			_, data, err := p.conn.Read(ctx)
			if err != nil {
				return
			}
			var m wire.Message
			if err := wire.Decode(data[2:], &m); err != nil {
				b.t.Error(err)
				return
			}
			react(p, m)
		}
	})
	b.t.Cleanup(func() {
		cancel()
		group.Wait()
		_ = p.conn.CloseNow()
	})
	return p
}

// say answers in the shape of a message.
func (p *persona) say(like wire.Message, text []byte) {
	like.Type, like.Payload = wire.Data, text
	_ = p.conn.Write(context.Background(), websocket.MessageBinary, frame(p.b.t, like))
}

// comeBack leaves the tunnel and connects anew, as far as the service lets it.
func (p *persona) comeBack() {
	p.left.Add(1)
	_ = p.conn.CloseNow()
	conn, _, err := p.b.try(p.place)
	if err != nil {
		p.b.t.Errorf("it did not come back: %v", err)
		return
	}
	p.conn = conn
}

func shapeOf(m wire.Message) tunnelconn.Version {
	switch {
	case m.ConnectionID != 0:
		return tunnelconn.V3
	case m.ServiceID != "":
		return tunnelconn.V2
	}
	return tunnelconn.V1
}

// deviceClient is the AWS IoT Device Client: the first stream settles the session's version, and its own answers name no
// service, so that a stream of V3 is never answered. A stream of another version makes it connect anew and go on with that
// stream by itself. It has one service and one connection.
func deviceClient(p *persona, m wire.Message) {
	switch shape := shapeOf(m); m.Type {
	case wire.StreamStart:
		if p.shape != tunnelconn.Auto && p.shape != shape {
			p.comeBack()
		}
		p.shape, p.stream = shape, m.StreamID
		if shape == tunnelconn.V1 {
			p.say(m, []byte(greeting))
		}
	case wire.Data:
		switch {
		case shape != p.shape:
			p.b.t.Errorf("data in %v puts a session of %v off", shape, p.shape)
		case m.StreamID == p.stream && shape == tunnelconn.V1:
			p.say(m, m.Payload)
		}
	case wire.StreamReset:
		if m.StreamID == p.stream {
			p.stream = 0
		}
	case wire.ConnectionStart, wire.ConnectionReset:
		if p.shape != tunnelconn.V3 {
			p.b.t.Errorf("a %v puts a session of %v off", m.Type, p.shape)
		}
	case wire.ServiceIDs:
		p.shape = tunnelconn.Auto // A new session.
	}
}

// secondGeneration is a local proxy of version 2: it names the service, knows nothing of connections, and dies of what it
// does not know.
func secondGeneration(p *persona, m wire.Message) {
	switch m.Type {
	case wire.StreamStart:
		if p.stream != 0 {
			p.b.t.Error("a second stream takes the first one's connection along")
		}
		p.stream = m.StreamID
		p.say(wire.Message{StreamID: m.StreamID, ServiceID: m.ServiceID}, []byte(greeting))
	case wire.Data:
		if m.StreamID == p.stream {
			p.say(wire.Message{StreamID: m.StreamID, ServiceID: m.ServiceID}, m.Payload)
		}
	case wire.StreamReset:
		if m.StreamID == p.stream {
			p.stream = 0
		}
	case wire.ConnectionStart, wire.ConnectionReset:
		p.b.t.Errorf("a %v, of which it dies", m.Type)
	}
}

func (b *bench) link(access string) tunnelconn.Link {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CAPEM())
	return tunnelconn.Link{Endpoint: b.DataAddr(), Roots: roots, AccessToken: token.New(access)}
}

// client is a local program that a source carries.
type client struct {
	net.Conn
	over <-chan error
}

func dialIn(t *testing.T, source *tunnelconn.Source) client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close() })
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- source.Attach(context.Background(), "SSH", far) }()
	return client{near, over}
}

// converses has a client greeted, and everything it says given back.
func (c client) converses(t *testing.T) {
	t.Helper()
	said := bytes.Repeat([]byte("SSH-2.0-client\r\n"), 8<<10)
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(said)
		sent <- err
	}()
	got := make([]byte, len(greeting)+len(said))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != greeting+string(said) {
		t.Errorf("%d bytes of %d came back (%v), or not the same", n, len(got), err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestT27SourceWithPersonas(t *testing.T) {
	for name, c := range map[string]struct {
		react     func(*persona, wire.Message)
		protocols []string
		left      int
		peer      tunnelconn.Version
	}{
		"the Device Client":          {deviceClient, nil, 1, tunnelconn.V1},
		"a local proxy of version 2": {secondGeneration, []string{v2}, 0, tunnelconn.V2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			out := b.open("SSH")
			p := play(b, dial{
				mode: "destination", access: *out.DestinationAccessToken, client: "6f6b1d7c-0000-4000-8000-00000000cafe", protocols: c.protocols,
			}, c.react)
			source, err := tunnelconn.StartSource(tunnelconn.SourceConfig{Link: b.link(*out.SourceAccessToken), FallBack: 300 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = source.Close() }()
			for range 2 { // One after another; the second waits until it is clear that the first has closed.
				first := dialIn(t, source)
				first.converses(t)
				second := dialIn(t, source)
				if err := <-second.over; !errors.Is(err, tunnelconn.ErrBusyPeer) {
					t.Errorf("the second at once ended with %v", err)
				}
				if _, err := io.WriteString(first, "still there"); err != nil {
					t.Error(err)
				}
				got := make([]byte, len("still there"))
				if _, err := io.ReadFull(first, got); err != nil || string(got) != "still there" {
					t.Errorf("the first got %q, %v beside a second", got, err)
				}
				_ = first.Close()
			}
			status := source.Status()
			if err := source.Close(); err != nil {
				t.Error(err)
			}
			if status.Peer != c.peer || status.Reconnects != c.left || int(p.left.Load()) != c.left {
				t.Errorf("it passes for one of %v after %d new links, and has left %d times", status.Peer, status.Reconnects, p.left.Load())
			}
		})
	}
}

// caller is a source that speaks one of the old shapes, and takes answers in it alone.
type caller struct {
	*peer
	service string
}

func (c caller) message(kind wire.Type, stream int32, text string) wire.Message {
	return wire.Message{Type: kind, StreamID: stream, ServiceID: c.service, Payload: []byte(text)}
}

// hears reads data until a text is whole.
func (c caller) hears(stream int32, want string) {
	c.t.Helper()
	for got := ""; got != want; {
		m := c.read()
		if m.Type != wire.Data || m.StreamID != stream || m.ServiceID != c.service || m.ConnectionID != 0 {
			c.t.Fatalf("%+v is no answer in the shape of the question", *m)
		}
		if got += string(m.Payload); len(got) > len(want) || got != want[:len(got)] {
			c.t.Fatalf("heard %d bytes that were not said", len(got))
		}
	}
}

// serve is an application, and gives its address.
func serve(t *testing.T, one func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer func() { _ = conn.Close() }()
				one(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	return listener.Addr().String()
}

func TestT27DestinationWithOldSources(t *testing.T) {
	for name, c := range map[string]struct {
		protocols []string
		service   string
	}{
		"of version 1, as the console's":                 {[]string{v1}, ""},
		"in the shape of version 1 on a link of today's": {nil, ""},
		"of version 2": {[]string{v2}, "SSH"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			out := b.open("SSH")
			ended := make(chan error, 10)
			application := serve(t, func(conn net.Conn) {
				_, _ = io.WriteString(conn, greeting)
				_, err := io.Copy(conn, conn)
				ended <- err
			})
			destination, err := tunnelconn.StartDestination(tunnelconn.DestinationConfig{
				Link: b.link(*out.DestinationAccessToken), Targets: map[string]string{"SSH": application},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = destination.Close() }()
			b.await(out.TunnelId, func(tunnel *types.Tunnel) bool {
				return tunnel.DestinationConnectionState.Status == types.ConnectionStatusConnected
			})
			source := caller{b.connect(dial{mode: "source", access: *out.SourceAccessToken, protocols: c.protocols}), c.service}
			said := string(bytes.Repeat([]byte("abcdefgh"), 4<<10))
			for stream := range int32(3) {
				stream += 7
				source.send(source.message(wire.StreamStart, stream, ""), source.message(wire.Data, stream, said))
				source.hears(stream, greeting+said)
				source.send(source.message(wire.StreamReset, stream, ""))
				if err := <-ended; err != nil {
					t.Errorf("the application was told of %v, want an orderly end", err)
				}
			}
			if status := destination.Status(); status.Reconnects != 0 || status.Services[0].Total != 3 {
				t.Errorf("status %+v", status)
			}
		})
	}
}
