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
	"sync"
	"testing"

	"adit/tunnelconn"
)

// ending is a source whose connections say hello and then end in order, or by a reset as a running one resets them.
type ending struct {
	source
	cut bool
}

func (e ending) Attach(_ context.Context, _ string, local net.Conn) error {
	defer func() { _ = local.Close() }()
	if _, err := local.Write([]byte("hello")); err != nil {
		return err
	}
	if !e.cut {
		return nil
	}
	if lingering, ok := local.(interface{ SetLinger(int) error }); ok {
		_ = lingering.SetLinger(0)
	}
	return tunnelconn.ErrCut
}

func TestConnectTellsACutFromAnEnd(t *testing.T) {
	for name, probed := range map[string]bool{"a connection of its own": false, "the connection that was probed": true} {
		t.Run(name, func(t *testing.T) {
			paths := testPaths(t)
			var work sync.WaitGroup
			defer work.Wait()
			for _, cut := range []bool{true, false} {
				id := newID()
				if err := os.Mkdir(filepath.Join(paths.Run, id), 0o700); err != nil {
					t.Fatal(err)
				}
				src := ending{cut: cut}
				var first *probe
				if probed {
					near, far := newDuplex()
					held, stop := context.WithCancel(t.Context())
					first = &probe{near: near, stop: stop, ended: make(chan struct{})}
					work.Go(func() {
						defer close(first.ended)
						// The probe is over once it is read; the gate claims it while it is attached.
						first.err = src.Attach(held, "", far)
					})
				}
				g, err := openGate(t.Context(), socketPath(paths.Run, id), func() (source, bool) { return src, true }, "", first)
				if err != nil {
					t.Fatal(err)
				}
				in, hold := io.Pipe()
				var out bytes.Buffer
				err = Connect(t.Context(), paths, id, in, &out)
				_ = hold.Close()
				if out.String() != "hello" || (err != nil) != cut || cut && !strings.Contains(err.Error(), "was cut") {
					t.Errorf("cut %v: got %q and error %v", cut, out.String(), err)
				}
				g.close()
				if last := g.lastError(); cut && !errors.Is(last, tunnelconn.ErrCut) {
					t.Errorf("the gate says %v", last)
				}
			}
		})
	}
}

func TestCutOfAnEarlierConnectionIsNotToldOfTheNext(t *testing.T) {
	paths, id := testPaths(t), newID()
	if err := os.Mkdir(filepath.Join(paths.Run, id), 0o700); err != nil {
		t.Fatal(err)
	}
	cuts := make(chan bool, 2)
	cuts <- true
	cuts <- false
	next := func() (source, bool) { return ending{cut: <-cuts}, true }
	g, err := openGate(t.Context(), socketPath(paths.Run, id), next, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	for _, want := range []bool{true, false} {
		if err := Connect(t.Context(), paths, id, strings.NewReader(""), io.Discard); (err != nil) != want {
			t.Errorf("error %v, want one: %v", err, want)
		}
	}
}
