package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// guard watches over the process that has the terminal. A panic in any goroutine ends a Go program on the spot, with
// nobody left to give the terminal back; so a second, idle process holds the terminal's state and the other end of the
// crash output (runtime/debug.SetCrashOutput). When something comes out of it, it restores the terminal, keeps the text
// in a crash file and says where.
type guard struct {
	cmd   *exec.Cmd
	ready io.ReadCloser
}

// startGuard starts the watching process. It must be called before the terminal is changed; await before it is.
func startGuard(executable, stateDir string) (*guard, error) {
	crash, crashWriter, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the crash guard: %w", err)
	}
	defer crash.Close()
	defer crashWriter.Close()

	// No context: the guard must outlive whatever ends the program, and ends with the program's end of the pipe.
	cmd := exec.CommandContext(context.Background(), executable, "guard", "--dir", stateDir)
	cmd.Stdin = crash
	cmd.Stderr = os.Stderr
	ready, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the crash guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the crash guard: %w", err)
	}
	if err := debug.SetCrashOutput(crashWriter, debug.CrashOptions{}); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, fmt.Errorf("start the crash guard: %w", err)
	}
	return &guard{cmd: cmd, ready: ready}, nil
}

// await returns once the guard knows the terminal's state.
func (g *guard) await() { _, _ = bufio.NewReader(g.ready).ReadString('\n') }

// release ends the guard after an orderly run.
func (g *guard) release() {
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	_ = g.cmd.Wait()
}

// leaveScreen undoes what the screen may have set: synchronised output, mouse, paste and focus reports, keyboard
// enhancements, the hidden cursor, the alternate screen.
const leaveScreen = "\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[<u\x1b[>4;0m\x1b[?25h\x1b[?1049l\x1b[0m\r\n"

// longSecret is what an access token looks like, in case one ever reaches a crash text.
var longSecret = regexp.MustCompile(`[A-Za-z0-9_=+/-]{100,}`)

func newGuardCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "guard", Hidden: true, Args: cobra.NoArgs,
		Short: "Give the terminal back when adit crashes",
		RunE: func(cmd *cobra.Command, _ []string) error {
			// The terminal's signals go to the whole process group; the guard must outlive the one it guards.
			signal.Ignore(guardIgnores...)
			terminal := int(os.Stderr.Fd())
			state, _ := term.GetState(terminal)
			fmt.Fprintln(os.Stdout, "ready")
			_ = os.Stdout.Close()
			return watchCrash(os.Stdin, dir, func() {
				if state != nil {
					_ = term.Restore(terminal, state)
					_, _ = io.WriteString(os.Stderr, leaveScreen)
				}
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "directory for the crash file")
	return cmd
}

// watchCrash reads the crash output until its process is gone. It restores the terminal with the first byte, while that
// process is still busy dying, so that no shell's prompt is disturbed.
func watchCrash(output io.Reader, dir string, restore func()) error {
	reader := bufio.NewReader(output)
	if first, _ := reader.Peek(1); len(first) == 0 {
		return nil // an orderly end says nothing
	}
	restore()
	text, _ := io.ReadAll(reader)
	path := filepath.Join(dir, "crash-"+time.Now().UTC().Format("20060102T150405Z")+".txt")
	if err := os.WriteFile(path, longSecret.ReplaceAll(text, []byte("[redacted]")), 0o600); err != nil {
		return fmt.Errorf("adit crashed, and the crash file could not be written: %w", err)
	}
	fmt.Fprintf(os.Stderr, "adit crashed. The terminal is restored; the report is in %s. Local proxies of this adit are gone, tunnels are still open.\n", path)
	return nil
}
