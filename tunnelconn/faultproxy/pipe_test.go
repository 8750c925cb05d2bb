package faultproxy

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"golang.org/x/net/nettest"
)

func TestPipeIsANetConn(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		a, b := Pipe(4 << 10)
		return a, b, func() {
			_ = a.Close()
			_ = b.Close()
		}, nil
	})
}

func TestPipeEndsAsTCPDoes(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(a, b *Conn)
		want error // what b reads in the end
	}{
		"half closed":          {func(a, _ *Conn) { _ = a.CloseWrite() }, nil},
		"closed":               {func(a, _ *Conn) { _ = a.Close() }, nil},
		"closed with linger 0": {func(a, _ *Conn) { reset(a) }, syscall.ECONNRESET},
		"closed with bytes unread": {func(a, b *Conn) {
			_, _ = b.Write([]byte("never read"))
			_ = a.Close()
		}, syscall.ECONNRESET},
		"bytes for nobody": {func(a, b *Conn) {
			_ = a.Close()
			_, _ = b.Write([]byte("hello?"))
		}, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := Pipe(100)
			defer b.Close()
			if _, err := a.Write([]byte("before")); err != nil {
				t.Fatal(err)
			}
			c.end(a, b)
			got, err := io.ReadAll(b)
			if string(got) != "before" || !errors.Is(err, c.want) {
				t.Errorf("%q, then %v; want what was sent before, then %v", got, err, c.want)
			}
			if n, end := b.Waiting(); n != 0 || end == nil {
				t.Errorf("%d bytes wait, and the end is %v", n, end)
			}
		})
	}
}

func TestHalfClosedPipeCarriesTheOtherDirection(t *testing.T) {
	a, b := Pipe(100)
	defer a.Close()
	defer b.Close()
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("a write after the end of writing: %v", err)
	}
	if _, err := b.Write([]byte("answer")); err != nil {
		t.Error(err)
	}
	if err := b.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(a); string(got) != "answer" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
