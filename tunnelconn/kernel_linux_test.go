package tunnelconn

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"adit/tunnelconn/wire"
)

// deafen makes a socket drop every packet that reaches it, so that its machine acknowledges nothing any more: a black hole
// as a network makes one, which no proxy between two sockets can be.
func deafen(t *testing.T, conn net.Conn) {
	t.Helper()
	const returnNothing = unix.BPF_RET | unix.BPF_K
	drop := unix.SockFprog{Len: 1, Filter: &unix.SockFilter{Code: returnNothing, K: 0}}
	if !control(conn, func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &drop)
	}) {
		t.Fatal("the kernel takes no filter")
	}
}

// trickle sends so little that the other machine always has room for it.
func trickle(conn net.Conn) {
	for block := make([]byte, 8<<10); ; time.Sleep(5 * time.Millisecond) {
		if _, err := conn.Write(block); err != nil {
			return
		}
	}
}

func TestNetworkThatLosesEverythingIsNoticedInTheMiddleOfAnUpload(t *testing.T) {
	for name, c := range map[string]struct {
		serve, send func(net.Conn)
		both        bool
	}{
		"both ways": {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, firehose, true},
		// What comes down acknowledges nothing new; the second connection finds its way.
		"what is sent, while a download goes on": {func(conn net.Conn) {
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			firehose(conn)
		}, trickle, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRelay(t, "SSH")
			r.destination(Auto, map[string]string{"SSH": application(t, c.serve)})
			quick := standardTiming()
			quick.silent = 400 * time.Millisecond
			s := r.sourceOf(Auto, quick, "SSH")
			conn := dial(t, s, "SSH")
			var group sync.WaitGroup
			group.Go(func() { c.send(conn) })
			group.Go(func() { _, _ = io.Copy(io.Discard, conn) })
			eventually(t, "the upload runs", func() bool { return s.Status().Services[0].Sent > mebibyte })
			deafen(t, r.side(RoleSource).conn.(*tls.Conn).NetConn())
			if c.both {
				deafen(t, s.uplink.current.Load().raw)
			}
			status := stateIs(t, s, "lost", func(s Status) bool { return s.State == Reconnecting || s.Reconnects > 0 })
			if !errors.Is(status.LastErr, errSilent) {
				t.Errorf("lost by %v", status.LastErr)
			}
			group.Wait()
			// The service takes new connections, and knows nothing of the old one's end.
			stateIs(t, s, "back", func(s Status) bool { return s.Reconnects == 1 })
		})
	}
}

func TestServiceThatTakesNothingIsNotTakenForABlackHole(t *testing.T) {
	r := newRelay(t, "SSH")
	resume := make(chan struct{})
	r.destination(Auto, map[string]string{"SSH": application(t, echo)})
	held := make(chan struct{})
	first := true
	r.pass = func(from Role, m wire.Message) []wire.Message {
		if from == RoleSource && m.Type == wire.Data && first {
			first = false
			close(held)
			<-resume // Neither data nor pings are read meanwhile.
		}
		return []wire.Message{m}
	}
	quick := standardTiming()
	quick.silent, quick.tryPath = 100*time.Millisecond, 100*time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	conn := dial(t, s, "SSH")
	go func() {
		<-held
		// Ten times as long as silence may last without a reason.
		time.Sleep(10 * quick.silent)
		close(resume)
	}()
	roundTrip(t, conn, 1, mebibyte)
	if status := s.Status(); status.Reconnects != 0 || status.LastErr != nil {
		t.Errorf("status %+v", status)
	}
}
