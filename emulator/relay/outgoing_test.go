package relay

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"adit/emulator/tunnels"
)

func testConfig() tunnels.Config {
	return tunnels.Config{
		Now:    time.Now,
		After:  func(time.Duration, func()) func() bool { return func() bool { return true } },
		Notify: func(tunnels.Notification) {},
	}
}

func TestQueueIsDrainedInOrderUpToItsLastFrame(t *testing.T) {
	o := newOutgoing(new(buffers))
	o.add(ws.OpBinary, []byte("one"))
	o.add(ws.OpPong, nil)
	o.finish(ws.StatusNormalClosure, "bye")
	o.add(ws.OpBinary, []byte("too late"))
	var out bytes.Buffer
	if err := o.drain(&out); err != nil {
		t.Fatal(err)
	}
	if want := "\x82\x03one\x8a\x00\x88\x05\x03\xe8bye"; out.String() != want {
		t.Errorf("wrote %q, want %q", out.String(), want)
	}
}

func TestQueueUsesTheShortestLength(t *testing.T) {
	for n, header := range map[int]string{
		125: "\x82\x7d", 126: "\x82\x7e\x00\x7e", 65535: "\x82\x7e\xff\xff", 65536: "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
	} {
		o := newOutgoing(new(buffers))
		o.add(ws.OpBinary, make([]byte, n))
		if batch, _ := o.take(); !bytes.HasPrefix(batch.bytes, []byte(header)) || len(batch.bytes) != len(header)+n {
			t.Errorf("%d bytes begin with % x in %d", n, batch.bytes[:10], len(batch.bytes))
		}
	}
}

func TestFullQueueMakesEverybodyWaitUntilItIsTakenOrStopped(t *testing.T) {
	for name, free := range map[string]func(*outgoing){
		"taken":   func(o *outgoing) { o.take() },
		"stopped": func(o *outgoing) { o.stop() },
	} {
		o := newOutgoing(new(buffers))
		if o.wait() != nil {
			t.Error("an empty queue makes wait")
		}
		o.add(ws.OpBinary, make([]byte, queueLimit))
		first, second := o.wait(), o.wait()
		select {
		case <-first:
			t.Errorf("%s: a full queue has room", name)
		default:
		}
		free(o)
		<-first
		<-second
		if o.wait() != nil {
			t.Errorf("%s: there is room and yet one waits", name)
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestDrainEndsWithTheSocket(t *testing.T) {
	o := newOutgoing(new(buffers))
	o.add(ws.OpBinary, []byte("x"))
	if err := o.drain(brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("drain: %v", err)
	}
}

func TestIdleQueueKeepsNoBuffer(t *testing.T) {
	o := newOutgoing(new(buffers))
	o.add(ws.OpBinary, make([]byte, queueLimit))
	o.stop()
	if err := o.drain(new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if o.queue != nil {
		t.Errorf("kept %d bytes", cap(o.queue.bytes))
	}
}
