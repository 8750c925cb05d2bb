//go:build unix

// Package e2e drives the built binary as its users do: in a pseudo terminal, with the machine's OpenSSH, beside other
// clients of the same service.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	// The tests run a binary that go test knows nothing of; by this import a change of adit's is one of theirs, and no
	// stale result is taken from the cache.
	_ "adit/cli"
)

// binary is adit, built once for all tests, with the race detector when the tests have it.
var binary string

// workshop is where programs are built, for as long as the tests run.
var workshop string

func TestMain(m *testing.M) {
	// A shell's background jobs start with SIGINT and SIGQUIT ignored, and so would every program these tests start. What
	// is caught here is not ignored there.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	dir, err := os.MkdirTemp("", "adit-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "adit")
	args := []string{"build", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "adit")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	workshop = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// need returns the path of a tool. On a machine of somebody's own a missing tool skips the test; in CI it is an error.
func need(t testing.TB, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and CI must not skip this test", tool)
	}
	t.Skipf("%s is not installed", tool)
	return ""
}

// home is a user's private world: nothing of the machine's own configuration reaches the program.
type home struct {
	dir   string
	extra []string
}

func newHome(t testing.TB) *home {
	t.Helper()
	// A Unix socket's path is short, so the directory must be too.
	dir, err := os.MkdirTemp("", "adit")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range []string{"config", "state", "run"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return &home{dir: dir}
}

func (h *home) path(names ...string) string {
	return filepath.Join(append([]string{h.dir}, names...)...)
}

func (h *home) environment() []string {
	kept := []string{}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		switch {
		case strings.HasPrefix(name, "AWS_"), strings.HasPrefix(name, "AWSIOT_"), strings.HasPrefix(name, "ADIT_"),
			strings.HasPrefix(name, "XDG_"), name == "HOME", name == "TERM", name == "NO_COLOR", name == "TMUX", name == "SSH_AUTH_SOCK":
		default:
			kept = append(kept, entry)
		}
	}
	return append(append(kept,
		"HOME="+h.dir, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8",
		"ADIT_CONFIG_DIR="+h.path("config"), "ADIT_STATE_DIR="+h.path("state"), "ADIT_RUN_DIR="+h.path("run"),
		"AWS_CONFIG_FILE="+h.path("aws-config"), "AWS_SHARED_CREDENTIALS_FILE="+h.path("aws-credentials"),
		"AWS_EC2_METADATA_DISABLED=true", h.raceOptions(),
	), h.extra...)
}
