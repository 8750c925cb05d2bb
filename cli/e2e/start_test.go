//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWithoutCredentialsAScreenSaysWhatToDoAndOffersTheDemo(t *testing.T) {
	h := newHome(t)
	h.extra = []string{"AWS_REGION=eu-west-1"}
	term := start(t, h, 80, 24)
	term.see("credentials", "eu-west-1", "try again", "demo", "aws ")
	if screen := term.screen(); strings.Contains(screen, "goroutine") || strings.Contains(screen, ".go:") {
		t.Errorf("a stack trace is no help:\n%s", screen)
	}
	term.press("r")
	term.see("credentials", "try again")
	// What failed just now takes no key until the hands have rested.
	for range 30 {
		if !strings.Contains(term.screen(), "try again") {
			break
		}
		term.press("d")
		time.Sleep(time.Second)
	}
	term.see("DEMO", "THING", "pump-12")
	term.press("q")
	if code := term.exit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	term.restored()
}

func TestTheDemoIgnoresTheAWSEnvironmentAndKeepsItsOwnState(t *testing.T) {
	h := newHome(t)
	h.extra = []string{
		"AWS_PROFILE=no-such-profile", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=us-west-2",
		"AWSIOT_TUNNEL_ENDPOINT=127.0.0.1:1", "ADIT_CA=/no/such/file",
	}
	term := start(t, h, 80, 24, "demo")
	term.see("DEMO", "eu-west-1", "pump-12")
	term.row("pump-12", "connected")
	term.press("q")
	if code := term.exit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	entries, err := os.ReadDir(h.path("state"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != "demo" {
			t.Errorf("the demo left %s beside its own state", entry.Name())
		}
	}
}

func TestWithoutSSHASentenceShowsTheAddressToUse(t *testing.T) {
	h := newHome(t)
	h.extra = []string{"PATH=" + h.path("empty")}
	term := start(t, h, 100, 30, "demo")
	term.row("pump-12", "connected")
	term.press("G")
	term.row("▌", "pump-12")
	term.press(enter)
	screen := term.see("no ssh", "127.0.0.1:")
	if loopback.FindString(screen) == "" {
		t.Errorf("no address in\n%s", screen)
	}
}

func TestATerminalTooSmallGetsASentence(t *testing.T) {
	term, _, _ := startDemo(t, 80, 24)
	term.resize(39, 9)
	term.see("40")
	term.gone("THING")
	term.resize(80, 24)
	term.see("THING", "pump-12")
}

// TestASignalWhileSSHHasTheTerminalEndsEverything is what a closing laptop or a supervisor does.
func TestASignalWhileSSHHasTheTerminalEndsEverything(t *testing.T) {
	need(t, "ssh")
	for name, c := range map[string]struct {
		signal syscall.Signal
		code   int
	}{
		"terminate": {syscall.SIGTERM, 143},
		"hang up":   {syscall.SIGHUP, 129},
	} {
		t.Run(name, func(t *testing.T) {
			term, h, _ := startDemo(t, 100, 30)
			term.row("pump-12", "connected")
			term.press("G", enter)
			term.see(prompt("pump-12"))
			family := descendants(t, term.cmd.Process.Pid)
			if err := term.cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			if code := term.exit(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			term.restored()
			for _, pid := range family {
				if running(pid) {
					t.Errorf("process %d of the run is still there", pid)
				}
			}
			left, err := filepath.Glob(h.path("run", "*", "*"))
			if err != nil {
				t.Fatal(err)
			}
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
