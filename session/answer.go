package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

const (
	// answerTimeout is how long a device's ssh may be silent to a protocol that it should know.
	answerTimeout = 10 * time.Second
	// fallBackAfter is how long a device of an unknown protocol may be silent before it is asked in the oldest. It is short,
	// since one that leaves the tunnel over that can be sent its token again.
	fallBackAfter = 5 * time.Second
	// probeLife is how long a connection waits for a shell to start: a device with the old protocol takes no other while it
	// does. A shell that starts later makes one of its own.
	probeLife = 10 * time.Second
	// mostBanner bounds what is read while looking for the end of the first line (RFC 4253 section 4.2 allows 255 bytes).
	mostBanner = 255
)

// probe is a connection to the device's ssh that was opened to see whether it answers. It is kept and given to the ssh
// that follows: a device with the old protocol carries one connection at a time, and an sshd counts clients that leave
// before they log in against them.
type probe struct {
	near *duplex
	// banner is what was read of it already.
	banner []byte
	stop   context.CancelFunc
	// ended is closed once the far end was detached; err says why.
	ended chan struct{}
	err   error

	once sync.Once
	// life ends a connection that no shell has come for.
	life *time.Timer
}

// openProbe attaches a connection to a service and gives the near end of it. The far end is work of the caller's.
func openProbe(ctx context.Context, work *sync.WaitGroup, src source, service string) *probe {
	near, far := newDuplex()
	attached, stop := context.WithCancel(ctx)
	p := &probe{near: near, stop: stop, ended: make(chan struct{})}
	work.Go(func() {
		defer close(p.ended)
		p.err = src.Attach(attached, service, far)
		_ = far.Close()
	})
	return p
}

// read waits for the first line.
func (p *probe) read(timeout time.Duration) error {
	_ = p.near.SetReadDeadline(time.Now().Add(timeout))
	buffer := make([]byte, mostBanner)
	for len(p.banner) < mostBanner && !bytes.ContainsRune(p.banner, '\n') {
		n, err := p.near.Read(buffer[len(p.banner):])
		p.banner = append(p.banner, buffer[len(p.banner):len(p.banner)+n]...)
		if err != nil && len(p.banner) == 0 {
			return err
		}
		if err != nil {
			break
		}
	}
	return p.near.SetReadDeadline(time.Time{})
}

// keep has the connection wait for as long as a shell does, which has started and closes it in the end.
func (p *probe) keep() {
	if p != nil {
		p.life.Stop()
	}
}

// claim gives the connection to the one ssh that uses it; nil when it was claimed, has ended or was never made.
func (p *probe) claim() *probe {
	if p == nil {
		return nil
	}
	var won *probe
	p.once.Do(func() { won = p })
	if won == nil {
		return nil
	}
	select {
	case <-p.ended:
		p.shut()
		return nil
	default:
		return p
	}
}

// close ends a connection that nobody has claimed.
func (p *probe) close() {
	if p = p.claim(); p != nil {
		p.shut()
	}
}

func (p *probe) shut() {
	p.stop()
	_ = p.near.Close()
	<-p.ended
}

// awaitAnswer opens the connection that ssh will use, and waits for the device's first bytes on it: a device may be in
// the tunnel and still not answer.
func (a *Attempt) awaitAnswer(ctx context.Context) (string, error) {
	s, t := a.sessions, a.tunnelNow()
	src, ok := s.running(t.Key)
	if !ok {
		return "", a.stopped(nil)
	}
	a.board.say(StageAnswer, fmt.Sprintf("waiting for the ssh of %s", a.target()))
	p := openProbe(s.ctx, &s.work, src, a.service)
	quit := context.AfterFunc(ctx, func() { _ = p.near.Close() })
	waited, err := a.listen(ctx, p, src)
	if !quit() || err != nil {
		p.shut()
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", a.mute(t, waited, p.err, err)
	}
	p.life = time.AfterFunc(probeLife, p.close)
	a.probe = p
	line, _, _ := bytes.Cut(p.banner, []byte("\n"))
	return "its ssh answered: " + client.Clean(string(bytes.TrimRight(line, "\r"))), nil
}

// listen waits for the device's first line, in turn for each protocol that the source tries, and tells for how long at most.
func (a *Attempt) listen(ctx context.Context, p *probe, src source) (time.Duration, error) {
	if !a.sessions.guesses(a.tunnelNow(), src) {
		return answerTimeout, p.read(answerTimeout)
	}
	err := p.read(fallBackAfter)
	if !timedOut(err) || ctx.Err() != nil {
		return fallBackAfter, err
	}
	a.board.say(StageAnswer, fmt.Sprintf("no answer from the ssh of %s yet, asking it in the protocol of old devices", a.target()))
	return fallBackAfter + answerTimeout, p.read(answerTimeout)
}

// guesses tells whether a source tries more than one protocol on a device.
func (s *Sessions) guesses(t client.Tunnel, src source) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[t.Key].guesses && len(t.Services) <= 1 && src.Status().Peer == tunnelconn.Auto
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// mute puts a device that is in the tunnel and says nothing into words.
func (a *Attempt) mute(t client.Tunnel, waited time.Duration, attached, read error) error {
	switch {
	case errors.Is(attached, tunnelconn.ErrBusyPeer):
		return &Failure{Text: fmt.Sprintf("%s speaks the old protocol: one connection at a time, and another window of yours has it.", a.target()),
			Remedy: "End that one first.", Err: attached}
	case timedOut(read):
		c := a.req.Service.Context()
		a.sessions.learn(c, t.Thing.Raw(), tunnelconn.Auto) // what was remembered of its protocol may be why
		a.showResend(t)
		return &Failure{Text: fmt.Sprintf("%s is in the tunnel, but its ssh has not answered for %d s: sshd down, wrong port, or the device vanished.", a.target(), waited/time.Second),
			Remedy: "Send it the token again."}
	case errors.Is(attached, tunnelconn.ErrReplaced), errors.Is(attached, tunnelconn.ErrTunnelClosed), errors.Is(attached, tunnelconn.ErrClosed):
		return a.stopped(attached)
	case errors.Is(read, io.EOF), errors.Is(read, io.ErrClosedPipe):
		return &Failure{Text: fmt.Sprintf("%s is in the tunnel, but its ssh refused the connection: sshd down, or another port.", a.target()),
			Remedy: "Start sshd on the device, or check the port its agent maps SSH to.", Err: attached}
	}
	return fmt.Errorf("the ssh of %s could not be read: %w", a.target(), errors.Join(attached, read))
}
