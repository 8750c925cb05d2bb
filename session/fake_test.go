package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"adit/client"
	"adit/client/clienttest"
	"adit/tunnelconn"
)

var testContext = client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}

// fakeService is a clienttest.Service with tunnels that are two hours old, and hooks that see them.
type fakeService struct {
	*clienttest.Service
	// beforeOpen may refuse an open; onOpen changes what was made, and may lose the answer.
	beforeOpen func(client.OpenInput) error
	onOpen     func(*client.Tunnel) error
}

func newFakeService() *fakeService { return &fakeService{Service: clienttest.New(testContext)} }

// add makes an open tunnel with ten hours left, nobody connected.
func (f *fakeService) add(id, thing string, change func(*client.Tunnel)) client.Key {
	t := client.Tunnel{
		Key: client.Key{ID: id}, CreatedAt: time.Now().Add(-2 * time.Hour), Lifetime: 12 * time.Hour,
		Thing: client.Text(thing), Services: []client.Text{"SSH"},
	}
	if change != nil {
		change(&t)
	}
	return f.Put(t).Key
}

func (f *fakeService) Open(ctx context.Context, in client.OpenInput) (client.Opened, error) {
	if f.beforeOpen != nil {
		if err := f.beforeOpen(in); err != nil {
			f.FailNext("OpenTunnel", err)
			_, _ = f.Service.Open(ctx, in) // for the record
			return client.Opened{}, err
		}
	}
	opened, err := f.Service.Open(ctx, in)
	if err == nil && f.onOpen != nil {
		f.Change(opened.ID, func(t *client.Tunnel) { err = f.onOpen(t) })
	}
	return opened, err
}

// count is how often an operation was called.
func (f *fakeService) count(operation string) int { return len(f.Calls(operation)) }

// rotations are the rotations asked for, of one mode or of all.
func (f *fakeService) rotations(mode client.ClientMode) []client.RotateInput {
	var all []client.RotateInput
	for _, call := range f.Calls("RotateTunnelAccessToken") {
		if mode == "" || call.Rotate.Mode == mode {
			all = append(all, call.Rotate)
		}
	}
	return all
}

// fakeManager starts sources in memory.
type fakeManager struct {
	mu      sync.Mutex
	sources map[string]*fakeSource
	configs []tunnelconn.SourceConfig
	// refuse answers a start with an error; born changes a source before it is given out.
	refuse error
	born   func(*fakeSource)
}

func newFakeManager() *fakeManager { return &fakeManager{sources: map[string]*fakeSource{}} }

func (m *fakeManager) start(name string, cfg tunnelconn.SourceConfig) (source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.configs = append(m.configs, cfg)
	if m.refuse != nil {
		return nil, m.refuse
	}
	src := &fakeSource{changed: make(chan struct{}), banner: "SSH-2.0-fake\r\n"}
	src.status = tunnelconn.Status{Key: name, Seq: 1, State: tunnelconn.Connected}
	for i, l := range cfg.Listeners {
		address := l.Address
		if address == "127.0.0.1:0" {
			address = fmt.Sprintf("127.0.0.1:%d", 5555+i)
		}
		src.status.Services = append(src.status.Services, tunnelconn.ServiceStatus{Service: l.Service, Address: address})
	}
	if m.born != nil {
		m.born(src)
	}
	m.sources[name] = src
	return src, nil
}

func (m *fakeManager) source(name string) (source, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	src, ok := m.sources[name]
	return src, ok
}

func (m *fakeManager) Snapshot() []tunnelconn.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []tunnelconn.Status
	for _, src := range m.sources {
		all = append(all, src.Status())
	}
	return all
}

func (m *fakeManager) Stop(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if src, ok := m.sources[name]; ok {
		src.become(func(s *tunnelconn.Status) { s.State = tunnelconn.Stopped })
		delete(m.sources, name)
	}
	return nil
}

func (m *fakeManager) Close() error {
	for _, status := range m.Snapshot() {
		_ = m.Stop(status.Key)
	}
	return nil
}

// fakeSource is a local proxy whose device says a banner and then echoes.
type fakeSource struct {
	mu       sync.Mutex
	status   tunnelconn.Status
	changed  chan struct{}
	banner   string
	attached int
	refuse   error // answers Attach
	silent   bool  // the device says nothing at all
}

