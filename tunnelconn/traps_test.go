package tunnelconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/faultproxy"
	"adit/tunnelconn/wire"
)

// The traps of the protocol that others fell into, by the numbers of docs/test-matrix.md. Those that have a test of their
// own elsewhere are named there.

// between gives a source and an echo behind it, in a bubble.
func between(t *testing.T, services []string, test func(m *memoryRelay, s *Source)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, services...)
		targets := make(map[string]string)
		for _, service := range services {
			targets[service] = m.application(echo)
		}
		m.destination(Auto, standardTiming(), targets)
		s := m.sourceOf(Auto, standardTiming())
		stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
		m.side(RoleSource)
		test(m, s)
	})
}

func TestTrap01ReconnectNeedsAClientTokenAndGetsOne(t *testing.T) {
	between(t, []string{"SSH"}, func(m *memoryRelay, s *Source) {
		m.cut(RoleSource) // The relay takes an access token again with the same client token only.
		conn := attachAfter(t, s, "SSH")
		roundTrip(t, conn, 1, 100)
		_ = conn.finish()
	})
}

func TestTrap05SlowReaderIsBackpressured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 16 * mebibyte // Far beyond the 131,076 bytes that others hold.
		m := newMemoryRelay(t, "HTTP")
		d := m.destination(Auto, standardTiming(), map[string]string{
			"HTTP": m.application(func(conn net.Conn) { _, _ = io.Copy(conn, noise(5, size)) }),
		})
		conn := attach(m.sourceOf(Auto, standardTiming()), "HTTP")
		for read := int64(0); read < size; {
			time.Sleep(100 * time.Millisecond)
			n, err := io.CopyN(io.Discard, conn, min(512<<10, size-read))
			if err != nil {
				t.Fatalf("after %d bytes: %v", read, err)
			}
			read += n
			if sent := int64(d.Status().Services[0].Sent); sent-read > inboxLimit+2*mebibyte {
				t.Fatalf("%d bytes are on their way to a slow reader", sent-read)
			}
		}
		_ = conn.finish()
	})
}

func TestTrap05aConnectionsKeepTheirBytesApart(t *testing.T) {
	between(t, []string{"SSH", "HTTP"}, func(_ *memoryRelay, s *Source) {
		warm := attach(s, "SSH")
		roundTrip(t, warm, 1, 10)
		done := make(chan struct{})
		for i := range uint64(20) {
			go func() {
				conn := attach(s, "SSH")
				roundTrip(t, conn, i, 200_000)
				_ = conn.finish()
				done <- struct{}{}
			}()
		}
		for range 20 {
			<-done
		}
		_ = warm.finish()
	})
}

func TestTrap06SessionResetEndsEveryServiceAndTheLinkGoesOn(t *testing.T) {
	between(t, []string{"SSH", "HTTP"}, func(m *memoryRelay, s *Source) {
		one, two := attach(s, "SSH"), attach(s, "HTTP")
		roundTrip(t, one, 1, 100)
		roundTrip(t, two, 2, 100)
		for _, role := range []Role{RoleSource, RoleDestination} {
			m.send(role, wire.Message{Type: wire.SessionReset})
		}
		one.refused(t, ErrReset)
		two.refused(t, ErrReset)
		again := attach(s, "HTTP")
		roundTrip(t, again, 3, 100)
		if n := s.Status().Reconnects; n != 0 {
			t.Errorf("%d reconnects", n)
		}
		_ = again.finish()
	})
}

func TestTrap07ReadingGoesOnAfterAStreamReset(t *testing.T) {
	between(t, []string{"SSH", "HTTP"}, func(m *memoryRelay, s *Source) {
		one := attach(s, "SSH")
		roundTrip(t, one, 1, 100) // So that its stream is the first.
		other := attach(s, "HTTP")
		roundTrip(t, other, 2, 100)
		stream := m.messages()[0]
		stream.Type = wire.StreamReset
		m.send(RoleSource, stream)
		one.refused(t, ErrReset)
		roundTrip(t, other, 3, 100) // With no new local connection in between.
		pings := s.Status().RoundTrip
		m.side(RoleSource).close(closeNormal, "closed meanwhile")
		<-s.Done()
		if !errors.Is(s.Status().Err, ErrTunnelClosed) {
			t.Errorf("stopped with %v, round trip %v", s.Status().Err, pings)
		}
		_ = other.finish()
	})
}

