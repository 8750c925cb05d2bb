package faultproxy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// through runs a test with both ends of a connection through a proxy, in a bubble with a clock of its own.
func through(t *testing.T, test func(t *testing.T, p *Proxy, client, service net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := Listen()
		p := New(1, func(ctx context.Context) (net.Conn, error) { return listener.Dial(ctx, "", "") })
		client, err := p.Dial(t.Context(), "tcp", "anywhere")
		if err != nil {
			t.Fatal(err)
		}
		service, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		test(t, p, client, service)
		_ = client.Close()
		_ = service.Close()
		p.Close()
		_ = listener.Close()
	})
}

// arrives reads so many bytes, and gives how long they took.
func arrives(t *testing.T, conn net.Conn, n int) (took time.Duration, got []byte) {
	t.Helper()
	begun := time.Now()
	got = make([]byte, n)
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	return time.Since(begun), got
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func TestLatencyDelaysAndKeepsTheOrder(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{Latency: 40 * time.Millisecond, Jitter: 10 * time.Millisecond})
		for range 20 {
			send(t, client, "0123456789")
		}
		took, got := arrives(t, service, 200)
		if !bytes.Equal(got, bytes.Repeat([]byte("0123456789"), 20)) {
			t.Errorf("out of order: %q", got)
		}
		if took < 40*time.Millisecond || took > 50*time.Millisecond {
			t.Errorf("took %v", took)
		}
		send(t, service, "back")
		if took, _ := arrives(t, client, 4); took != 0 {
			t.Errorf("the other direction took %v", took)
		}
	})
}

func TestRateBoundsTheBytesASecondAndHoldsTheSenderUp(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{Rate: 100e3})
		sent := make(chan time.Duration, 1)
		begun := time.Now()
		go func() {
			_, _ = client.Write(make([]byte, 1e6))
			sent <- time.Since(begun)
		}()
		if took, _ := arrives(t, service, 1e6); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("a megabyte took %v", took)
		}
		if held := <-sent; held < 8*time.Second {
			t.Errorf("the sender was done after %v", held)
		}
	})
}

func TestSplitCutsUpWhatIsHandedOn(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{Split: 3})
		send(t, client, "0123456789")
		if _, got := arrives(t, service, 10); string(got) != "0123456789" {
			t.Errorf("got %q", got)
		}
	})
	pieces := &counting{}
	a := &lane{link: &link{proxy: New(1, nil)}, to: pieces}
	a.link.proxy.Set(Up, Faults{Split: 3})
	if err := a.send(piece{bytes: []byte("0123456789")}); err != nil || pieces.n != 4 {
		t.Errorf("%d pieces, %v; want 4", pieces.n, err)
	}
}

type counting struct {
	net.Conn
	n int
}

func (c *counting) Write(p []byte) (int, error) {
	c.n++
	return len(p), nil
}

func TestBlackHoleOfOneDirectionLeavesTheOther(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{Flow: Swallow})
		for range 100 { // More than any buffer: the sender sees nothing of it.
			send(t, client, string(make([]byte, 64<<10)))
		}
		send(t, service, "back")
		arrives(t, client, 4)
		_ = client.Close()
		time.Sleep(time.Hour)
		if n, end := service.(*Conn).Waiting(); n != 0 || end != nil {
			t.Errorf("%d bytes and the end %v came through a black hole", n, end)
		}
	})
}

func TestWhatIsHeldComesLaterAndWhole(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{Flow: Hold})
		send(t, client, "late")
		time.Sleep(time.Minute)
		if n, _ := service.(*Conn).Waiting(); n != 0 {
			t.Errorf("%d bytes came", n)
		}
		p.Set(Up, Faults{})
		if _, got := arrives(t, service, 4); string(got) != "late" {
			t.Errorf("got %q", got)
		}
	})
}

func TestHalfOpenKeepsAnEndToItself(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{HalfOpen: true})
		send(t, client, "last words")
		reset(client)
		arrives(t, service, 10)
		time.Sleep(time.Hour)
		if _, end := service.(*Conn).Waiting(); end != nil {
			t.Errorf("the service was told: %v", end)
		}
	})
}

func TestEndsAreHandedOnAsTheyWere(t *testing.T) {
	through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
		p.Set(Up, Faults{SlowClose: time.Second})
		_ = client.(*Conn).CloseWrite()
		begun := time.Now()
		if _, err := service.Read(make([]byte, 1)); err != io.EOF || time.Since(begun) != time.Second {
			t.Errorf("the end came as %v after %v", err, time.Since(begun))
		}
		send(t, service, "still there")
		arrives(t, client, 11)
		reset(service)
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a reset came as %v", err)
		}
	})
}

func TestCutComesBehindItsByteAndOnce(t *testing.T) {
	for _, how := range []End{Reset, Close} {
		through(t, func(t *testing.T, p *Proxy, client, service net.Conn) {
			p.CutAfter(Up, 7, how)
			send(t, client, "01234")
			send(t, client, "56789")
			got, err := io.ReadAll(service)
			if string(got) != "0123456" || errors.Is(err, syscall.ECONNRESET) != (how == Reset) {
				t.Errorf("%q, then %v", got, err)
			}
			if _, due, cut := p.spend(Up, 100); cut {
				t.Errorf("it is cut a second time, by %v", due)
			}
		})
	}
}

func TestProxyBreaksRealSockets(t *testing.T) {
	backend, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := backend.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			})
		}
	})
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := New(1, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", backend.Addr().String())
	})
	p.Serve(front)
	defer group.Wait()
	defer backend.Close()
	defer p.Close()
	for _, how := range []End{Reset, Close} {
		conn, err := net.Dial("tcp", front.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		send(t, conn, "echo")
		arrives(t, conn, 4)
		p.CutNow(how)
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, syscall.ECONNRESET) != (how == Reset) {
			t.Errorf("cut by %v, and the client read %v", how, err)
		}
		_ = conn.Close()
	}
	if p.Dialled() != 2 {
		t.Errorf("%d connections were counted", p.Dialled())
	}
}

func TestHandlersAnswerInTheServicesPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(1, nil)
		defer p.Close()
		ask := func(h Handler) (*http.Response, error) {
			p.Instead(h)
			conn, err := p.Dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			send(t, conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
			return http.ReadResponse(bufio.NewReader(conn), nil)
		}
		answer, err := ask(HTTP(407, http.Header{"Proxy-Authenticate": {"Basic"}}, "who are you"))
		if err != nil || answer.StatusCode != 407 || answer.Header.Get("Proxy-Authenticate") != "Basic" {
			t.Errorf("answer %+v, %v", answer, err)
		}
		begun := time.Now()
		const text = "HTTP/1.1 204 No Content\r\n\r\n"
		if answer, err := ask(Raw(text, 1, time.Second)); err != nil || answer.StatusCode != 204 || time.Since(begun) < time.Duration(len(text)-1)*time.Second {
			t.Errorf("answer %+v, %v, after %v", answer, err, time.Since(begun))
		}
		if _, err := ask(Garbage); err == nil {
			t.Error("garbage reads as HTTP")
		}
		if _, err := ask(Silent); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("silence is an answer")
		}
		if _, err := ask(TLS(&tls.Config{}, Silent)); err == nil {
			t.Error("TLS reads as HTTP")
		}
	})
}
