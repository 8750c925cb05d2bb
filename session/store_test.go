package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

func TestStateSurvivesAndIsPrivate(t *testing.T) {
	paths := testPaths(t)
	store, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	opened := OpenedTunnel{Key: testContext.Key("one"), Thing: "pump-07", At: time.Now().UTC().Truncate(time.Second)}
	if err := store.change(func(s *state) { s.addOpened(opened) }); err != nil {
		t.Fatal(err)
	}
	again, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	now, err := again.read()
	if err != nil || len(now.Opened) != 1 || now.Opened[0] != opened || again.Notice() != "" {
		t.Errorf("read back %+v, %v, notice %q", now, err, again.Notice())
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "state.json": 0o600, "state.lock": 0o600} {
		info, err := os.Stat(filepath.Join(paths.State, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v %v, want %v", name, info.Mode(), err, want)
		}
	}
}

// witnessed is a file that notes what was on the disk for sure when it was closed.
type witnessed struct {
	newFile
	written, synced []byte
	closed          func(synced []byte)
}

func (f *witnessed) Write(p []byte) (int, error) {
	f.written = append(f.written, p...)
	return f.newFile.Write(p)
}

func (f *witnessed) Sync() error {
	f.synced = f.written
	return f.newFile.Sync()
}

func (f *witnessed) Close() error {
	f.closed(f.synced)
	return f.newFile.Close()
}

func TestIntentIsForcedToTheDiskBeforeTheChangeIsDone(t *testing.T) {
	store, err := OpenStore(testPaths(t))
	if err != nil {
		t.Fatal(err)
	}
	var synced string
	store.create = func(dir, pattern string) (newFile, error) {
		f, err := createTemp(dir, pattern)
		return &witnessed{newFile: f, closed: func(data []byte) { synced = string(data) }}, err
	}
	if err := store.change(func(s *state) { s.Intents = append(s.Intents, intent{Marker: "the-mark", At: time.Now()}) }); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(store.file())
	if err != nil || !strings.Contains(synced, "the-mark") || string(data) != synced {
		t.Errorf("synced %q, and the file holds %q, %v", synced, data, err)
	}
}

func TestChangesOfSeveralProcessesAreAllKept(t *testing.T) {
	paths := testPaths(t)
	const writers, each = 4, 10
	var group sync.WaitGroup
	for w := range writers {
		store, err := OpenStore(paths) // a Store of its own has a lock of its own, as another process has
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for i := range each {
				marker := fmt.Sprintf("%d-%d", w, i)
				if err := store.change(func(s *state) { s.Intents = append(s.Intents, intent{Marker: marker, At: time.Now()}) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	store, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := store.read(); err != nil || len(now.Intents) != writers*each {
		t.Errorf("%d intents, %v; want %d", len(now.Intents), err, writers*each)
	}
	if left, _ := filepath.Glob(filepath.Join(paths.State, "*.tmp")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStateThatCannotBeWrittenIsASentenceAndLosesNothing(t *testing.T) {
	paths := testPaths(t)
	store, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	kept := OpenedTunnel{Key: testContext.Key("one"), Thing: "pump-07", At: time.Now().UTC().Truncate(time.Second)}
	if err := store.change(func(s *state) { s.addOpened(kept) }); err != nil {
		t.Fatal(err)
	}
	for want, create := range map[string]func(string, string) (newFile, error){
		"is full. Free some space": func(dir, _ string) (newFile, error) {
			return nil, &os.PathError{Op: "open", Path: dir, Err: syscall.ENOSPC}
		},
		"cannot be written to. Make it writable": func(dir, _ string) (newFile, error) {
			return nil, &os.PathError{Op: "open", Path: dir, Err: syscall.EROFS}
		},
		"cannot be written: ": func(dir, pattern string) (newFile, error) {
			f, err := os.CreateTemp(dir, pattern)
			return f, errors.Join(err, f.Close()) // so that the write fails half-way
		},
	} {
		store.create = create
		err := store.change(func(s *state) { s.Opened = nil })
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), paths.State) {
			t.Errorf("error %v, want %q", err, want)
		}
		if now, err := store.read(); err != nil || len(now.Opened) != 1 || now.Opened[0] != kept {
			t.Errorf("after %q the state is %+v, %v", want, now, err)
		}
		if left, _ := filepath.Glob(filepath.Join(paths.State, "*.tmp")); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestStateDirectoryThatIsAFileOrGoneIsASentence(t *testing.T) {
	paths := testPaths(t)
	store, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(paths.State); err != nil {
		t.Fatal(err)
	}
	if err := store.change(func(*state) {}); err == nil || !strings.Contains(err.Error(), "is gone. Start adit again") {
		t.Errorf("gone: %v", err)
	}
	if err := os.WriteFile(paths.State, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.change(func(*state) {}); err == nil || !strings.Contains(err.Error(), "is gone. Start adit again") {
		t.Errorf("a file: %v", err)
	}
	if _, err := OpenStore(paths); err == nil || !strings.Contains(err.Error(), "is not a directory") || !strings.Contains(err.Error(), "ADIT_STATE_DIR") {
		t.Errorf("at the start: %v", err)
	}
}

func TestNothingIsOpenedOnAFullDiskAndWhatWasOpenedIsStillKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		full := func(dir, _ string) (newFile, error) {
			return nil, &os.PathError{Op: "open", Path: dir, Err: syscall.ENOSPC}
		}
		b.service.onOpen = func(u *client.Tunnel) error {
			b.opts.Store.create = full
			return arrives(u)
		}
		p := b.run(openRequest(ThenNothing))
		if opened := b.OpenedHere(); p.Err != nil || len(opened) != 1 || opened[0].Key != p.Key {
			t.Errorf("opened %v, error %v", opened, p.Err)
		}
		if intents := b.state().Intents; len(intents) != 1 || intents[0].Thing != "pump-07" {
			t.Errorf("intents %+v: the next adit could not recognise the tunnel", intents)
		}
		p = b.run(openRequest(ThenNothing))
		if stage := b.stage(p, StageTunnel); !strings.HasPrefix(stage.Text, "Nothing was opened") || !strings.Contains(stage.Text, "is full") || b.service.count("OpenTunnel") != 1 {
			t.Errorf("stage %+v, %d opens", stage, b.service.count("OpenTunnel"))
		}
	})
}

func TestTwoAditsWithOneStateKnowEachOthersOpens(t *testing.T) {
	paths := testPaths(t)
	first, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	second, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	for id, store := range map[string]*Store{"one": first, "two": second} {
		if err := store.change(func(s *state) { s.addOpened(OpenedTunnel{Key: testContext.Key(id), At: time.Now()}) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, store := range []*Store{first, second} {
		if now, err := store.read(); err != nil || len(now.Opened) != 2 {
			t.Errorf("one of them reads %+v, %v", now.Opened, err)
		}
	}
	if err := second.change(func(s *state) { s.forgetOpened(testContext.Key("one")) }); err != nil {
		t.Fatal(err)
	}
	if now, err := first.read(); err != nil || len(now.Opened) != 1 || now.Opened[0].Key.ID != "two" {
		t.Errorf("after one was closed by the other: %+v, %v", now.Opened, err)
	}
}

func TestNewerStateIsLeftAlone(t *testing.T) {
	paths := testPaths(t)
	content := `{"version": 2, "something": "new"}`
	file := writeState(t, paths, content)
	_, err := OpenStore(paths)
	if err == nil || !strings.Contains(err.Error(), "newer adit") || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v", err)
	}
	if data, _ := os.ReadFile(file); string(data) != content {
		t.Errorf("the file was changed to %q", data)
	}
}

func TestUnreadableStateIsMovedAsideAndSaidSo(t *testing.T) {
	for _, content := range []string{"", "{", `{"version": 0}`, `[]`, `{"version": 1} {"version": 1}`, `{"version": 1, "peers": [{"version": 9}]}`} {
		paths := testPaths(t)
		file := writeState(t, paths, content)
		store, err := OpenStore(paths)
		if err != nil {
			t.Fatalf("%q: %v", content, err)
		}
		aside, _ := filepath.Glob(file + ".unreadable-*")
		if len(aside) != 1 || !strings.Contains(store.Notice(), aside[0]) {
			t.Fatalf("%q: aside %v, notice %q", content, aside, store.Notice())
		}
		if data, _ := os.ReadFile(aside[0]); string(data) != content {
			t.Errorf("aside lies %q, want %q", data, content)
		}
		if now, err := store.read(); err != nil || now.Version != stateVersion {
			t.Errorf("state %+v, %v", now, err)
		}
	}
}

func writeState(t *testing.T, paths Paths, content string) string {
	t.Helper()
	if err := os.MkdirAll(paths.State, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(paths.State, "state.json")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOldOpensAreForgotten(t *testing.T) {
	s := state{}
	now := time.Now()
	s.addOpened(OpenedTunnel{Key: testContext.Key("old"), At: now.Add(-25 * time.Hour)})
	s.addOpened(OpenedTunnel{Key: testContext.Key("new"), At: now})
	s.Intents = []intent{{Marker: "old", At: now.Add(-25 * time.Hour)}, {Marker: "new", At: now}}
	s.prune(now)
	if len(s.Opened) != 1 || s.Opened[0].Key.ID != "new" || len(s.Intents) != 1 || s.Intents[0].Marker != "new" {
		t.Errorf("kept %+v", s)
	}
}

func TestProtocolIsLearntForOneThingOfOnePlace(t *testing.T) {
	var s state
	here, there := scopeOf(testContext), scopeOf(client.Context{Region: "us-east-1"})
	s.learn(here, "pump-07", tunnelconn.V2)
	s.learn(here, "pump-07", tunnelconn.V1)
	if s.peerOf(here, "pump-07") != tunnelconn.V1 || s.peerOf(there, "pump-07") != tunnelconn.Auto || s.peerOf(here, "pump-08") != tunnelconn.Auto {
		t.Errorf("learnt %+v", s.Peers)
	}
	first := client.Context{Demo: true, Endpoint: "http://127.0.0.1:1", Region: "eu-west-1"}
	second := first
	second.Endpoint = "http://127.0.0.1:2"
	if scopeOf(first) != scopeOf(second) {
		t.Error("the demo's ports make it another demo")
	}
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"version":1,"intents":[{"marker":"a","scope":{},"at":"2026-11-23T03:14:00Z"}],"peers":[{"thing":"x","version":1}]}`))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeState(data)
		if err != nil {
			return
		}
		encoded, err := s.encode()
		if err != nil {
			t.Fatalf("a state that was read cannot be written: %v", err)
		}
		if _, err := decodeState(encoded); err != nil {
			t.Fatalf("a state that was written cannot be read: %v in %s", err, encoded)
		}
	})
}