func TestTrap08ApplicationThatIsSlowToAnswerHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SLOW", "ECHO")
		echoing := m.application(echo)
		cfg := DestinationConfig{Link: m.link(RoleDestination), Targets: map[string]string{"SLOW": "slow:1", "ECHO": echoing}}
		cfg.DialTarget = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "slow:1" {
				select {
				case <-time.After(5 * time.Second):
				case <-ctx.Done():
				}
				address = echoing
			}
			return m.dialTarget(ctx, network, address)
		}
		d, err := StartDestination(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer closeProxy(t, d)
		m.side(RoleDestination) // What is sent before is sent to nobody.
		s := m.sourceOf(Auto, standardTiming())
		begun := time.Now()
		slow, quick := attach(s, "SLOW"), attach(s, "ECHO")
		roundTrip(t, quick, 1, 1000)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("another service waited for %v", took)
		}
		// What was sent meanwhile is neither lost nor mixed up.
		roundTrip(t, slow, 2, 100_000)
		_ = slow.finish()
		_ = quick.finish()
	})
}

func TestTrap12WhatCameBeforeAResetIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 3_000_000
		m := newMemoryRelay(t, "HTTP")
		m.destination(Auto, standardTiming(), map[string]string{"HTTP": m.application(func(conn net.Conn) { _, _ = io.Copy(conn, noise(12, size)) })})
		conn := attach(m.sourceOf(Auto, standardTiming()), "HTTP")
		time.Sleep(20 * time.Second) // The end is here long before the bytes are read.
		got, n := digest(t, conn)
		if want, _ := digest(t, noise(12, size)); got != want {
			t.Errorf("%d bytes of %d, or others", n, size)
		}
		_ = conn.finish()
	})
}

func TestTrap13NothingThatComesInStopsTheProxy(t *testing.T) {
	between(t, []string{"SSH"}, func(m *memoryRelay, s *Source) {
		side := m.side(RoleSource)
		for _, m := range []wire.Message{
			{Type: wire.StreamReset, StreamID: 1}, {Type: wire.Data, StreamID: 1, Payload: []byte("x")},
			{Type: wire.Data, StreamID: -1, ServiceID: "SSH", ConnectionID: 9}, {Type: wire.ConnectionReset, StreamID: 7, ConnectionID: 7},
		} {
			_ = side.write(ws.NewBinaryFrame(frameOf(t, m)))
		}
		_ = side.write(ws.NewPongFrame([]byte("not a number")))
		// What a source must never get costs the link, and no more.
		_ = side.write(ws.NewBinaryFrame(frameOf(t, wire.Message{Type: wire.ConnectionStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 1})))
		stateIs(t, s, "back", func(s Status) bool { return s.State == Connected && s.Reconnects == 1 })
		conn := attach(s, "SSH")
		roundTrip(t, conn, 1, 100)
		_ = conn.finish()
	})
}

func TestTrap18PortsStayTheSameAfterAReconnect(t *testing.T) {
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.source("SSH")
	before := addressOf(t, s, "SSH")
	stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	r.cut(RoleSource)
	stateIs(t, s, "back", func(s Status) bool { return s.State == Connected && s.Reconnects == 1 })
	if after := addressOf(t, s, "SSH"); after != before {
		t.Errorf("%s became %s", before, after)
	}
	roundTrip(t, dial(t, s, "SSH"), 1, 100)
}

func TestTrap20BurstOfConnectionsIsTaken(t *testing.T) {
	r := newRelay(t, "HTTP")
	r.destination(Auto, map[string]string{"HTTP": application(t, echo)})
	s := r.sourceOf(V3, standardTiming(), "HTTP")
	stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
	conns := make([]net.Conn, 40) // As a browser makes them.
	for i := range conns {
		conns[i] = dial(t, s, "HTTP")
	}
	for i, conn := range conns {
		roundTrip(t, conn, uint64(i), 1000)
	}
}

