package views

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn/token"
	"adit/ui"
)

// connection is the backend of the screen and the epoch it belongs to. A new one takes its place when a trial has come
// through, and not before: until then the screen stays on what it has.
type connection struct {
	epoch   uint64
	backend *Backend
	// places are those of the backend's contexts.
	places []client.Key
	ctx    context.Context
	cancel context.CancelFunc
}

// trial is a try to connect, under way or failed. Its number is the epoch of the connection that comes of it.
type trial struct {
	epoch  uint64
	trying string
	open   maker
	err    error
	cancel context.CancelFunc
	// quiet begins when it fails: what could be done about it is asked by keys that mean something else elsewhere.
	quiet ui.Quiet
}

type maker = func(context.Context) (*Backend, error)

type connectedMsg struct {
	epoch   uint64
	backend *Backend
	err     error
}

type snapshotMsg struct {
	epoch    uint64
	snapshot *client.Snapshot
	err      error
}

// connect begins a trial, in place of one before.
func (a *app) connect(open maker, trying string) tea.Cmd {
	a.giveUp()
	a.trials++
	epoch := a.trials
	ctx, cancel := context.WithCancel(a.ctx)
	a.trial = &trial{epoch: epoch, trying: trying, open: open, cancel: cancel}
	a.front = keymap.ScopeConnect
	return func() tea.Msg {
		backend, err := open(ctx)
		return connectedMsg{epoch, backend, err}
	}
}

// giveUp ends the trial there is.
func (a *app) giveUp() {
	if a.trial != nil {
		a.trial.cancel()
		a.trial = nil
	}
	a.stopAsking()
}

func (a *app) connected(msg connectedMsg) tea.Cmd {
	if a.trial == nil || msg.epoch != a.trial.epoch {
		if msg.backend == nil || msg.backend.Close == nil {
			return nil
		}
		return func() tea.Msg { _ = msg.backend.Close(); return nil }
	}
	a.stopAsking()
	if msg.err != nil {
		if a.trial.err = msg.err; client.KindOf(msg.err) != client.KindCancelled {
			a.trial.quiet = ui.NewQuiet(a.scene.now)
		}
		return nil
	}
	a.giveUp()
	if a.connection.cancel != nil {
		// What was read for the contexts before would only be dropped.
		a.connection.cancel()
	}
	ctx, cancel := context.WithCancel(a.ctx)
	a.connection = connection{epoch: msg.epoch, ctx: ctx, cancel: cancel}
	a.sessions = a.live(msg.backend)
	a.use(msg.backend)
	a.receive(msg.backend.Watcher.Snapshot())
	a.seen = map[string]bool{}
	a.remember(nil)
	a.chronicle, a.notices = newChronicle(), newNotices()
	a.chronicle.see(a.known)
	a.tunnels = newTunnelsView(a.scene, a.contexts())
	a.proxies = newProxiesView(a.scene)
	a.activity, a.log = newActivityView(a.scene), newLogView(a.scene)
	a.things = newThingsView(a.scene, a.tunnels)
	a.useRoster()
	a.restore()
	a.front = keymap.ScopeTunnels
	for _, thing := range msg.backend.Things {
		a.seen[thing] = true
	}
	for _, notice := range msg.backend.Notices {
		a.toast(ui.Warn, notice)
	}
	a.refill()
	return tea.Batch(a.awaitSnapshot(), a.awaitRoster(), a.recall(), a.takeAim())
}

// awaitSnapshot is the one command that waits for the watcher; it is armed again when it has delivered.
func (a *app) awaitSnapshot() tea.Cmd {
	ctx, epoch, watcher, seen := a.connection.ctx, a.connection.epoch, a.connection.backend.Watcher, a.known.Seq
	return func() tea.Msg {
		snapshot, err := watcher.Next(ctx, seen)
		return snapshotMsg{epoch, snapshot, err}
	}
}

func (a *app) received(msg snapshotMsg) tea.Cmd {
	if msg.epoch != a.connection.epoch || msg.err != nil {
		a.dirty = false
		return nil
	}
	before := a.snapshot.Rows
	a.receive(msg.snapshot)
	a.remember(before)
	a.chronicle.see(a.known)
	a.refill()
	a.watchOver()
	return a.awaitSnapshot()
}

// remember keeps the things of the list in mind when it shows them no more. Rows that stand where they stood before are
// known.
func (a *app) remember(before []*client.Row) {
	for i, r := range a.snapshot.Rows {
		if i >= len(before) || before[i] != r {
			a.seen[r.Thing.Raw()] = true
		}
	}
}

// sessions is what the screen needs of package session.
type sessions interface {
	Start(context.Context, session.Request) attempt
	Proxies() []session.Proxy
	StopProxy(client.Key) error
	Opened(client.Key) bool
	// OpenedHere are the tunnels that this process opened and has not closed.
	OpenedHere() []session.OpenedTunnel
	// Memory is what adit remembers on the disk of a context.
	Memory(client.Context) (session.Memory, error)
	// StartBatch does one errand on many tunnels.
	StartBatch(context.Context, session.BatchSpec) (*session.Batch, error)
	// CloseTunnel stops a local proxy of ours first, and records what became of the tunnel.
	CloseTunnel(ctx context.Context, service client.Service, key client.Key, remove bool) error
	// Rotate keeps a source token it gets; Cuts says in a sentence what a rotation ends.
	Rotate(context.Context, client.Service, client.Tunnel, client.ClientMode) error
	Cuts(client.Tunnel, client.ClientMode) string
	// IssueSource rotates the source token and gives the new one out.
	IssueSource(context.Context, client.Service, client.Tunnel) (token.Token, error)
	// Windows are the devices to which a shell runs in a window of its own.
	Windows() []string
	// CloseWindows closes these windows, and what runs in them.
	CloseWindows(context.Context) error
	// Resend sends the device its token again, ResendAfter says from when on that makes sense, zero for always.
	Resend(context.Context, client.Service, client.Tunnel) error
	ResendAfter(client.Key) time.Time
}

// attempt is one way to a device, under way.
type attempt interface {
	Progress() session.Progress
	Next(ctx context.Context, seen uint64) (session.Progress, error)
	Resend(context.Context) error
	Cancel()
}

type liveSessions struct{ *session.Sessions }

func (s liveSessions) Start(ctx context.Context, req session.Request) attempt {
	return s.Sessions.Start(ctx, req)
}
