package relay

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"adit/emulator/faults"
	"adit/emulator/tunnels"
	"adit/tunnelconn/cork"
	"adit/tunnelconn/wire"
)

// link is one WebSocket of a local proxy.
type link struct {
	conn    *tls.Conn
	seat    *tunnels.Seat
	version version
	log     *slog.Logger
	out     *outgoing
	rules   rules
	effect  faults.Effect
	manners *manners
	// idle drops the connection when its time is over; nil when it has none.
	idle *time.Timer

	// streams are those the local proxy believes to be alive. The pair's lock guards them.
	streams streams

	// ended is closed when the relay has said its last word, with a close frame or without.
	ended chan struct{}
	once  sync.Once
	// gone is closed when nothing comes from the local proxy any more.
	gone chan struct{}
}

func newLink(conn *tls.Conn, seat *tunnels.Seat, v version, m *manners, b *buffers, log *slog.Logger) *link {
	return &link{
		conn: conn, seat: seat, version: v, manners: m, log: log,
		out:   newOutgoing(b),
		rules: rules{side: seat.Side, version: v, services: seat.Services, lenient: m.lenient},
		ended: make(chan struct{}),
		gone:  make(chan struct{}),
	}
}

// run answers the upgrade request and carries frames until the WebSocket is gone. The link is in its place in the tunnel
// before anybody can know that it is there: neither its own local proxy by the answer, nor anyone by the API.
func (l *link) run(s *Server, in *bufio.Reader, answer string) {
	if l.version > 1 {
		// First and alone: the reference local proxy handles one message of the first WebSocket message only, and a V1
		// one dies of this type.
		l.tellServices()
	}
	pair := s.join(l)
	s.cfg.Tunnels.Connected(l.seat)
	if _, err := io.WriteString(l.conn, answer); err != nil {
		s.leave(pair, l)
		l.out.stop()
		return
	}
	_ = l.conn.SetDeadline(time.Time{})

	var writer, watcher sync.WaitGroup // watcher for whatever else goes on meanwhile
	writer.Go(l.write)
	if l.effect.Kind.Event() {
		watcher.Go(func() { s.happen(l) })
	}
	watcher.Go(func() {
		select {
		case <-l.seat.Done():
			l.dismissed(l.seat.Reason())
		case <-l.gone:
		}
	})
	if l.manners.pingEvery > 0 {
		watcher.Go(l.ping)
	}
	if l.manners.idle > 0 {
		l.idle = time.AfterFunc(l.manners.idle, l.abort)
		defer l.idle.Stop()
	}

	err := l.read(pair, in)
	s.leave(pair, l)
	close(l.gone)
	watcher.Wait()
	// A close frame, the answer to the client's or our own, still goes out; anything else is moot.
	if !l.isEnded() {
		_ = l.conn.SetDeadline(time.Now().Add(farewell))
	}
	l.out.stop()
	writer.Wait()
	_ = l.conn.Close()
	l.log.Info("data plane: disconnected", "why", err.Error())
}

func (l *link) tellServices() {
	frame, err := wire.AppendFrame(nil, &wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: l.seat.Services})
	if err != nil {
		l.log.Error("data plane: service ids", "error", err)
		return
	}
	l.out.add(ws.OpBinary, frame)
}

// write drains the queue into the socket, at the pace that the tunnel has, and breaks it on demand.
func (l *link) write() {
	l.pause(l.effect.Delay)
	var to io.Writer = l.conn
	if network, ok := l.conn.NetConn().(*cork.Conn); ok {
		direct := &straight{l.conn, network}
		if l.manners.bytesPerSecond == 0 && l.effect.Kind == "" {
			l.out.open(direct)
		}
		to = direct
	}
	if l.manners.bytesPerSecond > 0 {
		to = newPaced(to, l.manners.bytesPerSecond, l.pause)
	}
	if l.effect.Kind == faults.Drop {
		to = &dropping{to, l.effect.Bytes}
	}
	if l.out.drain(to) != nil {
		l.abort()
	}
}

// pause waits, but not for a local proxy that is gone, and not with the last words to one that has to go: then it is false.
func (l *link) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.ended:
	case <-l.gone:
	}
	return false
}

// abort drops the TCP connection without a word, not even TLS's: so ends a connection that the network lost.
func (l *link) abort() {
	l.once.Do(func() { close(l.ended) })
	_ = l.conn.NetConn().Close()
	l.out.stop()
}

// read passes on what the local proxy sends, and returns why that is over.
func (l *link) read(p *pair, in *bufio.Reader) error {
	messages := &incoming{in: in, link: l}
	frames := wire.NewReader(messages)
	var m wire.Message
	for {
		frame, err := frames.Next()
		if err == nil && !l.isEnded() {
			err = l.pass(p, frame, &m)
		}
		if err != nil || !messages.another() {
			p.hurry(l)
		}
		var broken *violation
		switch {
		case errors.As(err, &broken):
			l.log.Warn("data plane: protocol violation", "error", broken.text)
			l.sendAway(cmp.Or(broken.code, l.manners.violation), broken.text)
			discard(l.conn)
			return err
		case err != nil:
			return err
		}
	}
}

// pass checks one frame and hands it to the other side.
func (l *link) pass(p *pair, frame []byte, m *wire.Message) error {
	body := frame[2:]
	if err := wire.Decode(body, m); err != nil {
		return broken("A message is not valid protobuf.")
	}
	skip, err := l.rules.check(m, body)
	if err != nil || skip {
		return err
	}
	p.deliver(l, m, frame)
	return nil
}

// sendAway ends a connection by the service's own decision: a code of 0 is no close frame, but a lost connection.
func (l *link) sendAway(code ws.StatusCode, reason string) {
	if code == 0 {
		l.abort()
		return
	}
	if l.manners.noReason {
		reason = ""
	}
	l.end(code, reason)
}

// end says goodbye with a close frame. The TCP connection follows within a second, whatever the local proxy does.
func (l *link) end(code ws.StatusCode, reason string) {
	l.once.Do(func() {
		_ = l.conn.SetDeadline(time.Now().Add(farewell))
		l.out.finish(code, reason)
		close(l.ended)
	})
}

func (l *link) isEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// over tells whether the link has no seat any more, or is about to say so.
func (l *link) over() bool {
	select {
	case <-l.seat.Done():
		return true
	default:
		return l.isEnded()
	}
}

// dismissed says goodbye to a local proxy that lost its seat.
func (l *link) dismissed(reason tunnels.Reason) {
	l.sendAway(l.manners.codes[reason], goodbye(reason))
}

func goodbye(reason tunnels.Reason) string {
	switch reason {
	case tunnels.Replaced:
		return "Another connection took this side of the tunnel."
	case tunnels.Rotated:
		return "The access token of this side was rotated."
	case tunnels.Expired:
		return "The lifetime of the tunnel is over."
	default:
		return "The tunnel was closed."
	}
}
