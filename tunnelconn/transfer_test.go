package tunnelconn

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"adit/tunnelconn/wire"
)

const mebibyte = 1 << 20

func TestHundredMebibytesEachWayOnOneConnection(t *testing.T) {
	const size = 100 * mebibyte
	type result struct {
		sum  [32]byte
		size int64
	}
	arrived := make(chan result, 1)
	address := application(t, func(conn net.Conn) {
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := io.Copy(conn, noise(2, size)); err != nil {
				t.Errorf("the application cannot send: %v", err)
			}
		})
		sum, n := digest(t, io.LimitReader(conn, size))
		group.Wait()
		arrived <- result{sum, n}
	})
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": address})
	s := r.source("SSH")
	conn := dial(t, s, "SSH")
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := io.Copy(conn, noise(1, size)); err != nil {
			t.Errorf("send: %v", err)
		}
	})
	got, n := digest(t, conn)
	group.Wait()
	if want, _ := digest(t, noise(2, size)); got != want {
		t.Errorf("download: %d of %d bytes, and not the same", n, size)
	}
	there := <-arrived
	if want, _ := digest(t, noise(1, size)); there.sum != want {
		t.Errorf("upload: %d of %d bytes, and not the same", there.size, size)
	}
	eventually(t, "all bytes are counted", func() bool {
		status := s.Status().Services[0]
		return status.Sent == size && status.Received == size && status.Total == 1
	})
}

func TestTwoServicesAtOnce(t *testing.T) {
	plain := application(t, echo)
	doubled := application(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte("HTTP:"))
		echo(conn)
	})
	r := newRelay(t, "SSH", "HTTP")
	r.destination(Auto, map[string]string{"SSH": plain, "HTTP": doubled})
	s := r.source("SSH", "HTTP")
	ssh, http := dial(t, s, "SSH"), dial(t, s, "HTTP")
	greeting := make([]byte, 5)
	if _, err := io.ReadFull(http, greeting); err != nil || string(greeting) != "HTTP:" {
		t.Fatalf("the second service greets with %q, %v", greeting, err)
	}
	var group sync.WaitGroup
	group.Go(func() { roundTrip(t, ssh, 1, 4*mebibyte) })
	group.Go(func() { roundTrip(t, http, 2, 4*mebibyte) })
	group.Wait()
}

func TestTrap14TwentyConnectionsAtOnceKeepTheirBytesApart(t *testing.T) {
	address := application(t, echo)
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": address})
	s := r.source("SSH")
	var group sync.WaitGroup
	for i := range uint64(20) {
		group.Go(func() { roundTrip(t, dial(t, s, "SSH"), i, mebibyte) })
	}
	group.Wait()
	if peer := s.Status().Peer; peer != V3 {
		t.Errorf("peer = %v, want V3", peer)
	}
	starts := map[bool]int{}
	for _, m := range r.messages() {
		if m.ConnectionID != 0 && m.StreamID <= 0 {
			t.Errorf("stream id %d", m.StreamID)
		}
		starts[m.Type.String() == "STREAM_START"]++
	}
	if starts[true] != 1 {
		t.Errorf("%d streams were started, want one for all connections", starts[true])
	}
}

