package cork

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// sockets are the two ends of a connection.
func sockets(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return near, far
}

// counted counts the writes that reach a connection in the usual way.
type counted struct {
	net.Conn
	writes int
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes++
	return c.Conn.Write(p)
}

func TestWhatIsCorkedGoesOutAtOnce(t *testing.T) {
	near, far := sockets(t)
	below := &counted{Conn: near}
	c := New(below)
	c.Cork()
	for _, part := range []string{"one ", "two ", "three"} {
		if _, err := io.WriteString(c, part); err != nil {
			t.Fatal(err)
		}
	}
	if below.writes != 0 {
		t.Fatalf("%d writes before the flush", below.writes)
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "!"); err != nil || below.writes != 2 {
		t.Errorf("%d writes in all, %v", below.writes, err)
	}
	room := make([]byte, len("one two three!"))
	if _, err := io.ReadFull(far, room); err != nil || string(room) != "one two three!" {
		t.Errorf("%q arrived, %v", room, err)
	}
}

func TestTryFlushNeverWaitsAndLosesNothing(t *testing.T) {
	near, far := sockets(t)
	c := New(near)
	var sent bytes.Buffer
	block := make([]byte, 64<<10)
	left := false
	for i := 0; !left && i < 1000; i++ {
		for j := range block {
			block[j] = byte(i + j)
		}
		sent.Write(block)
		c.Cork()
		if _, err := c.Write(block); err != nil {
			t.Fatal(err)
		}
		var err error
		if left, err = c.TryFlush(); err != nil {
			t.Fatal(err)
		}
	}
	if !left {
		t.Fatal("the kernel took everything, though nobody reads")
	}
	flushed := make(chan error, 1)
	go func() {
		err := c.Flush()
		if err == nil {
			_, err = io.WriteString(c, "the end")
		}
		near.Close()
		flushed <- err
	}()
	sent.WriteString("the end")
	got, err := io.ReadAll(far)
	if err != nil || !bytes.Equal(got, sent.Bytes()) {
		t.Errorf("%d of %d bytes arrived in order, %v", len(got), sent.Len(), err)
	}
	if err := <-flushed; err != nil {
		t.Error(err)
	}
}

func TestWhatIsWrittenBehindLeftoversStaysBehindThem(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	c := New(near) // A pipe has no socket, so that TryFlush takes nothing.
	c.Cork()
	if _, err := io.WriteString(c, "first "); err != nil {
		t.Fatal(err)
	}
	if left, err := c.TryFlush(); !left || err != nil {
		t.Fatalf("left %v, %v", left, err)
	}
	go func() {
		_, _ = io.WriteString(c, "second")
		near.Close()
	}()
	if got, err := io.ReadAll(far); string(got) != "first second" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTryWriteTellsOfALostConnection(t *testing.T) {
	if !canTry {
		t.Skip("this system cannot")
	}
	near, far := sockets(t)
	if err := far.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	far.Close()
	s := Of(near)
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, err := s.TryWrite([]byte("x"))
		if err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a reset connection takes everything")
		}
		runtime.Gosched()
	}
	near.Close()
	if _, err := s.TryWrite([]byte("x")); err == nil {
		t.Error("a closed connection takes everything")
	}
}

func TestTryWriteAllocatesNothing(t *testing.T) {
	near, far := sockets(t)
	go func() { _, _ = io.Copy(io.Discard, far) }()
	s, key := Of(near), []byte("x")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := s.TryWrite(key); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a write", n)
	}
}