func TestTrap21StreamsOfTwoRunsDiffer(t *testing.T) {
	r := newRelay(t, "SSH")
	one, two := r.source().state.stream, r.source().state.stream
	if one == two || one <= 1 && two <= 1 {
		t.Errorf("streams begin behind %d and %d", one, two)
	}
}

func TestTrap22MessagesThatComeTogetherAreAllTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		var frames []byte
		for _, message := range []wire.Message{
			{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}},
			{Type: wire.StreamStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 1},
			{Type: wire.Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1, Payload: []byte("together")},
		} {
			frames = append(frames, frameOf(t, message)...)
		}
		m.greeting = func(conn net.Conn) { _ = ws.WriteFrame(conn, ws.NewBinaryFrame(frames)) }
		got := make(chan string, 1)
		m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(func(conn net.Conn) {
			b := make([]byte, len("together"))
			_, _ = io.ReadFull(conn, b)
			got <- string(b)
		})})
		if text := <-got; text != "together" {
			t.Errorf("the application got %q", text)
		}
	})
}

func TestTrap26StopsAtARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryRelay(t, "SSH")
		m.refuse = func(int) (int, http.Header, string) { return 403, nil, "Invalid access-token" }
		s := m.sourceOf(Auto, standardTiming())
		<-s.Done()
		time.Sleep(time.Hour)
		if m.net[RoleSource].Dialled() != 1 || !errors.As(s.Status().Err, new(*HandshakeError)) {
			t.Errorf("%d attempts, and %v", m.net[RoleSource].Dialled(), s.Status().Err)
		}
	})
}

func TestTrap27IgnorableSaysNothingOfAKnownType(t *testing.T) {
	between(t, []string{"SSH"}, func(m *memoryRelay, s *Source) {
		m.pass = func(_ Role, message wire.Message) []wire.Message {
			message.Ignorable = true
			return []wire.Message{{Type: 99, Ignorable: true}, message}
		}
		conn := attach(s, "SSH")
		roundTrip(t, conn, 1, 100_000)
		_ = conn.finish()
	})
}

func TestTrap29DeviceIsToldOfALocalEnd(t *testing.T) {
	for _, version := range []Version{V1, V2, V3} {
		synctest.Test(t, func(t *testing.T) {
			m := newMemoryRelay(t, "SSH")
			over := make(chan error, 1)
			m.destination(Auto, standardTiming(), map[string]string{"SSH": m.application(func(conn net.Conn) {
				_, err := io.Copy(io.Discard, conn)
				over <- err
			})})
			s := m.sourceOf(version, standardTiming())
			conn := attach(s, "SSH")
			_, _ = conn.Write(bytes.Repeat([]byte("x"), 1000))
			reset(conn)
			<-over
			<-conn.result

		})
	}
}

// A device that vanishes without a word leaves nothing to see but that it says nothing: the connection shows since when.
func TestTrap30LostPeerShowsInWhenItWasLastHeard(t *testing.T) {
	between(t, []string{"SSH"}, func(m *memoryRelay, s *Source) {
		conn := attach(s, "SSH")
		roundTrip(t, conn, 1, 100)
		heard := time.Now()
		m.net[RoleDestination].SetBoth(faultproxy.Faults{Flow: faultproxy.Swallow})
		time.Sleep(3 * time.Second)
		send(t, conn, "are you there?")
		asked := time.Now()
		time.Sleep(3 * time.Second)
		c := s.Status().Services[0].Connections[0]
		if !c.Heard.Equal(heard) || !c.Asked.Equal(asked) {
			t.Errorf("last heard %v, asked %v; want %v and %v", c.Heard, c.Asked, heard, asked)
		}
		m.net[RoleDestination].SetBoth(faultproxy.Faults{})
		_ = conn.finish()
	})
}
