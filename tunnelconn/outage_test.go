package tunnelconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"adit/tunnelconn/wire"
)

// mustBeCut sends on conn and reads from it until it ends, which has to be by a reset, and checks that what came is a
// prefix of the stream.
func mustBeCut(t *testing.T, conn net.Conn, send, stream io.Reader) {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(conn, send)
		sent <- err
	}()
	buf, want := make([]byte, 64<<10), make([]byte, 64<<10)
	for total := 0; ; {
		n, err := conn.Read(buf)
		if _, short := io.ReadFull(stream, want[:n]); short != nil || !bytes.Equal(buf[:n], want[:n]) {
			t.Errorf("after %d bytes something else than what was sent", total)
		}
		total += n
		if err == nil {
			continue
		}
		// The system reports a reset once, to whichever of the two calls comes first.
		if written := <-sent; !errors.Is(err, syscall.ECONNRESET) && !errors.Is(written, syscall.ECONNRESET) {
			t.Errorf("after %d bytes the end is %v, and %v for what is sent; want a reset", total, err, written)
		}
		return
	}
}

func TestCutLinkResetsBothEndsAndTheNextConnectionWorksOnTheSamePort(t *testing.T) {
	const size = 1 << 40 // more than will ever be sent
	uploaded := make(chan struct{})
	var served atomic.Int32
	address := application(t, func(conn net.Conn) {
		if served.Add(1) > 1 {
			echo(conn)
			return
		}
		mustBeCut(t, conn, noise(2, size), noise(1, size))
		close(uploaded)
	})
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": address})
	s := r.source("SSH")
	before := addressOf(t, s, "SSH")
	conn := dial(t, s, "SSH")
	go func() {
		eventually(t, "both directions are busy", func() bool {
			service := s.Status().Services[0]
			return service.Sent > 3*mebibyte && service.Received > 3*mebibyte
		})
		r.cut(RoleSource)
	}()
	mustBeCut(t, conn, noise(1, size), noise(2, size))

	roundTrip(t, dial(t, s, "SSH"), 3, mebibyte)
	<-uploaded
	status := s.Status()
	if after := status.Services[0].Address; after != before || status.Reconnects != 1 || status.State != Connected {
		t.Errorf("address %s became %s, status %+v", before, after, status)
	}
	var streams []int32
	for _, m := range r.messages() {
		if m.Type == wire.StreamStart {
			streams = append(streams, m.StreamID)
		}
	}
	if len(streams) != 2 || streams[0] == streams[1] {
		t.Errorf("streams %v, want two different ones", streams)
	}
}

func TestCutLinkIsNoCleanEndForASideThatOnlyReads(t *testing.T) {
	for _, near := range []Role{RoleSource, RoleDestination} { // Whose link is cut.
		for name, c := range map[string]struct{ sent, before int64 }{
			"in the middle of a transfer": {1 << 40, mebibyte},
			"when nothing moves":          {1000, 1000},
		} {
			t.Run(near.String()+" "+name, func(t *testing.T) {
				over := make(chan struct{})
				address := application(t, func(conn net.Conn) {
					if near == RoleDestination {
						mustBeCut(t, conn, bytes.NewReader(nil), noise(1, c.sent))
						close(over)
						return
					}
					_, _ = io.Copy(conn, noise(1, c.sent))
					_, _ = io.Copy(io.Discard, conn)
				})
				r := newRelay(t, "SSH")
				d := r.destination(Auto, map[string]string{"SSH": address})
				s := r.source("SSH")
				conn := dial(t, s, "SSH")
				status := s.Status
				if near == RoleDestination {
					status = d.Status
				}
				cut := make(chan struct{})
				go func() {
					defer close(cut)
					eventually(t, "enough has arrived", func() bool { return status().Services[0].Received >= uint64(c.before) })
					r.cut(near)
				}()
				if near == RoleSource {
					mustBeCut(t, conn, bytes.NewReader(nil), noise(1, c.sent))
					<-cut
					return
				}
				sent := make(chan error, 1)
				go func() {
					_, err := io.Copy(conn, noise(1, c.sent))
					sent <- err
				}()
				<-over
				<-cut
				// The service tells the source by a reset of the stream.
				told := r.messages()[0]
				told.Type = wire.StreamReset
				r.send(RoleSource, told)
				_, err := io.Copy(io.Discard, conn)
				if written := <-sent; !isResetError(err) && !isResetError(written) {
					t.Errorf("the client read to %v and wrote to %v, want a reset", err, written)
				}
			})
		}
	}
}

