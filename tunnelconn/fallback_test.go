package tunnelconn

import (
	"bytes"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/wire"
)

const banner = "SSH-2.0-device\r\n"

// greeter speaks first, as the servers of SSH and VNC do, and then gives back what it gets.
func greeter(conn net.Conn) {
	_, _ = io.WriteString(conn, banner)
	echo(conn)
}

// device is the other end of a tunnel as the messages show it: it answers what a source sends as its kind does.
type device struct {
	*memoryRelay
	answer func(d *device, m wire.Message)

	mu   sync.Mutex
	got  []wire.Message
	data bytes.Buffer
	// shapes are the shapes of the streams started so far, by the number of the source's session.
	shapes map[int]Version
}

func newDevice(t *testing.T, answer func(*device, wire.Message), services ...string) *device {
	t.Helper()
	d := &device{memoryRelay: newMemoryRelay(t, services...), answer: answer, shapes: make(map[int]Version)}
	d.pass = func(from Role, m wire.Message) []wire.Message {
		if from == RoleDestination {
			return []wire.Message{m}
		}
		m.Payload = bytes.Clone(m.Payload)
		session := d.net[RoleSource].Dialled()
		d.mu.Lock()
		d.got = append(d.got, m)
		if shape := shapeOf(true, m.ServiceID, m.ConnectionID); m.Type == wire.StreamStart {
			if before := d.shapes[session]; before != Auto && before != shape && len(services) > 0 {
				t.Errorf("a stream of %v in a session that began with one of %v, which the guide forbids", shape, before)
			}
			d.shapes[session] = shape
		}
		d.data.Write(m.Payload)
		d.mu.Unlock()
		if d.answer == nil {
			return []wire.Message{m}
		}
		d.answer(d, m)
		return nil
	}
	return d
}

// say sends the source data, in the shape of a message.
func (d *device) say(like wire.Message, text string) {
	like.Type, like.Payload = wire.Data, []byte(text)
	d.send(RoleSource, like)
}

// started lists the streams and connections that were started and reset, in their shapes and without the data.
func (d *device) started() (kinds []wire.Type, shapes []Version) {
	synctest.Wait() // The last may be on its way.
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.got {
		if m.Type != wire.Data {
			kinds = append(kinds, m.Type)
			shapes = append(shapes, shapeOf(true, m.ServiceID, m.ConnectionID))
		}
	}
	return kinds, shapes
}

// received is all data that came, in order.
func (d *device) received() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.data.String()
}

// guessing is a source that knows nothing of its device.
func (d *device) guessing(fallBack time.Duration) *Source {
	d.t.Helper()
	s, err := StartSource(SourceConfig{Link: d.link(RoleSource), FallBack: fallBack})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { closeProxy(d.t, s) })
	stateIs(d.t, s, "connected", func(s Status) bool { return s.State == Connected })
	synctest.Wait()
	return s
}

// expect reads a text, and says how long after begun it was there.
func expect(t *testing.T, conn net.Conn, want string, begun time.Time) time.Duration {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
	return time.Since(begun)
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Error(err)
	}
}

func TestKnownShapeNeedsNoGuessAndV3IsNotDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, nil, "SSH")
		d.destination(Auto, standardTiming(), map[string]string{"SSH": d.application(greeter)})
		s := d.guessing(0)
		for range 2 {
			begun := time.Now()
			conn := attach(s, "SSH")
			send(t, conn, "SSH-2.0-client\r\n")
			if took := expect(t, conn, banner+"SSH-2.0-client\r\n", begun); took > 0 {
				t.Errorf("the answer came after %v, on a network that takes no time", took)
			}
			_ = conn.finish()
		}
		time.Sleep(time.Hour)
		if _, shapes := d.started(); slices.Contains(shapes, V1) || s.Status().Peer != V3 {
			t.Errorf("shapes %v, peer %v", shapes, s.Status().Peer)
		}
	})
}

