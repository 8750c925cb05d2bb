package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listen serves one connection of a session.
func listen(t *testing.T, paths Paths, id string, serve func(*net.UnixConn)) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(paths.Run, id), 0o700); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socketPath(paths.Run, id))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		serve(conn.(*net.UnixConn))
		_ = conn.Close()
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
}

func TestConnectKeepsReadingAfterItsInputEnded(t *testing.T) {
	paths, id := testPaths(t), newID()
	listen(t, paths, id, func(conn *net.UnixConn) {
		all, _ := io.ReadAll(conn) // returns only when the end of input was passed on
		_, _ = conn.Write(append([]byte("got "), all...))
	})
	var out bytes.Buffer
	if err := Connect(t.Context(), paths, id, strings.NewReader("hello"), &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != "got hello" {
		t.Errorf("got %q", out.String())
	}
}

func TestConnectEndsWithTheSessionAlthoughItsInputIsOpen(t *testing.T) {
	paths, id := testPaths(t), newID()
	listen(t, paths, id, func(conn *net.UnixConn) { _, _ = conn.Write([]byte("bye")) })
	in, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	var out bytes.Buffer
	if err := Connect(t.Context(), paths, id, in, &out); err != nil || out.String() != "bye" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestConnectEndsWithItsContext(t *testing.T) {
	paths, id := testPaths(t), newID()
	ctx, cancel := context.WithCancel(t.Context())
	listen(t, paths, id, func(conn *net.UnixConn) {
		cancel()
		_, _ = io.Copy(io.Discard, conn)
	})
	in, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	if err := Connect(ctx, paths, id, in, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestConnectSaysWhatToDo(t *testing.T) {
	paths := testPaths(t)
	abandoned := newID()
	listen(t, paths, abandoned, func(*net.UnixConn) {})
	if err := os.Remove(socketPath(paths.Run, abandoned)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{newID(), abandoned} {
		if err := Connect(t.Context(), paths, id, strings.NewReader(""), io.Discard); err == nil || !strings.Contains(err.Error(), "Start the shell again from adit") ||
			strings.HasPrefix(err.Error(), "adit") {
			t.Errorf("error %v", err)
		}
	}
	for _, id := range []string{"", "../../etc/passwd", "0123456789ABCDEF", newID() + "/x"} {
		if err := Connect(t.Context(), paths, id, strings.NewReader(""), io.Discard); err == nil || !strings.Contains(err.Error(), "no session's id") {
			t.Errorf("id %q: %v", id, err)
		}
	}
}

func TestGateRefusesAPathThatIsTooLong(t *testing.T) {
	long := "/tmp/" + strings.Repeat("x", 100) + "/s"
	if _, err := openGate(t.Context(), long, nil, "", nil); err == nil || !strings.Contains(err.Error(), "ADIT_RUN_DIR") {
		t.Errorf("error %v", err)
	}
}
