package session_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

func TestFromAThingToAShellAndBack(t *testing.T) {
	w := newWorld(t, mustSSH(t))
	first := w.opened("pump-07", "SSH", "HTTP")
	got := w.typed(first.Shell, "echo deep-$((6*7))\nexit 7\n")
	if got.code != 7 || !strings.Contains(got.out, "pump-07 · NOT AWS ") {
		t.Errorf("code %d, out %q, err %q; want 7 and a banner", got.code, got.out, got.errs)
	}
	alias := session.HostKeyAlias(w.service.Context(), "pump-07")
	known, err := exec.Command("ssh-keygen", "-F", alias, "-f", filepath.Join(w.paths.State, "known_hosts")).CombinedOutput()
	if key := w.fleet.KnownHost("pump-07"); err != nil || !strings.Contains(string(known), key) {
		t.Errorf("adit's known_hosts has for %s: %s (%v), want %s", alias, known, err, key)
	}
	proxies := w.Proxies()
	if len(proxies) != 1 || len(proxies[0].Services) != 2 {
		t.Fatalf("proxies %+v", proxies)
	}
	for _, service := range proxies[0].Services {
		if service.Service == "HTTP" && w.get(service.Address) != 200 {
			t.Error("the second service does not answer")
		}
	}

	again := w.walk(session.Request{Thing: "pump-07"})
	w.must(again.Err)
	if got := w.typed(again.Shell, "exit 3\n"); got.code != 3 || again.Key != first.Key {
		t.Errorf("second shell: code %d, tunnel %v, err %q", got.code, again.Key, got.errs)
	}
	w.must(w.StopProxy(first.Key))
	third := w.walk(session.Request{Thing: "pump-07"})
	w.must(third.Err)
	if got := w.typed(third.Shell, "exit 4\n"); got.code != 4 || third.Key != first.Key {
		t.Errorf("third shell: code %d, tunnel %v, err %q", got.code, third.Key, got.errs)
	}
	if got := w.service.rotations(); !slices.Equal(got, []client.ClientMode{client.ModeSource}) || w.service.opens != 1 {
		t.Errorf("rotations %v, opens %d; want one open, and one rotation of the source alone", got, w.service.opens)
	}
	w.must(w.CloseTunnel(t.Context(), w.service, first.Key, true))
	if len(w.Proxies()) != 0 || len(w.OpenedHere()) != 0 {
		t.Errorf("after closing: proxies %v, opened %v", w.Proxies(), w.OpenedHere())
	}
	if entries, err := os.ReadDir(w.paths.Run); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestOldDeviceIsReachedAndRemembered(t *testing.T) {
	w := newWorld(t, mustSSH(t))
	first := w.opened("Gate-05", "SSH")
	if got := w.typed(first.Shell, "exit 5\n"); got.code != 5 {
		t.Errorf("code %d, out %q, err %q", got.code, got.out, got.errs)
	}
	p := w.walk(session.Request{Thing: "Gate-05"})
	w.must(p.Err)
	busy := w.walk(session.Request{Thing: "Gate-05"})
	if busy.Err == nil || !strings.Contains(busy.Err.Error(), "one connection at a time") {
		t.Errorf("a second shell while the first has the connection: %v", busy.Err)
	}
	if got := w.typed(p.Shell, "exit 6\n"); got.code != 6 {
		t.Errorf("the first was harmed: code %d, err %q", got.code, got.errs)
	}
	w.must(w.Close()) // what was to be learnt is written by now
	state, err := os.ReadFile(filepath.Join(w.paths.State, "state.json"))
	if err != nil || !strings.Contains(string(state), `"thing": "Gate-05"`) || !strings.Contains(string(state), `"peers"`) {
		t.Errorf("state %s, %v; want the protocol learnt", state, err)
	}
}

func TestDeviceThatRefusesAndOneThatIsSlow(t *testing.T) {
	w := newWorld(t, mustSSH(t))
	p := w.walk(session.Request{Open: &client.OpenInput{Thing: "valve-09", Services: []string{"SSH"}, Lifetime: time.Hour}})
	if p.Err == nil || !strings.Contains(p.Err.Error(), "its ssh refused the connection") {
		t.Errorf("error %v, want that its ssh refused", p.Err)
	}
	slow := w.opened("cam:02", "SSH")
	if got := w.typed(slow.Shell, "exit 2\n"); got.code != 2 {
		t.Errorf("code %d, err %q", got.code, got.errs)
	}
}

func TestDisplacedSourceIsToldAndNotFoughtFor(t *testing.T) {
	w := newWorld(t, "ssh-that-is-not-there")
	p := w.opened("pump-07", "SSH")
	rotated, err := w.service.Rotate(t.Context(), client.RotateInput{ID: p.Key.ID, Mode: client.ModeSource})
	w.must(err)
	thief, err := tunnelconn.StartSource(tunnelconn.SourceConfig{Link: tunnelconn.Link{
		Endpoint: w.plane.Endpoint, Roots: w.plane.Roots, AccessToken: rotated.Source,
	}})
	w.must(err)
	defer func() { w.must(thief.Close()) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for seen := uint64(0); w.HasRunning(); {
		if seen, err = w.manager.Changed(ctx, seen); err != nil {
			t.Fatalf("our proxy did not stop: %+v", w.Proxies())
		}
	}
	for status := thief.Status(); status.State != tunnelconn.Connected; status = thief.Status() {
		if _, err = thief.Changed(ctx, status.Seq); err != nil {
			t.Fatalf("the other source did not connect: %+v", status)
		}
	}
	var busy *session.BusyError
	if p := w.walk(session.Request{Thing: "pump-07"}); !errors.As(p.Err, &busy) || !busy.Displaced || busy.Holder != "" {
		t.Errorf("error %v, want BusyError that names no holder: the thief left no tag, and ours is not theirs", p.Err)
	}
	if got := w.service.rotations(); len(got) != 1 {
		t.Errorf("rotations %v: it fought back", got)
	}
	if p := w.walk(session.Request{Key: p.Key, TakeOver: true, Then: session.ThenProxy}); p.Err != nil {
		t.Errorf("taking over: %v", p.Err)
	}
}

func TestNoSecretLeavesTheProcess(t *testing.T) {
	script, notes := spyingSSH(t, mustSSH(t))
	w := newWorld(t, script)
	p := w.opened("pump-07", "SSH")
	var seen []string
	first := w.typed(p.Shell, "exit 0\n")
	w.must(w.StopProxy(p.Key))
	p = w.walk(session.Request{Thing: "pump-07"})
	w.must(p.Err)
	second := w.typed(p.Shell, "exit 0\n")
	w.must(w.Rotate(t.Context(), w.service, describe(w, p.Key), client.ModeAll))
	bad := w.walk(session.Request{Open: &client.OpenInput{Thing: "valve-09", Services: []string{"SSH"}, Lifetime: time.Hour}})
	seen = append(seen, first.out, first.errs, second.out, second.errs, bad.Err.Error(), w.log.String())
	for _, stage := range append(p.Stages, bad.Stages...) {
		seen = append(seen, stage.Text, stage.Remedy)
	}
	given, err := os.ReadFile(notes)
	w.must(err)
	if !strings.Contains(string(given), "ADIT_RUN_DIR=") || !strings.Contains(string(given), "ProxyCommand") {
		t.Fatalf("ssh's arguments, environment and configuration were not seen: %s", given)
	}
	seen = append(seen, string(given))
	for _, dir := range []string{w.paths.State, w.paths.Run} {
		w.must(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			seen = append(seen, string(data))
			return err
		}))
	}
	w.service.mu.Lock()
	defer w.service.mu.Unlock()
	if len(w.service.secrets) < 5 {
		t.Fatalf("only %d secrets passed", len(w.service.secrets))
	}
	for _, secret := range w.service.secrets {
		for _, text := range seen {
			if strings.Contains(text, secret) {
				t.Errorf("a secret shows in %.200q", text)
			}
		}
	}
}

func describe(w *world, key client.Key) client.Tunnel {
	w.t.Helper()
	tunnel, err := w.service.Describe(w.t.Context(), key.ID)
	w.must(err)
	return tunnel
}
