package tunnelconn

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recorded is a connection that keeps what each Write brings.
type recorded struct {
	net.Conn
	writes []string
}

func (r *recorded) Write(p []byte) (int, error) {
	r.writes = append(r.writes, string(p))
	return len(p), nil
}

func (r *recorded) SetWriteDeadline(time.Time) error { return nil }

func TestControlMessageThatWasPostedSharesTheWriteOfWhatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &recorded{}
		w := newWriter(to, newBuffers(), time.Minute, func() {})
		finished := make(chan error, 1)
		go func() { finished <- w.run() }()
		synctest.Wait() // From now on whoever sends also writes.
		o := w.outlet()
		w.postControl(controlBuffer([]byte("start")))
		synctest.Wait()
		if len(to.writes) != 0 {
			t.Errorf("it did not wait: %d writes", len(to.writes))
		}
		o.send(controlBuffer([]byte("data")))
		synctest.Wait()
		w.postControl(controlBuffer([]byte("alone")))
		o.hurry()
		synctest.Wait()
		w.stop()
		if err := <-finished; err != nil {
			t.Error(err)
		}
		if len(to.writes) != 2 {
			t.Fatalf("%d writes, want two", len(to.writes))
		}
		first := strings.NewReader(to.writes[0])
		for _, want := range []string{"start", "data"} {
			if _, text := readFrame(t, first); text != want {
				t.Errorf("%q comes instead of %q", text, want)
			}
		}
		if _, text := readFrame(t, strings.NewReader(to.writes[1])); text != "alone" || first.Len() > 0 {
			t.Errorf("%q comes last", text)
		}
	})
}

func TestClientThatSaysNothingIsAnnouncedAtOnce(t *testing.T) {
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "hello")
		_, _ = io.Copy(io.Discard, conn)
	})})
	s := r.source("SSH")
	for range 3 { // The first begins a stream, the others are further connections of it.
		conn := dial(t, s, "SSH")
		if _, err := io.ReadFull(conn, make([]byte, len("hello"))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClientThatComesAndGoesIsSeenByTheApplication(t *testing.T) {
	ended := make(chan int64, 3)
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte{1})
		n, _ := io.Copy(io.Discard, conn)
		ended <- n
	})})
	quick := standardTiming()
	quick.lingerIdle = 20 * time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	// The shape of the peer is known after this one, so that the others share its stream.
	first := dial(t, s, "SSH")
	if _, err := io.ReadFull(first, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		dial(t, s, "SSH").Close()
	}
	first.Close()
	for range 3 {
		if n := <-ended; n != 0 {
			t.Errorf("the application got %d bytes of a client that said nothing", n)
		}
	}
}

func TestShortMessageIsNoPartOfTheRecordOfALongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter(&recorded{}, newBuffers(), time.Minute, func() {})
		records := &recorded{Conn: w.conn}
		w.conn = records
		finished := make(chan error, 1)
		go func() { finished <- w.run() }()
		synctest.Wait() // From now on whoever sends also writes.
		w.postControl(controlBuffer([]byte("start")))
		w.outlet().send(controlBuffer(make([]byte, minMessage)))
		synctest.Wait()
		w.stop()
		if err := <-finished; err != nil {
			t.Error(err)
		}
		if len(records.writes) != 2 || len(records.writes[0]) >= minMessage {
			t.Errorf("%d records", len(records.writes))
		}
	})
}
