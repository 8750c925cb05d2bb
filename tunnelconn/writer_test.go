package tunnelconn

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"adit/tunnelconn/wire"
)

// readFrame reads one client frame, unmasked.
func readFrame(t testing.TB, r io.Reader) (ws.OpCode, string) {
	t.Helper()
	h, err := ws.ReadHeader(r)
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(r, payload); err != nil {
		t.Fatal(err)
	}
	if !h.Fin || !h.Masked {
		t.Errorf("a frame that is in fragments or not masked: %+v", h)
	}
	ws.Cipher(payload, h.Mask, 0)
	return h.OpCode, string(payload)
}

func TestWriterTakesTurnsAndPutsControlFirst(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	w := newWriter(near, newBuffers(), time.Minute, func() {})
	bulk, keys := w.outlet(), w.outlet()
	for i := range 3 {
		bulk.send(controlBuffer(fmt.Appendf(nil, "bulk %d", i)))
	}
	keys.send(controlBuffer([]byte("key")))
	w.leave([]*buffer{controlBuffer([]byte("last"))}, closeNormal)
	w.sendControl(controlBuffer([]byte("start")))
	w.sendPing()
	w.sendPing()
	w.sendPong([]byte("old"))
	w.sendPong([]byte("new"))
	finished := make(chan error, 1)
	go func() { finished <- w.run() }()
	var got []string
	for range 9 {
		op, text := readFrame(t, far)
		if op == ws.OpPing {
			if _, err := strconv.ParseInt(text, 10, 64); err != nil {
				t.Errorf("the ping says %q, which is no decimal number", text)
			}
			text = "number"
		}
		got = append(got, fmt.Sprintf("%x %q", op, text))
	}
	want := []string{
		`a "new"`, `9 "number"`, `2 "start"`, `2 "bulk 0"`, `2 "key"`, `2 "bulk 1"`, `2 "bulk 2"`, `2 "last"`, `8 "\x03\xe8"`,
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("frame %d is %s, want %s", i, got[i], want[i])
		}
	}
	if err := <-finished; err != nil {
		t.Error(err)
	}
}

func TestFullOutletHoldsItsConnectionUpAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		w := newWriter(near, newBuffers(), time.Hour, func() {})
		bulk, other := w.outlet(), w.outlet()
		const size = 64 << 10
		held := make(chan bool, 1)
		go func() {
			for range outletLimit / size {
				bulk.send(controlBuffer(make([]byte, size)))
			}
			held <- false
			held <- bulk.send(controlBuffer(make([]byte, size)))
		}()
		<-held
		synctest.Wait()
		if len(held) != 0 {
			t.Error("an outlet takes more than its limit")
		}
		if !other.send(controlBuffer([]byte("key"))) {
			t.Error("another outlet is held up")
		}
		finished := make(chan error, 1)
		go func() { finished <- w.run() }()
		if _, text := readFrame(t, far); text != "key" {
			t.Error("a keystroke waits behind a transfer")
		}
		readFrame(t, far)
		if op, _ := readFrame(t, far); op != ws.OpPing {
			t.Error("no ping goes along with the transfer")
		}
		synctest.Wait()
		if len(held) != 1 || !<-held {
			t.Error("room did not let the connection go on")
		}
		bulk.drop()
		<-bulk.drained
		w.stop()
		near.Close()
		far.Close()
		<-finished
	})
}

func TestOutletIsDrainedOnlyWhenItsLastFrameIsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		w := newWriter(near, newBuffers(), time.Hour, func() {})
		o := w.outlet()
		o.send(controlBuffer([]byte("data")))
		o.finish(controlBuffer([]byte("end")))
		if o.send(controlBuffer([]byte("late"))) {
			t.Error("a finished outlet takes more")
		}
		finished := make(chan error, 1)
		go func() { finished <- w.run() }()
		readFrame(t, far)
		synctest.Wait()
		select {
		case <-o.drained:
			t.Error("drained before the last frame")
		default:
		}
		if _, text := readFrame(t, far); text != "end" {
			t.Errorf("the last frame is %q", text)
		}
		<-o.drained
		w.stop()
		if err := <-finished; err != nil {
			t.Error(err)
		}
		near.Close()
		far.Close()
	})
}

// whileWritten does something in the middle of a Write.
type whileWritten struct {
	net.Conn
	do func()
}

func (c whileWritten) Write(p []byte) (int, error) {
	c.do()
	return c.Conn.Write(p)
}

