package tunnelconn

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

func TestStatusCountsEachConnection(t *testing.T) {
	r := newRelay(t, "SSH", "HTTP")
	address := application(t, echo)
	d := r.destination(Auto, map[string]string{"SSH": address, "HTTP": address})
	s := r.source("SSH", "HTTP")
	begun := time.Now()
	one := dial(t, s, "SSH")
	roundTrip(t, one, 1, 1000)
	two, other := dial(t, s, "SSH"), dial(t, s, "HTTP")
	roundTrip(t, two, 2, 200)
	roundTrip(t, other, 3, 30)
	// Bytes are counted once they have been handed over, which their receiver may know before.
	var status Status
	eventually(t, "all bytes are counted", func() bool {
		status = s.Status()
		var sent, received uint64
		waiting := 0
		for _, service := range status.Services {
			for _, c := range service.Connections {
				sent, received, waiting = sent+c.Sent, received+c.Received, waiting+c.Outgoing
			}
		}
		return sent == 1230 && received == 1230 && waiting == 0
	})
	if len(status.Services) != 2 || status.Services[0].Service != "HTTP" || status.Services[1].Service != "SSH" {
		t.Fatalf("services %+v", status.Services)
	}
	http, ssh := status.Services[0].Connections, status.Services[1].Connections
	if len(http) != 1 || len(ssh) != 2 {
		t.Fatalf("connections %+v and %+v", http, ssh)
	}
	for i, want := range []struct {
		got   ConnectionStatus
		conn  net.Conn
		bytes uint64
	}{{ssh[0], one, 1000}, {ssh[1], two, 200}, {http[0], other, 30}} {
		if got := want.got; got.ID == 0 || got.LocalPeer != want.conn.LocalAddr().String() || got.Since.Before(begun) ||
			got.Sent != want.bytes || got.Received != want.bytes || got.Outgoing != 0 || got.HalfClosed {
			t.Errorf("connection %d: %+v, want %d bytes each way of %v", i, got, want.bytes, want.conn.LocalAddr())
		}
	}
	if ssh[0].ID >= ssh[1].ID || ssh[1].ID == http[0].ID {
		t.Errorf("ids %d, %d and %d", ssh[0].ID, ssh[1].ID, http[0].ID)
	}
	// The other end's local peer is the application.
	eventually(t, "the destination has three", func() bool {
		services := d.Status().Services
		return len(services[0].Connections) == 1 && len(services[1].Connections) == 2
	})
	if got := d.Status().Services[0].Connections[0]; got.LocalPeer != address {
		t.Errorf("the destination's local peer is %q, want %q", got.LocalPeer, address)
	}
	one.Close()
	eventually(t, "the closed one is gone", func() bool { return len(s.Status().Services[1].Connections) == 1 })
	if left := s.Status().Services[1].Connections[0]; left.ID != ssh[1].ID {
		t.Errorf("connection %d is left, want %d", left.ID, ssh[1].ID)
	}
}

func TestStatusShowsWhatWaitsForASlowProgram(t *testing.T) {
	r := newRelay(t, "FIRE")
	r.destination(Auto, map[string]string{"FIRE": application(t, firehose)})
	s := r.source("FIRE")
	conn := stall(t, s, "FIRE")
	if got := s.Status().Services[0].Connections[0]; got.Incoming <= inboxLimit-largeRoom || got.Received == 0 {
		t.Errorf("%+v, want a queue of nearly %d bytes", got, inboxLimit)
	}
	conn.Close()
}

func TestStatusShowsTheWindowOfTheLinkAndWhyItWasLost(t *testing.T) {
	r := newRelay(t, "SSH")
	r.destination(Auto, map[string]string{"SSH": application(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })})
	s := r.source("SSH")
	conn := dial(t, s, "SSH")
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.Copy(conn, noise(1, 1<<40))
	}()
	eventually(t, "the link's rate was measured", func() bool {
		status := s.Status()
		return status.Rate > 0 && status.Window >= 2*minMessage && status.Window <= maxWindow && status.InFlight > 0
	})
	r.cut(RoleSource)
	status := stateIs(t, s, "back", func(s Status) bool { return s.Reconnects == 1 })
	if status.Err != nil || status.LastErr == nil || status.LastErrAt.IsZero() {
		t.Errorf("errors %v and %v at %v, want the last one to stay", status.Err, status.LastErr, status.LastErrAt)
	}
	<-sent
	eventually(t, "the service knows why its connection was cut", func() bool {
		service := s.Status().Services[0]
		return errors.Is(service.LastErr, ErrCut) && !service.LastErrAt.IsZero()
	})
}
