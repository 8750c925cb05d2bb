//go:build unix

package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestASignalGivesTheTerminalBack(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			term, _, _ := startDemo(t, 100, 30)
			term.press("o")
			term.see("Open a tunnel")
			if err := term.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if code := term.exit(); code != 128+int(s) {
				t.Errorf("exit code %d, want %d", code, 128+int(s))
			}
			term.restored()
		})
	}
}

// TestSuspendingGivesTheTerminalBackUntilItIsResumed runs adit below a shell with job control: what has no shell to go back to
// cannot be stopped.
func TestSuspendingGivesTheTerminalBackUntilItIsResumed(t *testing.T) {
	h := newHome(t)
	script := `set -m; "$0" demo; stty -a >"$1"; echo "the shell is back"; read line; fg; echo "it has ended"`
	term := run(t, h, 100, 30, "sh", "-c", script, binary, h.path("stty"))
	term.row("pump-12", "● connected")
	term.press(ctrlZ)
	term.see("the shell is back")
	stopped, err := os.ReadFile(h.path("stty"))
	if err != nil {
		t.Fatal(err)
	}
	if _, settings, _ := strings.Cut(string(stopped), "\n"); settings != term.before {
		t.Errorf("while it is suspended the terminal is\n%s\nbefore\n%s", settings, term.before)
	}
	term.restored()
	term.press(enter)
	term.row("pump-12", "● connected")
	term.gone("the shell is back")
	term.press("q")
	term.see("it has ended")
	term.exit()
	term.restored()
}

func TestAStormOfResizesChangesNothingOfTheTerminal(t *testing.T) {
	term, _, _ := startDemo(t, 160, 50)
	for i := range 200 {
		term.resize(1+i*37%200, 1+i*23%60)
	}
	term.resize(120, 40)
	term.row("pump-12", "● connected")
	term.press("q")
	if code := term.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	term.restored()
}
