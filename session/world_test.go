package session_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"adit/client"
	"adit/emulator"
	"adit/emulator/fleet"
	"adit/session"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
)

// world is an emulator with devices, and a Sessions that reaches it over sockets as it would reach AWS.
type world struct {
	*session.Sessions
	t       *testing.T
	service *listening
	paths   session.Paths
	plane   session.DataPlane
	manager *tunnelconn.Manager
	fleet   *fleet.Fleet
	log     *buffer
}

// listening is the real Service, and remembers the secrets that pass.
type listening struct {
	client.Service
	mu      sync.Mutex
	secrets []string
	rotated []client.ClientMode
	opens   int
}

func (l *listening) keep(tokens ...token.Token) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, secret := range tokens {
		if !secret.IsZero() {
			l.secrets = append(l.secrets, secret.Reveal())
		}
	}
}

func (l *listening) Open(ctx context.Context, in client.OpenInput) (client.Opened, error) {
	out, err := l.Service.Open(ctx, in)
	l.keep(out.Source, out.Destination)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opens++
	return out, err
}

func (l *listening) Rotate(ctx context.Context, in client.RotateInput) (client.Rotated, error) {
	out, err := l.Service.Rotate(ctx, in)
	l.keep(out.Source, out.Destination)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rotated = append(l.rotated, in.Mode)
	return out, err
}

func (l *listening) rotations() []client.ClientMode {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]client.ClientMode(nil), l.rotated...)
}

// buffer takes the log of several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newWorld(t *testing.T, ssh string) *world {
	t.Helper()
	w := &world{t: t, log: &buffer{}, manager: tunnelconn.NewManager()}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	e, err := emulator.Start(ctx, emulator.Config{Region: "eu-west-1"})
	w.must(err)
	t.Cleanup(func() { w.must(e.Close()) })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(e.CAPEM())
	w.plane = session.DataPlane{Endpoint: e.DataAddr(), Roots: roots}
	w.fleet, err = fleet.Start(ctx, fleet.Config{
		MQTT: e.MQTTAddr(), Data: e.DataAddr(), Roots: roots, Seed: 1, SlowBy: time.Second,
		Things: []fleet.Thing{{Name: "pump-07"}, {Name: "Gate-05", OldProtocol: true}, {Name: "valve-09", Refuses: true}, {Name: "cam:02", Slow: true}},
	})
	w.must(err)
	t.Cleanup(func() { w.must(w.fleet.Close()) })
	api, err := client.Connect(ctx, client.ConnectOptions{
		Region: "eu-west-1", EndpointURL: e.APIURL(), Log: log,
		Static: &client.StaticCredentials{AccessKeyID: "123456789012", SecretAccessKey: token.New("secret-canary-key")},
	})
	w.must(err)
	w.service = &listening{Service: api, secrets: []string{"secret-canary-key"}}
	watcher := client.NewWatcher([]client.Service{w.service}, client.WatcherOptions{Log: log})
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		_ = watcher.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-watching })

	run, err := os.MkdirTemp("/tmp", "adit-w")
	w.must(err)
	t.Cleanup(func() { w.must(os.RemoveAll(run)) })
	dir := t.TempDir()
	w.paths = session.Paths{Config: dir + "/config", State: dir + "/state", Run: run}
	store, err := session.OpenStore(w.paths)
	w.must(err)
	executable, err := os.Executable()
	w.must(err)
	t.Setenv("ADIT_TEST_AS_CONNECT", "1") // see TestMain: ssh's ProxyCommand is this very binary
	w.Sessions, err = session.New(session.Options{
		Manager: w.manager, Watcher: watcher, Store: store, Executable: executable, SSH: ssh,
		DataPlane: func(client.Context) (session.DataPlane, error) { return w.plane, nil },
		User:      func(client.Context) string { return "demo" }, Owner: "alice@bastion3", Log: log,
	})
	w.must(err)
	t.Cleanup(func() { w.must(w.Close()) })
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\nlog:\n%s", err, w.log)
	}
}

// walk starts a request and waits for its end, which a minute's silence is not.
func (w *world) walk(req session.Request) session.Progress {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	req.Service = w.service
	a := w.Start(w.t.Context(), req)
	p := a.Progress()
	for !p.Done {
		var err error
		if p, err = a.Next(ctx, p.Seq); err != nil {
			w.t.Fatalf("the attempt hangs: %+v\nlog:\n%s", p.Stages, w.log)
		}
	}
	return p
}

func (w *world) opened(thing string, services ...string) session.Progress {
	w.t.Helper()
	p := w.walk(session.Request{Open: &client.OpenInput{Thing: thing, Services: services, Lifetime: time.Hour}})
	w.must(p.Err)
	return p
}

// ran is what a shell did.
type ran struct {
	out, errs string
	code      int
}

// typed runs a shell with these lines as its input.
func (w *world) typed(shell *session.Shell, lines string) ran {
	w.t.Helper()
	if shell == nil {
		w.t.Fatal("there is no shell")
	}
	var out, errs buffer
	shell.SetStdin(strings.NewReader(lines))
	shell.SetStdout(&out)
	shell.SetStderr(&errs)
	w.must(shell.Run())
	return ran{out.String(), errs.String(), shell.ExitCode()}
}

// get asks the status page behind a local port.
func (w *world) get(address string) int {
	w.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	answer, err := client.Get("http://" + address + "/")
	w.must(err)
	w.must(answer.Body.Close())
	return answer.StatusCode
}

func mustSSH(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("ssh")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no ssh on this machine")
	}
	if err != nil {
		t.Skip("there is no ssh on this machine")
	}
	return path
}

// spyingSSH is an ssh that first writes down what it was given: arguments, environment and configuration.
func spyingSSH(t *testing.T, ssh string) (script, notes string) {
	t.Helper()
	dir := t.TempDir()
	script, notes = filepath.Join(dir, "ssh"), filepath.Join(dir, "notes")
	text := "#!/bin/sh\n{ printf '%s\\n' \"$@\"; env; cat \"$2\"; ls -laR \"$(dirname \"$2\")\"; } >>'" + notes + "'\nexec '" + ssh + "' \"$@\"\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return script, notes
}
