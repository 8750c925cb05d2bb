//go:build unix

package fleet

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// openSSH is the machine's ssh, told to trust the device's key alone and to ask nothing.
func openSSH(t *testing.T, d *device, args ...string) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("ssh")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no ssh on this machine")
		}
		t.Skip("there is no ssh on this machine")
	}
	host, port, err := net.SplitHostPort(d.targets["SSH"])
	if err != nil {
		t.Fatal(err)
	}
	known := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(known, []byte(d.thing.Name+" "+publicLine(d.hostKey)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), program, append([]string{
		"-F", "none", "-p", port, "-l", "root", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
		"-o", "UserKnownHostsFile=" + known, "-o", "HostKeyAlias=" + d.thing.Name, "-o", "LogLevel=ERROR", host,
	}, args...)...)
}

func TestOpenSSHLogsInWithoutAPasswordAndGetsTheStatus(t *testing.T) {
	d := applications(t, "pump-07")
	command := openSSH(t, d, "echo $USER at $(hostname)")
	var out, stderr bytes.Buffer
	command.Stdout, command.Stderr = &out, &stderr
	if err := command.Run(); exitCode(t, err) != 2 || !strings.Contains(stderr.String(), "syntax error") {
		t.Errorf("a line beyond this shell: %v, %q", err, stderr.String())
	}
	command = openSSH(t, d, "echo $USER at $HOSTNAME; exit 42")
	out.Reset()
	command.Stdout = &out
	if err := command.Run(); exitCode(t, err) != 42 || out.String() != "root at pump-07\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	default:
		t.Fatal(err)
		return -1
	}
}

func TestOpenSSHCarriesAFileBothWays(t *testing.T) {
	const size = 20 << 20
	command := openSSH(t, applications(t, "pump-07"), "cat")
	want, got := sha256.New(), sha256.New()
	command.Stdin, command.Stdout = io.TeeReader(Blob(size), want), got
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Sum(nil), got.Sum(nil)) {
		t.Error("what came back is not what was sent")
	}
}

func TestOpenSSHHasATerminalThatFollowsItsWindow(t *testing.T) {
	command := openSSH(t, applications(t, "pump-07"))
	window, err := pty.StartWithSize(command, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	var shown collector
	copied := make(chan struct{})
	go func() {
		_, _ = io.Copy(&shown, window) // it ends with an error when ssh ends: that is how Linux ends a terminal
		close(copied)
	}()
	types := func(line string) {
		if _, err := io.WriteString(window, line+"\r"); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "a prompt", func() bool { return strings.Contains(shown.String(), "pump-07:~# ") })
	types("stty size")
	eventually(t, "the size at first", func() bool { return strings.Contains(shown.String(), "\r\n30 100\r\n") })
	if err := pty.Setsize(window, &pty.Winsize{Rows: 41, Cols: 77}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new size", func() bool {
		types("stty size")
		return strings.Contains(shown.String(), "\r\n41 77\r\n")
	})
	types("exit 5")
	if err := command.Wait(); exitCode(t, err) != 5 {
		t.Errorf("%v; shown: %q", err, shown.String())
	}
	<-copied
	_ = window.Close()
}