func TestDestinationComesBackAfterACut(t *testing.T) {
	r := newRelay(t, "SSH")
	d := r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.source("SSH")
	first := dial(t, s, "SSH")
	roundTrip(t, first, 1, 100)
	r.cut(RoleDestination)
	stateIs(t, d, "reconnected", func(s Status) bool { return s.State == Connected && s.Reconnects == 1 })
	r.side(RoleDestination) // The relay has to know too, before anything can be passed on.
	// The source knows nothing of it, and goes on with a connection in the stream it has.
	roundTrip(t, dial(t, s, "SSH"), 2, mebibyte)
}

func TestConnectionsAreHeldDuringAnOutage(t *testing.T) {
	r := newRelay(t, "SSH")
	var down atomic.Bool
	r.refuse = func(int) (int, http.Header, string) {
		if down.Load() {
			return http.StatusServiceUnavailable, nil, "later"
		}
		return 0, nil, ""
	}
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	s := r.source("SSH")
	// The device has to be known to take more than one connection before it is asked to.
	before := dial(t, s, "SSH")
	roundTrip(t, before, 1, 100)
	down.Store(true)
	r.cut(RoleSource)
	status := stateIs(t, s, "refused for a while", func(s Status) bool {
		return s.State == Reconnecting && errors.As(s.Err, new(*HandshakeError))
	})
	held := make([]net.Conn, maxHeld)
	for i := range held {
		held[i] = dial(t, s, "SSH")
	}
	eventually(t, "all are held", func() bool {
		s.state.Lock()
		defer s.state.Unlock()
		return s.state.held == maxHeld
	})
	mustRefuse(t, s, "SSH")
	down.Store(false)
	for i, conn := range held {
		roundTrip(t, conn, uint64(i), 1000)
	}
	if refused := s.Status().Services[0].Refused; refused != 1 {
		t.Errorf("%d were refused, want the one too many", refused)
	}
	if status.Err == nil || s.Status().Err != nil {
		t.Errorf("errors: %v, then %v; want one while it lasts", status.Err, s.Status().Err)
	}
}

func TestHeldConnectionIsResetWhenTheTunnelStaysAway(t *testing.T) {
	r := newRelay(t, "SSH")
	r.refuse = func(int) (int, http.Header, string) { return http.StatusBadGateway, nil, "" }
	quick := standardTiming()
	quick.hold = 20 * time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	mustRefuse(t, s, "SSH")
	here, there := net.Pipe()
	defer here.Close()
	if err := s.Attach(t.Context(), "", there); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Attach = %v, want ErrUnavailable", err)
	}
}

func TestSilentLinkIsBuiltAnewOnceAPongWasSeen(t *testing.T) {
	r := newRelay(t, "SSH")
	quick := standardTiming()
	quick.pingEvery, quick.silent = 5*time.Millisecond, 50*time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	eventually(t, "a ping is answered", func() bool { return s.Status().RoundTrip > 0 })
	r.hush.Store(true)
	stateIs(t, s, "dead", func(s Status) bool { return errors.Is(s.Err, errSilent) })
	r.hush.Store(false)
	stateIs(t, s, "back", func(s Status) bool { return s.State == Connected && s.Reconnects > 0 })
}