func (s *fakeSource) Attach(ctx context.Context, _ string, local net.Conn) error {
	s.mu.Lock()
	s.attached++
	refuse, silent, banner := s.refuse, s.silent, s.banner
	s.mu.Unlock()
	defer func() { _ = local.Close() }()
	if refuse != nil {
		return refuse
	}
	defer context.AfterFunc(ctx, func() { _ = local.Close() })()
	if !silent {
		if _, err := local.Write([]byte(banner)); err != nil {
			return nil
		}
	}
	_, _ = io.Copy(local, local) // returns on the end of either direction
	return nil
}

func (s *fakeSource) attachments() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attached
}

func (s *fakeSource) Status() tunnelconn.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *fakeSource) become(change func(*tunnelconn.Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
	s.status.Seq++
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *fakeSource) Changed(ctx context.Context, seen uint64) (uint64, error) {
	for {
		s.mu.Lock()
		seq, changed := s.status.Seq, s.changed
		s.mu.Unlock()
		if seq != seen {
			return seq, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return seq, ctx.Err()
		}
	}
}

// fakeWatcher notes what a session tells the screen's poller.
type fakeWatcher struct {
	mu        sync.Mutex
	recorded  map[client.Key]client.Tunnel
	forgotten []client.Key
	observed  chan bool // whether our source is connected, as it is told
}

func (w *fakeWatcher) Snapshot() *client.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	snapshot := &client.Snapshot{}
	for _, t := range w.recorded {
		snapshot.Rows = append(snapshot.Rows, &client.Row{Tunnel: t})
	}
	return snapshot
}

func (w *fakeWatcher) Refresh(...client.Key) {}

func (w *fakeWatcher) Observe(_ client.Key, _ client.ClientMode, connected bool, _ time.Time) {
	w.observed <- connected
}

func (w *fakeWatcher) Record(t client.Tunnel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recorded[t.Key] = t
}

func (w *fakeWatcher) Forget(key client.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.recorded, key)
	w.forgotten = append(w.forgotten, key)
}

// bench is a Sessions on fakes.
type bench struct {
	*Sessions
	t        *testing.T
	service  *fakeService
	proxies  *fakeManager
	screen   *fakeWatcher
	paths    Paths
	log      *bytes.Buffer
	planeErr error
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		t: t, service: newFakeService(), proxies: newFakeManager(), log: &bytes.Buffer{},
		screen: &fakeWatcher{recorded: map[client.Key]client.Tunnel{}, observed: make(chan bool, 64)},
		paths:  testPaths(t),
	}
	store, err := OpenStore(b.paths)
	if err != nil {
		t.Fatal(err)
	}
	b.Sessions, err = newSessions(Options{
		Store: store, Executable: "/opt/adit", SSH: "ssh-that-is-not-there", User: func(client.Context) string { return "pi" }, Owner: "alice@bastion3",
		DataPlane: func(client.Context) (DataPlane, error) { return DataPlane{Endpoint: "data.example:443"}, b.planeErr },
		Log:       slog.New(slog.NewTextHandler(&lockedWriter{w: b.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, b.proxies, b.screen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// testPaths are directories whose sockets have short names, which t.TempDir does not promise.
func testPaths(t *testing.T) Paths {
	t.Helper()
	run, err := shortTempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeAll(t, run) })
	dir := t.TempDir()
	return Paths{Config: dir + "/config", State: dir + "/state", Run: run}
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}

// until waits for the end of an attempt.
func (b *bench) until(a *Attempt) Progress {
	b.t.Helper()
	p := a.Progress()
	for !p.Done {
		var err error
		if p, err = a.Next(b.t.Context(), p.Seq); err != nil {
			b.t.Fatalf("the attempt did not end: %v, at %+v", err, p)
		}
	}
	<-a.ended
	return p
}

// run starts a request on the fake service and waits for its end.
func (b *bench) run(req Request) Progress {
	b.t.Helper()
	req.Service = b.service
	return b.until(b.Start(b.t.Context(), req))
}

func (b *bench) stage(p Progress, id StageID) Stage {
	b.t.Helper()
	for _, s := range p.Stages {
		if s.ID == id {
			return s
		}
	}
	b.t.Fatalf("there is no stage %s in %+v", id, p.Stages)
	return Stage{}
}

func connected(side *client.Side) {
	side.Known, side.Connected, side.Since = true, true, time.Now().Add(-time.Hour)
}