func TestNothingOfTheClientIsSentBeforeTheDeviceHasSpoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, nil, "VNC")
		d.destination(Auto, standardTiming(), map[string]string{"VNC": d.application(func(conn net.Conn) {
			time.Sleep(12 * time.Second)
			greeter(conn)
		})})
		s := d.guessing(0)
		conn := attach(s, "VNC")
		want := ""
		for range 3000 { // pieces as of somebody who types
			send(t, conn, "abcdefgh")
			want += "abcdefgh"
		}
		time.Sleep(11 * time.Second)
		if got := d.received(); got != "" {
			t.Errorf("the device got %d bytes before it spoke", len(got))
		}
		if kept := s.Status().Services[0].Connections[0].Outgoing; kept != len(want) {
			t.Errorf("%d bytes wait, want %d", kept, len(want))
		}
		expect(t, conn, banner+want, time.Now())
		if got := d.received(); got != want {
			t.Errorf("the device got %d bytes, want %d", len(got), len(want))
		}
		_ = conn.finish()
	})
}

// v1Only ignores what is not of V1, as the Device Client does; over the first start of V1 it leaves the tunnel, comes back
// and goes on with that stream. resets: the service resets the source's stream when it does.
func v1Only(resets bool) func(*device, wire.Message) {
	left := false
	return func(d *device, m wire.Message) {
		switch {
		case m.ServiceID != "" || m.ConnectionID != 0:
		case m.Type == wire.StreamStart && !left:
			left = true
			time.Sleep(300 * time.Millisecond)
			if resets {
				d.send(RoleSource, wire.Message{Type: wire.StreamReset, StreamID: m.StreamID})
				return
			}
			d.say(m, banner)
		case m.Type == wire.StreamStart:
			d.say(m, banner)
		case m.Type == wire.Data:
			d.say(m, string(m.Payload))
		}
	}
}

func TestTrap02DeviceThatKnowsV1OnlyIsAskedInItAfterAWhile(t *testing.T) {
	for name, c := range map[string]struct {
		wait   time.Duration
		resets bool
	}{
		"after 15 s":                           {15 * time.Second, false},
		"after 5 s, as its owner says":         {5 * time.Second, false},
		"whose stream the service resets then": {5 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDevice(t, v1Only(c.resets), "SSH")
				given := c.wait
				if given == standardFallBack {
					given = 0
				}
				s := d.guessing(given)
				begun := time.Now()
				conn := attach(s, "SSH")
				send(t, conn, "SSH-2.0-client\r\n")
				took := expect(t, conn, banner+"SSH-2.0-client\r\n", begun)
				if took < c.wait || took > c.wait+time.Second {
					t.Errorf("the answer came after %v", took)
				}
				_ = conn.finish()
				kinds, shapes := d.started()
				wantKinds := []wire.Type{wire.StreamStart, wire.StreamReset, wire.StreamStart}
				wantShapes := []Version{V3, V3, V1}
				if c.resets {
					wantKinds = append(wantKinds, wire.StreamReset, wire.StreamStart)
					wantShapes = append(wantShapes, V1, V1)
				}
				wantKinds, wantShapes = append(wantKinds, wire.StreamReset), append(wantShapes, V1) // the connection's end
				if !slices.Equal(kinds, wantKinds) || !slices.Equal(shapes, wantShapes) {
					t.Errorf("the source sent %v in %v, want %v in %v", kinds, shapes, wantKinds, wantShapes)
				}
				if got := d.received(); got != "SSH-2.0-client\r\n" {
					t.Errorf("the device got %q, want everything once", got)
				}
				if s.Status().Peer != V1 {
					t.Errorf("peer %v, want V1", s.Status().Peer)
				}
				// What was learnt spares the next one the wait.
				begun = time.Now()
				conn = attach(s, "SSH")
				if took := expect(t, conn, banner, begun); took > 0 {
					t.Errorf("the second banner came after %v", took)
				}
				_ = conn.finish()
				if _, shapes := d.started(); slices.Contains(shapes[len(wantShapes):], V3) {
					t.Errorf("the source went back to V3: %v", shapes)
				}
			})
		})
	}
}

