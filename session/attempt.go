package session

import (
	"context"
	"sync"
	"time"

	"adit/client"
)

// callTimeout bounds a call whose answer must be recorded. The client has a limit of its own; this one is for two calls.
const callTimeout = time.Minute

// Attempt is one way from a thing or tunnel to a shell or port.
type Attempt struct {
	sessions *Sessions
	req      Request
	board    *board
	// ctx ends with Cancel; lasting is the context of Start, which the Shell hangs on.
	ctx, lasting context.Context
	cancel       context.CancelFunc
	ended        chan struct{}

	// mu guards what Resend and the stages share.
	mu     sync.Mutex
	tunnel client.Tunnel

	// What the stages hand on; only run touches it.
	reused  bool
	ours    bool // the tunnel's proxy ran already when it was settled on
	service string
	probe   *probe
}

func newAttempt(ctx context.Context, s *Sessions, req Request) *Attempt {
	target := client.Clean(req.Thing)
	if target == "" && req.Open != nil {
		target = client.Clean(req.Open.Thing)
	}
	if target == "" {
		target = client.Clean(req.Key.ID)
	}
	a := &Attempt{sessions: s, req: req, lasting: ctx, board: newBoard(target, stagesOf(req)), ended: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(ctx)
	return a
}

// Progress is the present state.
func (a *Attempt) Progress() Progress { return a.board.snapshot() }

// Next blocks until the progress differs from seen.
func (a *Attempt) Next(ctx context.Context, seen uint64) (Progress, error) {
	return a.board.next(ctx, seen)
}

// Cancel gives up. What runs already, the local proxy, stays. An open or a rotation that was asked for is still waited
// for and recorded.
func (a *Attempt) Cancel() { a.cancel() }

// run takes the stages one by one. A stage's text is what it says when it is done.
func (a *Attempt) run() {
	defer close(a.ended)
	defer a.cancel()
	var shell *Shell
	var note string
	steps := map[StageID]func(context.Context) (string, error){
		StageOnline: a.awaitOnline,
		StageTunnel: a.findTunnel,
		StageToken:  a.getToken,
		StageDevice: a.awaitDevice,
		StageProxy:  a.startProxy,
		StageAnswer: a.awaitAnswer,
		StageShell: func(context.Context) (text string, err error) {
			shell, note, text = a.makeShell()
			return text, nil
		},
	}
	for _, id := range stagesOf(a.req) {
		if id == StageAnswer && a.service != sshService {
			a.board.drop(id)
			continue
		}
		a.board.begin(id)
		text, err := steps[id](a.ctx)
		if err == nil {
			err = a.ctx.Err()
		}
		if err != nil {
			a.probe.close()
			a.sessions.log.Info("attempt failed", "stage", id, "error", err)
			a.board.finish(err, nil, "")
			return
		}
		a.board.done(id, text)
	}
	a.sessions.noteUsed(a.tunnelNow())
	a.board.finish(nil, shell, note)
}

// recorded is a context for a call whose answer must be recorded: it outlives the caller's, not the Sessions.
func (s *Sessions) recorded(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	stop := context.AfterFunc(s.ctx, cancel)
	return call, func() { stop(); cancel() }
}

func (a *Attempt) tunnelNow() client.Tunnel {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tunnel
}

// adopt settles on a tunnel, or on newer knowledge of it.
func (a *Attempt) adopt(t client.Tunnel) {
	a.mu.Lock()
	a.tunnel = t
	a.mu.Unlock()
	a.sessions.watcher.Record(t)
	if a.board.snapshot().Key != t.Key {
		a.board.update(func(p *Progress) { p.Key = t.Key })
	}
}

// describe asks for the present state of the attempt's tunnel.
func (a *Attempt) describe(ctx context.Context) (client.Tunnel, error) {
	t, err := a.req.Service.Describe(ctx, a.tunnelNow().Key.ID)
	if err != nil {
		return t, err
	}
	a.adopt(t)
	return t, nil
}

// target is what the sentences call the device.
func (a *Attempt) target() string {
	if t := a.tunnelNow(); t.Thing != "" {
		return t.Thing.String()
	} else if t.Key.ID != "" {
		return "tunnel " + shortTunnel(t.Key.ID)
	}
	return a.board.snapshot().Target
}

// pause waits for d, less when the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
