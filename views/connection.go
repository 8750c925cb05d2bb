package views

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// connection is the backend of the screen and the epoch it belongs to. An epoch begins with every try to connect.
type connection struct {
	epoch   uint64
	backend *Backend
	trying  string
	err     error
	ctx     context.Context
	cancel  context.CancelFunc
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

// connect begins an epoch. Its context ends what the epoch before still waited for.
func (a *app) connect(open maker, trying string) tea.Cmd {
	if a.connection.cancel != nil {
		a.connection.cancel()
	}
	epoch := a.connection.epoch + 1
	ctx, cancel := context.WithCancel(a.ctx)
	a.connection = connection{epoch: epoch, trying: trying, ctx: ctx, cancel: cancel}
	a.front = keymap.ScopeConnect
	return func() tea.Msg {
		backend, err := open(ctx)
		return connectedMsg{epoch, backend, err}
	}
}

func (a *app) connected(msg connectedMsg) tea.Cmd {
	if msg.epoch != a.connection.epoch {
		if msg.backend == nil || msg.backend.Close == nil {
			return nil
		}
		return func() tea.Msg { _ = msg.backend.Close(); return nil }
	}
	if msg.err != nil {
		a.connection.err = msg.err
		return nil
	}
	a.connection.backend = msg.backend
	a.sessions = a.live(msg.backend)
	a.snapshot = msg.backend.Watcher.Snapshot()
	a.seen = map[string]bool{}
	a.remember()
	a.chronicle = newChronicle()
	a.chronicle.see(a.snapshot)
	a.tunnels = newTunnelsView(a.scene)
	a.proxies = newProxiesView(a.scene)
	a.front = keymap.ScopeTunnels
	for _, thing := range msg.backend.Things {
		a.seen[thing] = true
	}
	for _, notice := range msg.backend.Notices {
		a.toast(ui.Warn, notice)
	}
	a.refill()
	return a.awaitSnapshot()
}

// awaitSnapshot is the one command that waits for the watcher; it is armed again when it has delivered.
func (a *app) awaitSnapshot() tea.Cmd {
	ctx, epoch, watcher, seen := a.connection.ctx, a.connection.epoch, a.connection.backend.Watcher, a.snapshot.Seq
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
	a.snapshot = msg.snapshot
	a.remember()
	a.chronicle.see(a.snapshot)
	a.refill()
	return a.awaitSnapshot()
}

// remember keeps the things of the list in mind when it shows them no more.
func (a *app) remember() {
	for _, r := range a.snapshot.Rows {
		a.seen[r.Thing.Raw()] = true
	}
}

// service is the one a tunnel's context belongs to.
func (a *app) service(of client.Context) client.Service {
	services := a.connection.backend.Services
	for _, s := range services {
		if s.Context() == of {
			return s
		}
	}
	return services[0]
}

// context is what the header shows.
func (a *app) context() client.Context { return a.connection.backend.Services[0].Context() }

// sessions is what the screen needs of package session.
type sessions interface {
	Start(context.Context, session.Request) attempt
	Proxies() []session.Proxy
	StopProxy(client.Key) error
	Opened(client.Key) bool
	// OpenedHere are the tunnels that this process opened and has not closed.
	OpenedHere() []session.OpenedTunnel
	// CloseTunnel stops a local proxy of ours first, and records what became of the tunnel.
	CloseTunnel(ctx context.Context, service client.Service, key client.Key, remove bool) error
	// Rotate keeps a source token it gets; Cuts says in a sentence what a rotation ends.
	Rotate(context.Context, client.Service, client.Tunnel, client.ClientMode) error
	Cuts(client.Tunnel, client.ClientMode) string
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

// connectView is the screen before there is a backend: what is tried, what went wrong, and what mends it.
func (a *app) connectView() []string {
	s := a.scene
	if a.connection.err == nil {
		return []string{"", "  " + s.theme.Text(ui.Plain, "connecting: "+client.Clean(a.connection.trying))}
	}
	sentence, remedy := explain(a.connection.err)
	parts := [][]string{
		s.paragraph(ui.Dim, "tried: "+client.Clean(a.connection.trying), 2),
		s.paragraph(ui.Bad, s.theme.Symbols.Failed+" "+sentence, 2),
	}
	if remedy != "" {
		parts = append(parts, s.paragraph(ui.Plain, remedy, 2))
	}
	if command := commandOf(a.connection.err); command != "" {
		parts = append(parts, s.paragraph(ui.Accent, "$ "+command, 2))
	}
	var lines []string
	for _, part := range parts {
		// A low terminal needs every line for words.
		if s.height >= 14 {
			lines = append(lines, "")
		}
		lines = append(lines, part...)
	}
	return lines
}
