package views

import (
	"bytes"
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"adit/client"
	"adit/emulator"
	"adit/emulator/fleet"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
	"adit/ui"
)

// office is a desk on real rooms: the service is the emulator over sockets, with a device behind it, and the clock is the
// computer's.
type office struct {
	*desk
	api    *counted
	heard  heard
	state  string
	plane  session.DataPlane
	frames strings.Builder
	// read is how long a person has read so far, which takes no time here.
	read time.Duration
}

// counted counts the rotations, each of which voids a token.
type counted struct {
	client.Service
	rotations atomic.Int32
}

func (c *counted) Rotate(ctx context.Context, in client.RotateInput) (client.Rotated, error) {
	c.rotations.Add(1)
	return c.Service.Rotate(ctx, in)
}

// heard is the emulator's log, which has a line for each request.
type heard struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(p)
}

// count is how many requests for an operation the emulator saw.
func (h *heard) count(operation string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.log.String(), " operation="+operation+" ")
}

// patience is how long something may take that takes milliseconds: it only ends a test that has failed.
const patience = time.Minute

func inOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := &office{desk: &desk{t: t, answers: make(chan tea.Msg, 4096), idle: func() {}}}

	e, err := emulator.Start(ctx, emulator.Config{
		Region: "eu-west-1", Things: []string{"pump-07", "valve-99"}, Log: slog.New(slog.NewTextHandler(&o.heard, nil)),
	})
	o.must(err)
	defer func() { o.must(e.Close()) }()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(e.CAPEM())
	o.plane = session.DataPlane{Endpoint: e.DataAddr(), Roots: roots}
	devices, err := fleet.Start(ctx, fleet.Config{
		MQTT: e.MQTTAddr(), Data: e.DataAddr(), Roots: roots, Seed: 1, Things: []fleet.Thing{{Name: "pump-07"}},
	})
	o.must(err)
	defer func() { o.must(devices.Close()) }()

	api, err := client.Connect(ctx, client.ConnectOptions{
		Region: "eu-west-1", EndpointURL: e.APIURL(), Demo: true,
		Static: &client.StaticCredentials{AccessKeyID: "123456789012", SecretAccessKey: token.New("secret")},
	})
	o.must(err)
	o.api = &counted{Service: api}
	watcher := client.NewWatcher([]client.Service{o.api}, client.WatcherOptions{ListEvery: time.Second})
	roster := client.NewRoster([]client.Service{o.api}, client.RosterOptions{})
	o.work.Go(func() { _ = watcher.Run(ctx) })
	o.work.Go(func() { _ = roster.Run(ctx) })

	// A socket's path must be short, and the directories of tests are not.
	run, err := os.MkdirTemp("/tmp", "adit-v")
	o.must(err)
	defer func() { o.must(os.RemoveAll(run)) }()
	dir := t.TempDir()
	o.state = dir + "/state"
	store, err := session.OpenStore(session.Paths{Config: dir + "/config", State: dir + "/state", Run: run})
	o.must(err)
	executable, err := os.Executable()
	o.must(err)
	running, err := session.New(session.Options{
		Manager: tunnelconn.NewManager(), Watcher: watcher, Store: store, Executable: executable, SSH: "ssh-that-is-not-there",
		DataPlane: func(client.Context) (session.DataPlane, error) { return o.plane, nil }, Owner: "bob@laptop",
	})
	o.must(err)

	backend := &Backend{Services: []client.Service{o.api}, Watcher: watcher, Roster: roster, Sessions: running}
	o.app = newApp(ctx, Options{
		Connect: func(context.Context) (*Backend, error) { return backend, nil },
		Trying:  "the office", Keys: keymap.Default(), Now: func() time.Time { return time.Now().Add(o.read) }, Look: ui.Look{Dark: true, ReducedMotion: true},
	})
	// Commands that wait end with the context, and the last tick within a second.
	defer func() { cancel(); o.must(running.Close()); o.work.Wait() }()
	o.seen = func(content string) { o.frames.WriteString(ansi.Strip(content)) }
	o.resize(160, 50)
	o.do(o.app.Init())
	test(o)
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// until answers the screen's commands until it shows all of the texts, wherever its lines were broken.
func (o *office) until(texts ...string) {
	o.t.Helper()
	o.wait(strings.Join(texts, ", "), func() bool {
		flat := strings.Join(strings.Fields(strings.Map(dropBorder, o.screen())), " ")
		for _, text := range texts {
			if !strings.Contains(flat, text) {
				return false
			}
		}
		return true
	})
}

// saw checks that some frame had a text, however short it was there.
func (o *office) saw(texts ...string) {
	o.t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.frames.String(), text) {
			o.t.Errorf("no frame had %q", text)
		}
	}
}

// wait answers the screen's commands until something holds.
func (o *office) wait(what string, holds func() bool) {
	o.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !holds() {
		select {
		case msg := <-o.answers:
			o.deliver(msg)
		case <-limit.C:
			o.t.Fatalf("not within %v: %s\n%s", patience, what, o.screen())
		}
	}
	o.read += 500 * time.Millisecond
}

// colleague connects as the source of a tunnel from elsewhere.
func (o *office) colleague(secret token.Token) *tunnelconn.Source {
	o.t.Helper()
	source, err := tunnelconn.StartSource(tunnelconn.SourceConfig{Link: tunnelconn.Link{
		Endpoint: o.plane.Endpoint, Roots: o.plane.Roots, AccessToken: secret,
	}})
	o.must(err)
	return source
}

// reaches waits for the state of a local proxy that is not the screen's.
func (o *office) reaches(source *tunnelconn.Source, state tunnelconn.State) tunnelconn.Status {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	for {
		status := source.Status()
		if status.State == state {
			return status
		}
		if _, err := source.Changed(ctx, status.Seq); err != nil {
			o.t.Fatalf("it is %+v", status)
		}
	}
}

// occupied is a local port that another program listens on until the test, or the call of free, gives it back.
func (o *office) occupied() (port string, free func()) {
	o.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(o.t.Context(), "tcp", "127.0.0.1:0")
	o.must(err)
	_, port, err = net.SplitHostPort(listener.Addr().String())
	o.must(err)
	return port, func() { _ = listener.Close() }
}
