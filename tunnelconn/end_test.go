package tunnelconn

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adit/tunnelconn/wire"
)

func TestTrap11AnswerArrivesAfterTheClientHasEndedItsSide(t *testing.T) {
	const size = 4 * mebibyte
	address := application(t, func(conn net.Conn) {
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || line != "GET\n" {
			t.Errorf("request %q, %v", line, err)
		}
		_, _ = io.Copy(conn, noise(1, size))
	})
	r := newRelay(t, "HTTP")
	r.destination(Auto, map[string]string{"HTTP": address})
	s := r.source("HTTP")
	conn := dial(t, s, "HTTP")
	if _, err := conn.Write([]byte("GET\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, n := digest(t, conn) // An end that is not clean fails it.
	if want, _ := digest(t, noise(1, size)); got != want {
		t.Errorf("%d bytes, and not the answer", n)
	}
}

func TestServerThatWaitsForTheEndIsResetAfterAWhile(t *testing.T) {
	over := make(chan error, 1)
	address := application(t, func(conn net.Conn) {
		_, err := io.Copy(io.Discard, conn)
		over <- err
	})
	r := newRelay(t, "HTTP")
	r.destination(Auto, map[string]string{"HTTP": address})
	quick := standardTiming()
	quick.lingerIdle = 20 * time.Millisecond
	s := r.sourceOf(Auto, quick, "HTTP")
	conn := dial(t, s, "HTTP")
	if _, err := io.Copy(conn, noise(1, mebibyte)); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	mustReset(t, conn)
	if err := <-over; err != nil {
		t.Errorf("the application read to %v, want the end", err)
	}
}

func TestSlowReaderGetsEverythingThatCameBeforeTheEnd(t *testing.T) {
	const size = 3 * mebibyte
	address := application(t, func(conn net.Conn) { _, _ = io.Copy(conn, noise(1, size)) })
	r := newRelay(t, "HTTP")
	r.destination(Auto, map[string]string{"HTTP": address})
	s := r.source("HTTP")
	conn := dial(t, s, "HTTP")
	eventually(t, "the peer has ended the connection", func() bool {
		return s.anyConnection(func(c *connection) bool {
			select {
			case <-c.ended:
				return true
			default:
				return false
			}
		})
	})
	// Its end is in, and even the loss of the link takes nothing away.
	r.cut(RoleSource)
	got, n := digest(t, conn)
	if want, _ := digest(t, noise(1, size)); got != want {
		t.Errorf("%d bytes of %d, or not the same", n, size)
	}
}

func TestReaderThatStopsHoldsTheSenderUpAndLosesNothing(t *testing.T) {
	const size = 24 * mebibyte
	address := application(t, func(conn net.Conn) { _, _ = io.Copy(conn, noise(1, size)) })
	r := newRelay(t, "HTTP")
	d := r.destination(Auto, map[string]string{"HTTP": address})
	s := r.source("HTTP")
	conn := dial(t, s, "HTTP")
	eventually(t, "the queue is full", func() bool {
		return s.anyConnection(func(c *connection) bool {
			pending := c.in.pending()
			if pending > inboxLimit {
				t.Errorf("%d bytes wait, more than the limit", pending)
			}
			return pending > inboxLimit-largeRoom
		})
	})
	if sent := d.Status().Services[0].Sent; sent == size {
		t.Errorf("the sender was never held up")
	}
	got, n := digest(t, conn)
	if want, _ := digest(t, noise(1, size)); got != want {
		t.Errorf("%d bytes of %d, or not the same", n, size)
	}
}

func TestTrap25RefusingApplicationIsAResetAndTheNextConnectionIsTriedAnew(t *testing.T) {
	r := newRelay(t, "SSH")
	d := r.destination(Auto, map[string]string{"SSH": refusing(t)})
	s := r.source("SSH")
	for range 2 {
		mustRefuse(t, s, "SSH")
		here, there := net.Pipe()
		if err := s.Attach(t.Context(), "SSH", there); !errors.Is(err, ErrReset) {
			t.Errorf("Attach = %v, want ErrReset", err)
		}
		here.Close()
	}
	for _, m := range r.messages() {
		switch {
		case m.Type == wire.StreamReset && m.ConnectionID == 0:
			t.Error("a stream reset of a V3 stream without a connection id, over which the AWS SDKs drop the link")
		case m.Type != wire.StreamStart && m.Type != wire.StreamReset:
			t.Errorf("%v, want streams to start and to be reset only", m.Type)
		}
	}
	if refused := d.Status().Services[0].Refused; refused != 4 {
		t.Errorf("the destination counts %d refused, want 4", refused)
	}
}

func TestTrap09RefusalOfOneConnectionLeavesTheOthersAlone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	t.Cleanup(group.Wait)
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": listener.Addr().String()})
	s := r.source("SSH")
	first := dial(t, s, "SSH")
	served, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	group.Go(func() {
		echo(served)
		served.Close()
	})
	listener.Close()
	roundTrip(t, first, 1, 1000)
	mustRefuse(t, s, "SSH")
	// The reset may come before the first word, and as early as in connect.
	if speaking, err := net.Dial("tcp", addressOf(t, s, "SSH")); err == nil {
		defer speaking.Close()
		// The system reports a reset once, to whichever of the two calls comes first.
		_, failed := speaking.Write([]byte("GET /"))
		if got, err := io.ReadAll(speaking); len(got) > 0 || err == nil && !isResetError(failed) {
			t.Errorf("%d bytes, then %v; want a reset", len(got), err)
		}
	}
	here, there := net.Pipe()
	defer here.Close()
	if err := s.Attach(t.Context(), "SSH", there); !errors.Is(err, ErrReset) {
		t.Errorf("Attach = %v, want ErrReset", err)
	}
	roundTrip(t, first, 2, mebibyte)
}

func TestCloseTellsTheOtherEndWhatIsWholeAndWhatIsNot(t *testing.T) {
	type end struct {
		size int64
		err  error
	}
	finished, cut := make(chan end, 1), make(chan end, 1)
	address := application(t, func(conn net.Conn) {
		kind := make([]byte, 1)
		if _, err := io.ReadFull(conn, kind); err != nil {
			t.Error(err)
		}
		_, _ = conn.Write(kind)
		n, err := io.Copy(io.Discard, conn)
		if kind[0] == 'f' {
			finished <- end{n, err}
		} else {
			cut <- end{n, err}
		}
	})
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": address})
	s := r.source("SSH")
	answer := make([]byte, 1)
	begin := func(kind string) *net.TCPConn {
		conn := dial(t, s, "SSH")
		if _, err := conn.Write([]byte(kind)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	whole, alive := begin("f"), begin("c")
	if _, err := io.Copy(whole, noise(1, mebibyte)); err != nil {
		t.Fatal(err)
	}
	if err := whole.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of the upload is seen", func() bool {
		return s.anyConnection(func(c *connection) bool { return c.halfClosed.Load() })
	})
	side := r.side(RoleSource)
	closeProxy(t, s)
	mustReset(t, alive)
	if got := <-finished; got.size != mebibyte || got.err != nil {
		t.Errorf("the finished upload arrived with %d bytes and %v, want all and a clean end", got.size, got.err)
	}
	if got := <-cut; got.err == nil {
		t.Error("the connection that was cut ended cleanly for the application")
	}
	<-side.gone
	if len(side.closed) < 2 || binary.BigEndian.Uint16(side.closed) != 1000 {
		t.Errorf("close frame % x, want 1000", side.closed)
	}
	if status := s.Status(); status.State != Stopped || status.Err != nil {
		t.Errorf("status %+v, want stopped without an error", status)
	}
	here, there := net.Pipe()
	if err := s.Attach(t.Context(), "SSH", there); err != ErrClosed {
		t.Errorf("Attach = %v, want ErrClosed", err)
	}
	here.Close()
}

func TestAttachEndsWithItsContextAndTellsTheDevice(t *testing.T) {
	gone := make(chan struct{})
	address := application(t, func(conn net.Conn) {
		echo(conn)
		close(gone)
	})
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": address})
	s := r.source()
	ctx, cancel := context.WithCancel(t.Context())
	here, there := net.Pipe()
	result := make(chan error, 1)
	go func() { result <- s.Attach(ctx, "", there) }()
	roundTrip(t, here, 1, 1000)
	cancel()
	if err := <-result; !errors.Is(err, ctx.Err()) {
		t.Errorf("Attach = %v", err)
	}
	<-gone
	if _, err := here.Read(make([]byte, 1)); err == nil {
		t.Error("the local connection is still open")
	}
}

func TestAttachReturnsNilAfterAnOrderlyEnd(t *testing.T) {
	address := application(t, func(conn net.Conn) { _, _ = conn.Write([]byte("all there is")) })
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": address})
	s := r.source()
	here, there := net.Pipe()
	result := make(chan error, 1)
	go func() { result <- s.Attach(t.Context(), "SSH", there) }()
	got, err := io.ReadAll(here)
	if string(got) != "all there is" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := <-result; err != nil {
		t.Errorf("Attach = %v, want nil", err)
	}
}

func TestApplicationOnAUnixSocket(t *testing.T) {
	path := t.TempDir() + "/app.sock"
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		conn, err := listener.Accept()
		if err == nil {
			echo(conn)
			conn.Close()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": path})
	s := r.source("SSH")
	roundTrip(t, dial(t, s, "SSH"), 1, mebibyte)
}

func TestHalfClosedDownloadGoesOnWhileBytesFlow(t *testing.T) {
	const size = 64
	r := newRelay(t, "HTTP")
	next := make(chan struct{})
	r.destination(Auto, map[string]string{"HTTP": application(t, func(conn net.Conn) {
		for i := range size {
			if i > 0 {
				if _, more := <-next; !more {
					return
				}
			}
			if _, err := conn.Write([]byte{byte(i)}); err != nil {
				return
			}
		}
	})})
	quick := standardTiming()
	quick.lingerIdle, quick.lingerMax = 500*time.Millisecond, 500*time.Millisecond
	s := r.sourceOf(Auto, quick, "HTTP")
	conn := dial(t, s, "HTTP")
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	// Each byte comes well within the limit, all of them do not.
	defer close(next)
	pace := time.NewTicker(quick.lingerMax / 20)
	defer pace.Stop()
	for i := 1; i < size; i++ {
		<-pace.C
		next <- struct{}{}
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
	}
	if n, err := io.Copy(io.Discard, conn); n > 0 || err != nil {
		t.Errorf("%d bytes more, then %v", n, err)
	}
}

func TestCloseInTheMiddleOfAnUploadIsNoCleanEndForTheDevice(t *testing.T) {
	for _, version := range []Version{V1, V2, V3} {
		for _, idle := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, idle: %v", version, idle), func(t *testing.T) {
				over := make(chan error, 1)
				r := newRelay(t, "SSH")
				d := r.destination(version, map[string]string{"SSH": application(t, func(conn net.Conn) {
					_, _ = conn.Write([]byte("x"))
					_, err := io.Copy(io.Discard, conn)
					over <- err
				})})
				quick := standardTiming()
				if idle {
					quick.pause = 0
				}
				s := r.sourceOf(Auto, quick, "SSH")
				conn := dial(t, s, "SSH")
				if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
					t.Fatal(err)
				}
				sent, err := io.Copy(conn, noise(1, mebibyte))
				if err != nil {
					t.Fatal(err)
				}
				eventually(t, "everything has arrived", func() bool { return d.Status().Services[0].Received == uint64(sent) })
				side := r.side(RoleSource)
				closeProxy(t, s)
				<-side.gone
				resets := 0
				for _, m := range r.messages() {
					if m.Type == wire.StreamReset {
						resets++
					}
				}
				if told := idle || version == V3; told != (resets > 0) {
					t.Errorf("%d stream resets were sent", resets)
				}
				if idle && version != V3 {
					if err := <-over; err != nil {
						t.Errorf("the application read to %v, want the end", err)
					}
					return
				}
				// Without a word the device waits, until something else ends its connection.
				closeProxy(t, d)
				if err := <-over; !isResetError(err) {
					t.Errorf("the application read to %v, want a reset", err)
				}
			})
		}
	}
}

