package views

import (
	"context"
	"slices"
	"sync"
	"time"

	"adit/client"
	"adit/session"
	"adit/tunnelconn/token"
)

// scripted are sessions whose attempts do what a test says. A test sets and reads the fields while the screen stands
// still; commands and the screen do it under the lock.
type scripted struct {
	mu         sync.Mutex
	requests   []session.Request
	attempts   []*scriptedAttempt
	proxies    []session.Proxy
	stopped    []client.Key
	opened     map[client.Key]bool
	watcher    *client.Watcher
	rotated    []client.ClientMode
	windows    []string
	windowsErr error
	issued     int
	issueErr   error
	resent     []client.Key
	sentAt     map[client.Key]time.Time
	openedHere []session.OpenedTunnel
	memory     session.Memory
}

func newScripted() *scripted {
	return &scripted{opened: map[client.Key]bool{}, sentAt: map[client.Key]time.Time{}}
}

// CloseTunnel asks the service as the real one does, and has the watcher know.
func (s *scripted) CloseTunnel(ctx context.Context, service client.Service, key client.Key, remove bool) error {
	_ = s.StopProxy(key)
	if err := service.Close(ctx, key.ID, remove); err != nil && client.KindOf(err) != client.KindNotFound {
		return err
	}
	s.mu.Lock()
	s.openedHere = slices.DeleteFunc(slices.Clone(s.openedHere), func(o session.OpenedTunnel) bool { return o.Key == key })
	s.mu.Unlock()
	if remove {
		s.watcher.Forget(key)
	}
	s.watcher.Refresh(key)
	return nil
}

func (s *scripted) Memory(client.Context) (session.Memory, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.memory, nil
}

func (s *scripted) StartBatch(ctx context.Context, spec session.BatchSpec) (*session.Batch, error) {
	return session.NewBatch(ctx, spec, session.BatchTools{Close: s.CloseTunnel, Record: s.watcher.Record}), nil
}

func (s *scripted) Rotate(_ context.Context, _ client.Service, _ client.Tunnel, mode client.ClientMode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotated = append(s.rotated, mode)
	return nil
}

func (s *scripted) Resend(_ context.Context, _ client.Service, t client.Tunnel) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resent, s.sentAt[t.Key] = append(s.resent, t.Key), time.Now()
	return nil
}

func (s *scripted) ResendAfter(key client.Key) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent, ok := s.sentAt[key]; ok {
		return sent.Add(30 * time.Second)
	}
	return time.Time{}
}

func (s *scripted) IssueSource(context.Context, client.Service, client.Tunnel) (token.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	return token.New("made-up-token"), s.issueErr
}

func (s *scripted) CloseWindows(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.windowsErr == nil {
		s.windows = nil
	}
	return s.windowsErr
}

func (s *scripted) Windows() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.windows
}

func (s *scripted) OpenedHere() []session.OpenedTunnel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.openedHere
}

func (s *scripted) Cuts(_ client.Tunnel, mode client.ClientMode) string {
	return "This cuts: whoever a test says, by " + string(mode) + "."
}

func (s *scripted) Start(ctx context.Context, req session.Request) attempt {
	target := req.Thing
	if req.Open != nil {
		target = req.Open.Thing
	}
	a := &scriptedAttempt{ctx: ctx, changed: make(chan struct{}), now: session.Progress{Seq: 1, Target: target, Key: req.Key, Stages: []session.Stage{
		{ID: session.StageTunnel, State: session.StageRunning, Text: "looking for the tunnel"},
		{ID: session.StageToken, Text: "source token"}, {ID: session.StageDevice, Text: "device"}, {ID: session.StageProxy, Text: "local proxy"},
	}}}
	s.requests = append(s.requests, req)
	s.attempts = append(s.attempts, a)
	return a
}

func (s *scripted) Proxies() []session.Proxy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proxies
}

func (s *scripted) Opened(key client.Key) bool { return s.opened[key] }
func (s *scripted) last() *scriptedAttempt     { return s.attempts[len(s.attempts)-1] }
func (s *scripted) lastReq() session.Request   { return s.requests[len(s.requests)-1] }
func (s *scripted) StopProxy(key client.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.proxies)
	s.proxies = slices.DeleteFunc(slices.Clone(s.proxies), func(p session.Proxy) bool { return p.Tunnel == key })
	if len(s.proxies) < before {
		s.stopped = append(s.stopped, key)
	}
	return nil
}

type scriptedAttempt struct {
	ctx       context.Context
	now       session.Progress
	changed   chan struct{}
	resends   int
	cancelled bool
	resendErr error
}

func (a *scriptedAttempt) Progress() session.Progress { return a.now }

func (a *scriptedAttempt) Next(ctx context.Context, seen uint64) (session.Progress, error) {
	for a.now.Seq == seen {
		select {
		case <-a.changed:
		case <-ctx.Done():
			return a.now, ctx.Err()
		}
	}
	return a.now, nil
}

func (a *scriptedAttempt) Resend(context.Context) error { a.resends++; return a.resendErr }
func (a *scriptedAttempt) Cancel()                      { a.cancelled = true }

// tell changes the progress as the attempt itself would. It runs while the screen stands still.
func (a *scriptedAttempt) tell(change func(*session.Progress)) {
	change(&a.now)
	a.now.Seq++
	close(a.changed)
	a.changed = make(chan struct{})
}

// tells changes the progress of the last attempt and lets the screen see it.
func (d *desk) tells(change func(*session.Progress)) {
	d.t.Helper()
	d.sessions.last().tell(change)
	d.settle()
	if d.sessions.last().now.Done {
		d.pass(500 * time.Millisecond) // a person reads before they answer
	}
}
