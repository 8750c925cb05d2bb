package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPathsFollowTheVariablesAndKeepTheDemoApart(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ADIT_CONFIG_DIR", dir+"/c")
	t.Setenv("ADIT_STATE_DIR", dir+"/s")
	t.Setenv("ADIT_RUN_DIR", dir+"/r")
	real, err := DefaultPaths(false)
	if err != nil || real != (Paths{Config: dir + "/c", State: dir + "/s", Run: dir + "/r"}) {
		t.Errorf("paths %+v, %v", real, err)
	}
	demo, err := DefaultPaths(true)
	if err != nil || demo.State == real.State || demo.Run != real.Run {
		t.Errorf("the demo's %+v beside %+v, %v", demo, real, err)
	}
}

func TestRunDirectoryAvoidsWhatIsMissingOrTooLong(t *testing.T) {
	t.Setenv("ADIT_RUN_DIR", "")
	short, err := shortTempDir()
	if err != nil {
		t.Fatal(err)
	}
	defer removeAll(t, short)
	temporary := filepath.Join(os.TempDir(), "adit-")
	for runtime, want := range map[string]string{
		short:                            short + "/adit",
		"":                               temporary,
		short + "/missing":               temporary,
		longDir(t, short, maxSocketPath): temporary,
	} {
		t.Setenv("XDG_RUNTIME_DIR", runtime)
		paths, err := DefaultPaths(false)
		if err != nil || !strings.HasPrefix(paths.Run, want) {
			t.Errorf("XDG_RUNTIME_DIR=%s: run %s, %v; want %s", runtime, paths.Run, err, want)
		}
	}
}

func longDir(t *testing.T, in string, length int) string {
	t.Helper()
	dir := filepath.Join(in, strings.Repeat("x", length))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPrivateDirClosesItselfAndRefusesLinks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := privateDir(dir); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v", info.Mode())
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := privateDir(link); err == nil {
		t.Error("a link was taken for a directory of our own")
	}
}

func TestForeignDirectoryIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make a directory somebody else's")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 4242, 4242); err != nil {
		t.Fatal(err)
	}
	if err := privateDir(dir); err == nil || !strings.Contains(err.Error(), "another user") {
		t.Errorf("error %v", err)
	}
}
