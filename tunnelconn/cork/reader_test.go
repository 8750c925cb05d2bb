package cork

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestReaderReadsLikeTheConnection(t *testing.T) {
	near, far := sockets(t)
	r := NewReader(near)
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("no room: %d, %v", n, err)
	}
	read := make(chan string)
	go func() {
		all, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		read <- string(all)
	}()
	for _, part := range []string{"one ", "two"} {
		if _, err := io.WriteString(far, part); err != nil {
			t.Fatal(err)
		}
	}
	far.Close()
	if got := <-read; got != "one two" {
		t.Errorf("%q", got)
	}
}

func TestReaderKeepsDeadlinesAndNoticesTheEnd(t *testing.T) {
	near, _ := sockets(t)
	r, room := NewReader(near), make([]byte, 1)
	if err := near.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(room); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	if err := near.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := r.Read(room)
		ended <- err
	}()
	near.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed meanwhile: %v", err)
	}
}

func TestReaderTellsOfALostConnection(t *testing.T) {
	near, far := sockets(t)
	if err := far.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	far.Close()
	if n, err := NewReader(near).Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("%d bytes of a reset connection, %v", n, err)
	}
}

func TestTryReadNeverWaits(t *testing.T) {
	if !canTry {
		t.Skip("this system cannot")
	}
	near, far := sockets(t)
	r, room := NewReader(near), make([]byte, 8)
	if n, err := r.TryRead(room); n != 0 || err != nil {
		t.Errorf("nothing is there: %d, %v", n, err)
	}
	if _, err := io.WriteString(far, "here"); err != nil {
		t.Fatal(err)
	}
	n, err := r.TryRead(room)
	for deadline := time.Now().Add(10 * time.Second); n == 0 && err == nil && time.Now().Before(deadline); n, err = r.TryRead(room) {
		runtime.Gosched()
	}
	if string(room[:n]) != "here" || err != nil {
		t.Errorf("%q, %v", room[:n], err)
	}
}
