package tunnelconn

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// application serves each connection with serve, as a device's program would, and gives its address.
func application(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, serve)
	return listener.Addr().String()
}

func serveOn(t testing.TB, listener net.Listener, serve func(net.Conn)) {
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				time.Sleep(5 * time.Millisecond) // There are no descriptors just now.
				continue
			}
			group.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	// Registered before the proxies are, so that it runs after they have closed what they dialled.
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
}

// echo gives back what it gets, to the end.
func echo(conn net.Conn) { _, _ = io.Copy(conn, conn) }

// refusing is an address that nobody listens on.
func refusing(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return listener.Addr().String()
}

// noise is reproducible bytes that do not compress and do not repeat.
func noise(seed uint64, size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}), size)
}

func digest(t testing.TB, r io.Reader) (sum [32]byte, size int64) {
	t.Helper()
	hash := sha256.New()
	size, err := io.Copy(hash, r)
	if err != nil {
		t.Errorf("after %d bytes: %v", size, err)
	}
	return [32]byte(hash.Sum(nil)), size
}

// dial connects to a source's listener for a service.
func dial(t testing.TB, s *Source, service string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addressOf(t, s, service))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// addressOf is where a source listens for a service.
func addressOf(t testing.TB, s *Source, service string) string {
	t.Helper()
	for _, status := range s.Status().Services {
		if status.Service == service && status.Address != "" {
			return status.Address
		}
	}
	t.Fatalf("no listener for %q", service)
	return ""
}

// mustRefuse checks that a local connection is turned away by a reset, which may come as early as in connect.
func mustRefuse(t testing.TB, s *Source, service string) {
	t.Helper()
	conn, err := net.Dial("tcp", addressOf(t, s, service))
	if err != nil {
		return
	}
	defer conn.Close()
	mustReset(t, conn)
}

// mustReset checks that a connection gives nothing more and ends by a reset, never cleanly.
func mustReset(t testing.TB, conn net.Conn) {
	t.Helper()
	if got, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) || len(got) > 0 {
		t.Errorf("%d bytes, then %v; want a reset", len(got), err)
	}
}

// roundTrip sends size bytes through an echo, and checks that the same come back.
func roundTrip(t testing.TB, conn net.Conn, seed uint64, size int64) {
	t.Helper()
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := io.Copy(conn, noise(seed, size)); err != nil {
			t.Errorf("send: %v", err)
		}
	})
	got, n := digest(t, io.LimitReader(conn, size))
	group.Wait()
	if want, _ := digest(t, noise(seed, size)); got != want || n != size {
		t.Errorf("%d of %d bytes came back, the same: %v", n, size, got == want)
	}
}

// anyConnection tells whether holds is true of any connection that runs.
func (p *proxy) anyConnection(holds func(*connection) bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if holds(c) {
			return true
		}
	}
	return false
}

func isResetError(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

// comparePrefix reads size bytes that have to be those of want, and tells why it got fewer.
func comparePrefix(conn, want io.Reader, size int64) error {
	got, expected := make([]byte, 32<<10), make([]byte, 32<<10)
	for size > 0 {
		n, err := conn.Read(got[:min(int64(len(got)), size)])
		if _, short := io.ReadFull(want, expected[:n]); short != nil || !bytes.Equal(got[:n], expected[:n]) {
			return errors.New("other bytes than were sent")
		}
		size -= int64(n)
		if err != nil && size > 0 {
			return err
		}
	}
	return nil
}
