package relay

import (
	"io"
	"net"
	"testing"

	"github.com/gobwas/ws"

	"adit/tunnelconn/cork"
)

// socket is an outgoing queue that leads straight to a socket, and the socket's other end.
func socket(t *testing.T) (o *outgoing, direct *straight, near, far net.Conn) {
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
	network := cork.New(near)
	o, direct = newOutgoing(new(buffers)), &straight{network, network}
	o.open(direct)
	return o, direct, near, far
}

func TestHurryWritesWithNobodyElse(t *testing.T) {
	o, _, _, far := socket(t)
	o.post(ws.OpBinary, []byte("one"))
	o.hurry()
	room := make([]byte, len("\x82\x03one"))
	if _, err := io.ReadFull(far, room); err != nil || string(room) != "\x82\x03one" {
		t.Errorf("%q, %v", room, err)
	}
}

func TestDrainGoesOnWithWhatHurryLeft(t *testing.T) {
	o, direct, near, far := socket(t)
	payload := make([]byte, 60000)
	frames := 0
	for o.wait() == nil && frames < 1000 { // Nobody reads, so the system has no room any more after a while.
		payload[0] = byte(frames)
		o.post(ws.OpBinary, payload)
		o.hurry()
		frames++
	}
	if !o.left {
		t.Fatalf("the system took %d frames, though nobody reads", frames)
	}
	drained := make(chan error, 1)
	go func() {
		err := o.drain(direct)
		near.Close()
		drained <- err
	}()
	o.stop()
	all, err := io.ReadAll(far)
	if err != nil {
		t.Fatal(err)
	}
	for i := range frames {
		if len(all) < 4+len(payload) || all[4] != byte(i) {
			t.Fatalf("frame %d of %d is not there", i, frames)
		}
		all = all[4+len(payload):]
	}
	if err := <-drained; err != nil || len(all) > 0 {
		t.Errorf("%d bytes too many, %v", len(all), err)
	}
}

func TestHurryTellsDrainOfALostConnection(t *testing.T) {
	o, direct, near, _ := socket(t)
	near.Close()
	o.post(ws.OpBinary, []byte("one"))
	o.hurry()
	if err := o.drain(direct); err == nil {
		t.Error("the connection is closed, and drain ended in order")
	}
}