func TestTrap04OldPeerCarriesOneConnectionAndTheSecondIsRefusedWithoutHarm(t *testing.T) {
	for _, c := range []struct{ source, destination Version }{
		{V1, Auto}, {V2, Auto}, {V1, V1}, {V2, V2}, {Auto, V1}, {Auto, V2},
	} {
		t.Run(fmt.Sprintf("source %v destination %v", c.source, c.destination), func(t *testing.T) {
			address := application(t, func(conn net.Conn) {
				_, _ = conn.Write([]byte("hello"))
				echo(conn)
			})
			r := newRelay(t, "SSH")
			r.destination(c.destination, map[string]string{"SSH": address})
			quick := standardTiming()
			quick.yield = time.Millisecond
			s := r.sourceOf(c.source, quick, "SSH")
			hello := make([]byte, 5)
			for round := range 2 {
				first := dial(t, s, "SSH")
				if _, err := io.ReadFull(first, hello); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
				half := make(chan struct{})
				var group sync.WaitGroup
				group.Go(func() {
					roundTrip(t, first, 1, 5*mebibyte)
					close(half)
					roundTrip(t, first, 2, 5*mebibyte)
				})
				<-half
				mustRefuse(t, s, "SSH")
				here, there := net.Pipe()
				if err := s.Attach(t.Context(), "SSH", there); err != ErrBusyPeer {
					t.Errorf("Attach = %v, want ErrBusyPeer", err)
				}
				here.Close()
				group.Wait()
				if err := first.CloseWrite(); err != nil {
					t.Fatal(err)
				}
				first.Close()
			}
			status := s.Status()
			if status.Services[0].Refused != 4 || status.Services[0].Total != 2 {
				t.Errorf("counters: %+v", status.Services[0])
			}
			want := c.source
			if want == Auto {
				want = c.destination
			}
			if status.Peer != want {
				t.Errorf("peer = %v, want %v", status.Peer, want)
			}
		})
	}
}

func TestSecondConnectionIsNotStartedBeforeThePeerHasAnswered(t *testing.T) {
	for _, c := range []struct {
		source, destination Version
		shares              bool
	}{{Auto, V1, false}, {Auto, V2, false}, {Auto, V3, false}, {V3, V3, true}} {
		t.Run(fmt.Sprintf("source %v destination %v", c.source, c.destination), func(t *testing.T) {
			r := newRelay(t, "HTTP")
			r.destination(c.destination, map[string]string{"HTTP": application(t, echo)})
			quick := standardTiming()
			quick.learn = 10 * time.Millisecond
			s := r.sourceOf(c.source, quick, "HTTP")
			first := dial(t, s, "HTTP") // Its client speaks first, and has not yet.
			eventually(t, "the first connection has begun", func() bool { return s.Status().Services[0].Live == 1 })
			if c.shares {
				roundTrip(t, dial(t, s, "HTTP"), 1, 1000)
			} else {
				mustRefuse(t, s, "HTTP")
				here, there := net.Pipe()
				if err := s.Attach(t.Context(), "HTTP", there); err != ErrBusyPeer {
					t.Errorf("Attach = %v, want ErrBusyPeer", err)
				}
				here.Close()
			}
			roundTrip(t, first, 2, 100000)
			for _, m := range r.messages() {
				if m.Type == wire.ConnectionStart && !c.shares {
					t.Error("a connection was started at a peer that may not know the message")
				}
			}
			if c.destination == V3 {
				roundTrip(t, dial(t, s, "HTTP"), 3, 1000)
			}
		})
	}
}

func TestTransferFromAnOldPeerEndsCleanlyAfterTheLastByte(t *testing.T) {
	const size = 2 * mebibyte
	const request = "GET"
	for _, c := range []struct{ source, destination Version }{{Auto, V1}, {Auto, V2}, {V1, V1}, {V2, V2}} {
		for _, clientFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("source %v destination %v, client first: %v", c.source, c.destination, clientFirst), func(t *testing.T) {
				r := newRelay(t, "HTTP")
				r.destination(c.destination, map[string]string{"HTTP": application(t, func(conn net.Conn) {
					if clientFirst {
						got := make([]byte, len(request))
						if _, err := io.ReadFull(conn, got); err != nil || string(got) != request {
							t.Errorf("request %q, %v", got, err)
						}
					}
					_, _ = io.Copy(conn, noise(1, size))
				})})
				s := r.sourceOf(c.source, standardTiming(), "HTTP")
				for range 2 { // The place is free again after the first.
					conn := dial(t, s, "HTTP")
					if clientFirst {
						if _, err := io.WriteString(conn, request); err != nil {
							t.Fatal(err)
						}
					}
					got, n := digest(t, conn) // An end that is not clean fails it.
					if want, _ := digest(t, noise(1, size)); got != want {
						t.Errorf("%d bytes of %d, or not the same", n, size)
					}
					conn.Close()
				}
			})
		}
	}
}