func TestPingsThatWereNeverAnsweredSayNothing(t *testing.T) {
	r := newRelay(t, "SSH")
	r.hush.Store(true)
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	quick := standardTiming()
	quick.pingEvery = time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	roundTrip(t, dial(t, s, "SSH"), 1, 4*mebibyte)
	if status := s.Status(); status.Reconnects != 0 || status.State != Connected {
		t.Errorf("status %+v", status)
	}
}

func TestStreamResetOfTheServiceResetsItsConnections(t *testing.T) {
	r := newRelay(t, "SSH", "HTTP")
	address := application(t, echo)
	r.destination(Auto, map[string]string{"SSH": address, "HTTP": address})
	s := r.source("SSH", "HTTP")
	one := dial(t, s, "SSH")
	roundTrip(t, one, 1, 100)
	two, other := dial(t, s, "SSH"), dial(t, s, "HTTP")
	roundTrip(t, two, 2, 100)
	roundTrip(t, other, 3, 100)
	var stream wire.Message
	for _, m := range r.messages() {
		if m.Type == wire.StreamStart && m.ServiceID == "SSH" {
			stream = m
		}
	}
	stale := wire.Message{Type: wire.StreamReset, StreamID: stream.StreamID + 7, ServiceID: "SSH"}
	r.send(RoleSource, stale)
	roundTrip(t, one, 4, 100)
	r.send(RoleSource, wire.Message{Type: wire.StreamReset, StreamID: stream.StreamID, ServiceID: "SSH"})
	mustReset(t, one)
	mustReset(t, two)
	roundTrip(t, other, 5, 100)
	roundTrip(t, dial(t, s, "SSH"), 6, 100)
	r.send(RoleSource, wire.Message{Type: wire.SessionReset})
	mustReset(t, other)
}

func TestCloseCodesDecideWhetherToComeBack(t *testing.T) {
	for _, c := range []struct {
		code   int
		reason string
		want   error
	}{
		{1008, "another connection \x1b[31mtook over", ErrReplaced},
		{1000, "bye", ErrTunnelClosed},
		{1000, "The lifetime of the tunnel is over.", ErrExpired},
		{1008, "The access token of this side was rotated.", ErrRotated},
		{1001, "", nil},
		{1011, "", nil},
	} {
		r := newRelay(t, "SSH")
		s := r.source("SSH")
		address := addressOf(t, s, "SSH")
		side := r.side(RoleSource)
		stateIs(t, s, "connected", func(s Status) bool { return s.State == Connected })
		side.close(c.code, c.reason)
		if c.want == nil {
			stateIs(t, s, "back", func(s Status) bool { return s.Reconnects == 1 })
			continue
		}
		<-s.Done()
		if err := s.Status().Err; !errors.Is(err, c.want) || bytes.ContainsRune([]byte(err.Error()), 0x1b) {
			t.Errorf("%d: stopped with %q, want %q", c.code, err, c.want)
		}
		if _, err := net.Dial("tcp", address); err == nil {
			t.Errorf("%d: the listener is still there", c.code)
		}
		here, there := net.Pipe()
		if err := s.Attach(context.Background(), "SSH", there); !errors.Is(err, c.want) {
			t.Errorf("%d: Attach = %v", c.code, err)
		}
		here.Close()
	}
}

func TestNewSourceReplacesTheOld(t *testing.T) {
	r := newRelay(t, "SSH")
	first := r.source("SSH")
	stateIs(t, first, "connected", func(s Status) bool { return s.State == Connected })
	r.side(RoleSource) // The relay has to know the first, before another can take its place.
	cfg := SourceConfig{Link: r.link(RoleSource)}
	cfg.ClientToken = first.uplink.link.ClientToken
	second, err := StartSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeProxy(t, second)
	<-first.Done()
	if status := first.Status(); !errors.Is(status.Err, ErrReplaced) || status.State != Stopped {
		t.Errorf("the first: %+v", status)
	}
}