func TestStoppedWriterGivesTheRoomBackOfAFrameThatIsNotOutYet(t *testing.T) {
	for name, stop := range map[string]func(w *writer, o *outlet){
		"before its own goroutine goes on with it": func(w *writer, o *outlet) {
			w.mu.Lock()
			defer w.mu.Unlock()
			o.enqueue(controlBuffer([]byte("data")))
			w.advance()
			w.stopped = true
		},
		"while somebody else writes it": func(w *writer, o *outlet) {
			w.conn = whileWritten{w.conn, func() {
				w.stop()
				<-w.done
			}}
			o.send(controlBuffer([]byte("data")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer far.Close()
				defer near.Close()
				w := newWriter(near, newBuffers(), time.Hour, func() {})
				o := w.outlet()
				finished := make(chan error, 1)
				go func() { finished <- w.run() }()
				synctest.Wait() // From now on whoever sends also writes.
				stop(w, o)
				if err := <-finished; err != nil {
					t.Error(err)
				}
				o.drop()
				if _, open := <-o.drained; open || o.pending() != 0 {
					t.Errorf("%d bytes are still on their way", o.pending())
				}
			})
		})
	}
}

func TestInboxHandsOverWhatWasPushedAndBlocksAtItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox(newBuffers(), &budget{process: NewShared()})
		want := new(bytes.Buffer)
		pushed := make(chan bool)
		go func() {
			for i := 0; want.Len() < 3*inboxLimit; i++ {
				p := bytes.Repeat([]byte{byte(i)}, i*37%wire.MaxPayload+1)
				want.Write(p)
				in.push(p, time.Hour, func() bool { return true })
			}
			close(pushed)
		}()
		synctest.Wait()
		if size := in.pending(); size > inboxLimit || size < inboxLimit-wire.MaxPayload {
			t.Errorf("%d bytes wait, want the limit of %d at most and about that", size, inboxLimit)
		}
		var got bytes.Buffer
		ended := make(chan bool)
		local, far := net.Pipe()
		defer local.Close()
		defer far.Close()
		in.attach(local, func() {
			b, over := in.next()
			for ; b != nil; b, over = in.next() {
				got.Write(b.bytes())
				in.done(b)
			}
			if over {
				close(ended)
			}
		})
		<-pushed
		if !in.end() {
			<-ended
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) || in.pending() != 0 {
			t.Errorf("%d of %d bytes came, or others", got.Len(), want.Len())
		}
	})
}

func TestAbortedInboxLetsEveryoneGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox(newBuffers(), &budget{process: NewShared()})
		pushed := make(chan bool, 1)
		go func() {
			for range inboxLimit/wire.MaxPayload + 1 {
				in.push(make([]byte, wire.MaxPayload), time.Hour, func() bool { return true })
			}
			pushed <- true
		}()
		synctest.Wait()
		in.abort()
		<-pushed
		if b, over := in.next(); b != nil || over {
			t.Error("an aborted inbox gives data")
		}
	})
}

func TestBackoffDoublesWithinItsBoundsAndStartsAnew(t *testing.T) {
	var spans []time.Duration
	b := backoff{random: func(n int64) int64 {
		spans = append(spans, time.Duration(n-1))
		return n - 1
	}}
	for range 100 {
		if b.next() > maxBackoff {
			t.Fatal("longer than the bound")
		}
	}
	if spans[0] != firstBackoff || spans[1] != 2*firstBackoff || spans[99] != maxBackoff {
		t.Errorf("spans %v …, %v", spans[:3], spans[99])
	}
	b.reset()
	if got := b.next(); got != firstBackoff {
		t.Errorf("after a reset %v", got)
	}
}

func FuzzIncoming(f *testing.F) {
	f.Add(ws.MustCompileFrame(ws.NewBinaryFrame([]byte{0, 2, 8, 5})))
	f.Add(ws.MustCompileFrame(ws.NewPingFrame([]byte("x"))))
	f.Add(ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "bye"))))
	f.Add([]byte{0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		l := &liveness{begun: time.Now()}
		in := newIncoming(l.listen(bytes.NewReader(stream)), func([]byte) {}, func([]byte) {})
		got, err := io.ReadAll(in)
		if err == nil || len(got) > len(stream) {
			t.Errorf("%d bytes out of %d, and %v: a WebSocket has no clean end but a close frame", len(got), len(stream), err)
		}
	})
}
