package tunnelconn

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/wire"
)

// A client that says more than is kept for it loses nothing of it when it goes on in a session of V1.
func TestClientThatSaysMuchTakesItAllToTheNextSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, v1Only(false), "SSH")
		s := d.guessing(0)
		conn := attach(s, "SSH")
		said := make([]byte, 300<<10)
		for i := range said {
			said[i] = byte(i * 7 >> 3)
		}
		go func() {
			_, _ = conn.Write(said)
			_ = conn.CloseWrite()
		}()
		expect(t, conn, banner, time.Now())
		got := make([]byte, len(said))
		if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, said) || d.received() != string(said) {
			t.Errorf("what was said came back differently (%v), and the device got %d of %d bytes", err, len(d.received()), len(said))
		}
		if status := s.Status(); status.Services[0].Total != 1 || status.Services[0].Sent != uint64(len(said)) {
			t.Errorf("counted %+v, want one client", status.Services[0])
		}
		_ = conn.finish()
	})
}

// A client that is on its way to the next session is turned away when none comes up, and its owner is still obeyed.
func TestClientBetweenTwoSessionsIsNotForgotten(t *testing.T) {
	for name, reason := range map[string]error{"no link comes up": ErrUnavailable, "the source is closed": ErrClosed} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDevice(t, func(*device, wire.Message) {}, "SSH")
				d.refuse = func(attempt int) (int, http.Header, string) {
					if attempt > 1 {
						return http.StatusServiceUnavailable, nil, "later"
					}
					return 0, nil, ""
				}
				s := d.guessing(0)
				conn := attach(s, "SSH")
				send(t, conn, "SSH-2.0-client\r\n")
				begun := time.Now()
				if reason == ErrClosed {
					time.Sleep(standardFallBack + time.Second)
					closeProxy(t, s)
				}
				conn.refused(t, reason)
				if took := time.Since(begun); reason == ErrUnavailable && took != standardFallBack+standardTiming().hold {
					t.Errorf("turned away after %v", took)
				}
			})
		})
	}
}

// A device that V1 does not reach either is asked in V3 once more by a client that began in V1, because the guess that is
// left behind by a client that gave up need not be the right one.
func TestGuessThatNobodyWaitedForIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDevice(t, nil, "SSH")
		s := d.guessing(0)
		lost := attach(s, "SSH") // There is no device yet.
		time.Sleep(standardFallBack + time.Second)
		_ = lost.finish()
		synctest.Wait()
		d.answer = func(d *device, m wire.Message) {
			if m.ServiceID != "" && m.Type == wire.StreamStart {
				d.say(m, banner)
			}
		}
		begun := time.Now()
		conn := attach(s, "SSH")
		if took := expect(t, conn, banner, begun); took != standardFallBack {
			t.Errorf("the answer came after %v", took)
		}
		_ = conn.finish()
		if _, shapes := d.started(); !slices.Equal(shapes, []Version{V3, V3, V1, V1, V1, V1, V3, V3}) {
			t.Errorf("shapes %v", shapes)
		}
	})
}
