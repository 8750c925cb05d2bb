package tunnelconn

import (
	"io"
	"net"
	"testing"
	"time"
)

// firehose writes without end.
func firehose(conn net.Conn) {
	b := make([]byte, 64<<10)
	for {
		if _, err := conn.Write(b); err != nil {
			return
		}
	}
}

// stall begins a download of which the local side reads one byte, and returns when the reader of the WebSocket is held up.
func stall(t *testing.T, s *Source, service string) *net.TCPConn {
	t.Helper()
	conn := dial(t, s, service)
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the queue is full", func() bool {
		return s.anyConnection(func(c *connection) bool { return c.in.pending() > inboxLimit-largeRoom })
	})
	return conn
}

func TestTrap15LostLinkIsNoticedAndBuiltAnewWhileALocalReaderStalls(t *testing.T) {
	r := newRelay(t, "FIRE", "ECHO")
	r.destination(Auto, map[string]string{"FIRE": application(t, firehose), "ECHO": application(t, echo)})
	quick := standardTiming()
	quick.pingEvery = 20 * time.Millisecond
	s := r.sourceOf(Auto, quick, "FIRE", "ECHO")
	sibling := dial(t, s, "ECHO")
	roundTrip(t, sibling, 1, 1000)
	stalled := stall(t, s, "FIRE")
	r.cut(RoleSource)
	mustReset(t, sibling)
	roundTrip(t, dial(t, s, "ECHO"), 2, 1000)
	if _, err := io.Copy(io.Discard, stalled); !isResetError(err) {
		t.Errorf("the connection that stalled ended with %v, want a reset", err)
	}
}

func TestCloseKeepsItsLimitWhileAHalfClosedConnectionStalls(t *testing.T) {
	r := newRelay(t, "FIRE")
	r.destination(Auto, map[string]string{"FIRE": application(t, firehose)})
	s := r.source("FIRE")
	stalled := stall(t, s, "FIRE")
	if err := stalled.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of the local side is seen", func() bool {
		return s.anyConnection(func(c *connection) bool { return c.halfClosed.Load() })
	})
	closeProxy(t, s) // An error after three seconds.
	if _, err := io.Copy(io.Discard, stalled); !isResetError(err) {
		t.Errorf("the connection that stalled ended with %v, want a reset", err)
	}
}
