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
	config := args[slices.Index(args, "-F")+1]
	conn, err := net.Dial("unix", filepath.Join(filepath.Dir(config), "s"))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close() // ssh has ended
	for limit := time.Now().Add(time.Minute); len(b.Windows()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the shell is not over")
		}
	}
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