func TestDeviceThatAnswersV3InTheShapeOfV1IsLeftAtThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, func(d *device, m wire.Message) {
			like := wire.Message{StreamID: m.StreamID, ConnectionID: m.ConnectionID}
			switch m.Type {
			case wire.StreamStart:
				d.say(like, banner)
			case wire.Data:
				d.say(like, string(m.Payload))
			}
		}, "SSH")
		s := d.guessing(0)
		begun := time.Now()
		conn := attach(s, "SSH")
		send(t, conn, "hello")
		if took := expect(t, conn, banner+"hello", begun); took > 0 {
			t.Errorf("the answer came after %v", took)
		}
		time.Sleep(time.Minute)
		send(t, conn, "again")
		expect(t, conn, "again", begun)
		_ = conn.finish()
		if _, shapes := d.started(); slices.Contains(shapes, V1) || s.Status().Peer != V1 {
			t.Errorf("shapes %v, peer %v", shapes, s.Status().Peer)
		}
	})
}

func TestSilentV3ServerIsAskedInV1AndTheNextClientInV3Again(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, func(*device, wire.Message) {}, "SSH")
		s := d.guessing(0)
		for range 2 {
			conn := attach(s, "SSH")
			send(t, conn, "SSH-2.0-client\r\n")
			time.Sleep(time.Minute)
			if err := conn.finish(); err == nil {
				t.Error("a client without an answer was told of an orderly end")
			}
		}
		kinds, shapes := d.started()
		if want := []Version{V3, V3, V1, V1, V3, V3, V1, V1}; !slices.Equal(shapes, want) {
			t.Errorf("the source sent %v in %v, want the shapes %v", kinds, shapes, want)
		}
		if got := d.received(); got != "" || s.Status().Peer != Auto {
			t.Errorf("the device got %q, and passes for %v", got, s.Status().Peer)
		}
	})
}

func TestClientThatGivesUpBeforeTheDeviceSpeaksLeavesNoGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, func(*device, wire.Message) {}, "SSH")
		s := d.guessing(0)
		conn := attach(s, "SSH")
		send(t, conn, "SSH-2.0-client\r\n")
		time.Sleep(time.Second)
		_ = conn.finish()
		time.Sleep(time.Hour)
		if kinds, shapes := d.started(); slices.Contains(shapes, V1) {
			t.Errorf("the source sent %v in %v", kinds, shapes)
		}
	})
}

func TestDeviceThatRefusesV1TooIsAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, func(d *device, m wire.Message) {
			if m.Type == wire.StreamStart && m.ServiceID == "" {
				d.send(RoleSource, wire.Message{Type: wire.StreamReset, StreamID: m.StreamID})
			}
		}, "SSH")
		s := d.guessing(time.Second)
		attach(s, "SSH").refused(t, ErrReset)
		if _, shapes := d.started(); !slices.Equal(shapes, []Version{V3, V3, V1, V1, V1}) {
			t.Errorf("shapes %v, want V1 tried twice", shapes)
		}
	})
}

func TestWhereTheClientMaySpeakFirstNothingIsKeptBack(t *testing.T) {
	for name, c := range map[string]struct {
		services []string
		service  string
		version  Version
		fallBack time.Duration
	}{
		"HTTP":                       {[]string{"HTTP"}, "HTTP", Auto, 0},
		"several services":           {[]string{"SSH", "HTTP"}, "SSH", Auto, 0},
		"a service without a name":   {nil, "", Auto, 0},
		"a device that is told of":   {[]string{"SSH"}, "SSH", V3, 0},
		"an owner that wants no try": {[]string{"SSH"}, "SSH", Auto, -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDevice(t, func(*device, wire.Message) {}, c.services...)
				cfg := SourceConfig{Link: d.link(RoleSource), FallBack: c.fallBack}
				cfg.Version = c.version
				s, err := StartSource(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer closeProxy(t, s)
				conn := attach(s, c.service)
				send(t, conn, "GET /")
				time.Sleep(time.Minute)
				if got := d.received(); got != "GET /" {
					t.Errorf("the device got %q", got)
				}
				_ = conn.finish()
				if _, shapes := d.started(); c.services != nil && slices.Contains(shapes, V1) {
					t.Errorf("shapes %v", shapes)
				}
			})
		})
	}
}