func TestOldestConnectionThatLingersGivesWayToTheNewest(t *testing.T) {
	const others = 3
	var open atomic.Int64
	r := newRelay(t, "HTTP")
	r.destination(Auto, map[string]string{"HTTP": application(t, func(conn net.Conn) {
		open.Add(1)
		defer open.Add(-1)
		_, _ = conn.Write([]byte("x"))
		_, _ = io.Copy(io.Discard, conn)
	})})
	slow := standardTiming()
	slow.lingerIdle = time.Hour
	s := r.sourceOf(Auto, slow, "HTTP")
	var conns []*net.TCPConn
	for range maxLingering + others {
		conn := dial(t, s, "HTTP")
		if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		if i := len(conns) - 1 - maxLingering; i >= 0 {
			mustReset(t, conns[i])
		} else {
			eventually(t, "it lingers", func() bool { return s.lingering("HTTP") == len(conns) })
		}
	}
	eventually(t, "the device has let go of the others", func() bool { return open.Load() == maxLingering })
	eventually(t, "as many linger", func() bool { return s.lingering("HTTP") == maxLingering })
}

// lingering is how many connections of a service go on without their local side.
func (s *Source) lingering(service string) int {
	s.state.Lock()
	x := s.state.current
	s.state.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.streams[service].lingering)
}
