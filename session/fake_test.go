package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"adit/client"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
)

var testContext = client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}

// fakeService is the API in memory. A hook may answer in place of an operation.
type fakeService struct {
	where   client.Context
	mu      sync.Mutex
	tunnels map[string]*client.Tunnel
	calls   []string
	opens   []client.OpenInput
	rotates []client.RotateInput
	times   []time.Time // of the rotations

	// onOpen runs after the tunnel was made; its error is the answer. beforeOpen refuses before.
	beforeOpen func(client.OpenInput) error
	onOpen     func(*client.Tunnel) error
	onRotate   func(*client.Tunnel, client.RotateInput) error
	onDescribe func(*client.Tunnel) error
	onList     func() error
}

func newFakeService() *fakeService {
	return &fakeService{where: testContext, tunnels: map[string]*client.Tunnel{}}
}

// add makes an open tunnel with ten hours left, nobody connected.
func (f *fakeService) add(id, thing string, change func(*client.Tunnel)) client.Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &client.Tunnel{
		Key: f.where.Key(id), Context: f.where, ARN: "arn:aws:iot:eu-west-1:123456789012:tunnel/" + id, Status: client.StatusOpen,
		CreatedAt: time.Now().Add(-2 * time.Hour), Described: true, Thing: client.Text(thing), Services: []client.Text{"SSH"},
		Lifetime: 12 * time.Hour, Source: client.Side{Known: true}, Destination: client.Side{Known: true},
	}
	if change != nil {
		change(t)
	}
	f.tunnels[id] = t
	return t.Key
}

func (f *fakeService) change(id string, change func(*client.Tunnel)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.tunnels[id])
}

func (f *fakeService) called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

func (f *fakeService) count(call string) int {
	n := 0
	for _, c := range f.called() {
		if c == call {
			n++
		}
	}
	return n
}

func (f *fakeService) Context() client.Context { return f.where }

func (f *fakeService) List(ctx context.Context, in client.ListInput) (client.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "List")
	if f.onList != nil {
		if err := f.onList(); err != nil {
			return client.Page{}, err
		}
	}
	var page client.Page
	for _, t := range f.tunnels {
		if in.Thing == "" || t.Thing.Raw() == in.Thing {
			page.Tunnels = append(page.Tunnels, client.Tunnel{Key: t.Key, Context: t.Context, Status: t.Status, CreatedAt: t.CreatedAt})
		}
	}
	slices.SortFunc(page.Tunnels, func(x, y client.Tunnel) int { return y.CreatedAt.Compare(x.CreatedAt) })
	return page, ctx.Err()
}

func (f *fakeService) Describe(ctx context.Context, id string) (client.Tunnel, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "Describe")
	t, ok := f.tunnels[id]
	if !ok {
		return client.Tunnel{}, &client.Error{Kind: client.KindNotFound, Operation: "DescribeTunnel"}
	}
	if f.onDescribe != nil {
		if err := f.onDescribe(t); err != nil {
			return client.Tunnel{}, err
		}
	}
	return *t, ctx.Err()
}

func (f *fakeService) Open(ctx context.Context, in client.OpenInput) (client.Opened, error) {
	f.mu.Lock()
	f.calls = append(f.calls, "Open")
	f.opens = append(f.opens, in)
	id := fmt.Sprintf("new-%d", len(f.opens))
	before, after := f.beforeOpen, f.onOpen
	f.mu.Unlock()
	if before != nil {
		if err := before(in); err != nil {
			return client.Opened{}, err
		}
	}
	f.add(id, in.Thing, func(t *client.Tunnel) {
		t.CreatedAt, t.Lifetime, t.Tags = time.Now(), in.Lifetime, in.Tags
		t.Description, t.Services = client.Text(in.Description), texts(in.Services)
	})
	if after != nil {
		f.mu.Lock()
		t := f.tunnels[id]
		f.mu.Unlock()
		if err := after(t); err != nil {
			return client.Opened{}, err
		}
	}
	return client.Opened{ID: id, ARN: "arn:" + id, Source: token.New("source-of-" + id), Destination: token.New("destination-of-" + id)}, ctx.Err()
}

func (f *fakeService) Close(_ context.Context, id string, remove bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "Close")
	t, ok := f.tunnels[id]
	if !ok {
		return &client.Error{Kind: client.KindNotFound, Operation: "CloseTunnel"}
	}
	t.Status = client.StatusClosed
	if remove {
		delete(f.tunnels, id)
	}
	return nil
}

func (f *fakeService) Rotate(ctx context.Context, in client.RotateInput) (client.Rotated, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "Rotate "+string(in.Mode))
	f.rotates, f.times = append(f.rotates, in), append(f.times, time.Now())
	t, ok := f.tunnels[in.ID]
	if !ok {
		return client.Rotated{}, &client.Error{Kind: client.KindNotFound, Operation: "RotateTunnelAccessToken"}
	}
	if f.onRotate != nil {
		if err := f.onRotate(t, in); err != nil {
			return client.Rotated{}, err
		}
	}
	out := client.Rotated{ARN: t.ARN}
	if in.Mode != client.ModeDestination {
		out.Source = token.New(fmt.Sprintf("rotated-source-%d", len(f.rotates)))
	}
	return out, ctx.Err()
}

func (f *fakeService) Tags(context.Context, string) ([]client.Tag, error) { return nil, nil }

func (f *fakeService) Tag(_ context.Context, _ string, tags []client.Tag) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, tag := range tags {
		f.calls = append(f.calls, "Tag "+tag.Key.Raw())
	}
	return nil
}

func (f *fakeService) Untag(context.Context, string, []string) error { return nil }

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
	_, _ = io.Copy(local, local)
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
}

func (w *fakeWatcher) Snapshot() *client.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	snapshot := &client.Snapshot{}
	for _, t := range w.recorded {
		snapshot.Rows = append(snapshot.Rows, client.Row{Tunnel: t})
	}
	return snapshot
}

func (w *fakeWatcher) Refresh(...client.Key) {}

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
		screen: &fakeWatcher{recorded: map[client.Key]client.Tunnel{}},
		paths:  testPaths(t),
	}
	store, err := OpenStore(b.paths)
	if err != nil {
		t.Fatal(err)
	}
	b.Sessions, err = newSessions(Options{
		Store: store, Executable: "/opt/adit", SSH: "ssh-that-is-not-there", User: "pi", Owner: "alice@bastion3",
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
