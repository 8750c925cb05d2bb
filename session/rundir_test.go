package session

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// holdRunDir is what the test binary does as another adit: it makes a run directory, says which, and lives on.
func holdRunDir(run string) error {
	d, err := newRunDir(run)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.path, "ssh_config"), nil, 0o600); err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString(d.id + "\n"); err != nil {
		return err
	}
	_, err = os.Stdin.Read(make([]byte, 1)) // until it is killed
	return err
}

// otherAdit runs another process that holds a run directory.
func otherAdit(t *testing.T, run string) (dir string, kill func()) {
	t.Helper()
	cmd := exec.Command(mustExecutable(t))
	cmd.Env = append(os.Environ(), asHolder+"="+run)
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = hold.Close()
	}
	t.Cleanup(kill)
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the other process made no directory")
	}
	return filepath.Join(run, lines.Text()), kill
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestRunDirectoryOfAKilledAditIsClearedAndOfALivingOneKept(t *testing.T) {
	paths := testPaths(t)
	dead, kill := otherAdit(t, paths.Run)
	living, _ := otherAdit(t, paths.Run)
	if _, err := OpenStore(paths); err != nil {
		t.Fatal(err)
	}
	if !there(dead) || !there(living) {
		t.Fatal("the directory of a living adit was removed")
	}
	kill()
	store, err := OpenStore(paths)
	if err != nil {
		t.Fatal(err)
	}
	if there(dead) || !there(living) {
		t.Errorf("after one was killed: its directory is there: %v, the living one's: %v", there(dead), there(living))
	}
	again, kill := otherAdit(t, paths.Run)
	kill()
	s, err := newSessions(Options{Store: store, Executable: "/opt/adit"}, newFakeManager(), &fakeWatcher{})
	if err != nil {
		t.Fatal(err)
	}
	if there(again) || !there(living) {
		t.Errorf("at New: the dead one's is there: %v, the living one's: %v", there(again), there(living))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyRunDirectoriesThatNobodyLocksAreCleared(t *testing.T) {
	paths := testPaths(t)
	ours, err := newRunDir(paths.Run)
	if err != nil {
		t.Fatal(err)
	}
	empty, other := filepath.Join(paths.Run, newID()), filepath.Join(paths.Run, "not-a-session")
	for _, dir := range []string{empty, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	removeAbandoned(paths.Run)
	for path, want := range map[string]bool{ours.path: true, empty: false, other: true} {
		if there(path) != want {
			t.Errorf("%s is there: %v, want %v", path, there(path), want)
		}
	}
	ours.remove()
	if there(ours.path) {
		t.Error("it did not go with its session")
	}
}

func TestLinkInPlaceOfTheRunDirectoryIsNotFollowed(t *testing.T) {
	paths := testPaths(t)
	victim := filepath.Join(paths.Run, newID())
	if err := os.Mkdir(victim, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "run")
	if err := os.Symlink(paths.Run, link); err != nil {
		t.Fatal(err)
	}
	removeAbandoned(link)
	if !there(victim) {
		t.Error("a directory elsewhere was cleared")
	}
}
