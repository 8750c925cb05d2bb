package session

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// withTmux gives the bench a script in place of tmux.
func (b *bench) withTmux(script string) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "tmux")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		b.t.Fatal(err)
	}
	b.opts.Tmux = path
}

// awaitNoWindow waits until every shell in a window is over.
func (b *bench) awaitNoWindow() {
	b.t.Helper()
	for limit := time.Now().Add(time.Minute); len(b.Windows()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			b.t.Fatal("the shell is not over")
		}
	}
}

func TestShellOpensInAWindowAndIsOverWhenItsConnectionIs(t *testing.T) {
	b := newBench(t)
	seen := filepath.Join(t.TempDir(), "seen")
	b.withTmux(`printf '%s\n' "$@" > ` + seen)
	b.withSSH("exit 0")
	shell := b.shell("pump-07")
	if err := shell.Open(NewWindow); err != nil {
		t.Fatal(err)
	}
	if got := b.Windows(); !slices.Equal(got, []string{"pump-07"}) {
		t.Fatalf("windows to %q", got)
	}
	said, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Split(string(said), "\n")
	if !slices.Equal(args[:3], []string{"new-window", "-n", "pump-07"}) || !slices.Contains(args, "ADIT_RUN_DIR="+b.paths.Run) {
		t.Errorf("tmux was given %q", args)
	}
	for _, arg := range args {
		if strings.Contains(arg, "fake-") || strings.Contains(arg, "token-") {
			t.Errorf("%q may be a token", arg)
		}
	}
	config := args[slices.IndexFunc(args, func(arg string) bool { return strings.HasSuffix(arg, "/ssh_config") })]
	conn, err := net.Dial("unix", filepath.Join(filepath.Dir(config), "s"))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close() // ssh has ended
	b.awaitNoWindow()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b.mustBeClean()
}

func TestWindowThatCannotBeOpenedLeavesNothingBehind(t *testing.T) {
	b := newBench(t)
	b.withSSH("exit 0")
	shell := b.shell("pump-07")
	var refused *Failure
	if err := shell.Open(NewPane); !errors.As(err, &refused) || !strings.Contains(refused.Text, "does not run in tmux") {
		t.Fatalf("without tmux: %v", err)
	}
	b.withTmux("echo no space for new pane >&2; exit 1")
	if err := shell.Open(NewPane); !errors.As(err, &refused) || !strings.Contains(refused.Text, "no space for new pane") {
		t.Fatalf("tmux refused: %v", err)
	}
	if got := b.Windows(); len(got) != 0 {
		t.Errorf("windows to %q", got)
	}
	b.mustBeClean()
}

func TestShellInAWindowTellsItsExitStatusAndIsClosedByItsPaneAlone(t *testing.T) {
	for _, c := range []struct {
		ssh, result string
		told        bool
	}{{"exit 3", "ended with 3", true}, {"kill -9 $PPID", "cut off: it has no exit status", false}} {
		b := newBench(t)
		b.opts.Journal = client.NewJournal()
		dir := t.TempDir()
		// A tmux that runs what a window is opened with, and does not wait for it.
		b.withTmux(`if [ "$1" = kill-pane ]; then printf '%s\n' "$*" >>` + dir + `/killed; exit; fi
echo %7
while [ "$1" != env ]; do shift; done
"$@" >` + dir + `/said 2>&1 </dev/null &
for arg; do case "$arg" in */ssh_config) printf %s "$arg" >` + dir + `/config;; esac; done
`)
		b.withSSH(c.ssh)
		shell := b.shell("pump-07")
		if err := shell.Open(NewPane); err != nil {
			t.Fatal(err)
		}
		if err := b.CloseWindows(t.Context()); err != nil {
			t.Fatal(err)
		}
		if killed, err := os.ReadFile(dir + "/killed"); err != nil || string(killed) != "kill-pane -t %7\n" {
			t.Errorf("tmux was told %q, %v", killed, err)
		}
		config, err := os.ReadFile(dir + "/config")
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("unix", filepath.Join(filepath.Dir(string(config)), "s"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close() // ssh has ended
		if c.told {
			b.awaitNoWindow()
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		deeds := b.opts.Journal.Deeds()
		if i := slices.IndexFunc(deeds, func(d client.Deed) bool { return d.Action == "shell" }); i < 0 || deeds[i].Result != c.result {
			t.Errorf("the journal has %+v, want a shell that %s", deeds, c.result)
		}
		b.mustBeClean()
	}
}
