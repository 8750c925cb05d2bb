package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

// guard watches over the process that has the terminal. A panic in any goroutine ends a Go program on the spot, with
// nobody left to give the terminal back; so a second, idle process is told the terminal's state and holds the other end of the
// crash output (runtime/debug.SetCrashOutput). When that ends without a farewell, it restores the terminal, keeps the
// report in a crash file and says where.
//
// A second process takes a processor for as long as the first screen needs, so it starts only after that. Nobody waits for
// it to be up: what is said before lies in the pipe.
type guard struct {
	cmd        *exec.Cmd
	end, crash *os.File // of the pipe with the crash output
	starting   sync.Once
	failed     error
	loud       func()
}

// farewell is what an orderly end writes, to be told from a process that was killed.
const farewell = "farewell\n"

// newGuard makes all ready for the watching process. It must be called before the terminal is changed. From then on the
// runtime's own words for a crash go to the report alone, not over the screen.
func newGuard(executable, stateDir string) (_ *guard, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("prepare the crash guard: %w", err)
		}
	}()
	state, err := terminalState(int(os.Stderr.Fd()))
	if err != nil {
		state = "" // Standard error is a file: there is nothing to restore.
	}
	end, crash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	g := &guard{end: end, crash: crash, loud: func() {}}
	if err := debug.SetCrashOutput(crash, debug.CrashOptions{}); err != nil {
		g.release()
		return nil, err
	}
	g.loud = quietRuntime()

	// No context: the guard must outlive whatever ends the program, and ends with the program's end of the pipe.
	g.cmd = exec.CommandContext(context.Background(), executable, "guard", "--dir", stateDir, "--terminal", state)
	g.cmd.Stdin = end
	g.cmd.Stderr = os.Stderr // as quietRuntime left it
	return g, nil
}

// start starts the process; further calls do nothing and give the first one's error.
func (g *guard) start() error {
	g.starting.Do(func() {
		if err := g.cmd.Start(); err != nil {
			g.failed = fmt.Errorf("start the crash guard: %w", err)
		}
		_ = g.end.Close()
	})
	return g.failed
}

// release ends the guard after an orderly run.
func (g *guard) release() {
	g.starting.Do(func() { _ = g.end.Close() }) // too late to begin
	g.loud()
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	_, _ = io.WriteString(g.crash, farewell)
	_ = g.crash.Close()
	if g.cmd != nil && g.cmd.Process != nil {
		_ = g.cmd.Wait()
	}
}

// leaveScreen undoes what the screen may have set: synchronised output, mouse, paste and focus reports, keyboard
// enhancements, the hidden cursor, the alternate screen.
const leaveScreen = "\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[<u\x1b[>4;0m\x1b[?25h\x1b[?1049l\x1b[0m\r\n"

func newGuardCommand() *cobra.Command {
	var dir, state string
	cmd := &cobra.Command{
		Use: "guard", Hidden: true, Args: cobra.NoArgs,
		Short: "Give the terminal back when adit crashes",
		RunE: func(*cobra.Command, []string) error {
			// The terminal's signals go to the whole process group; the guard must outlive the one it guards.
			signal.Ignore(guardIgnores...)
			terminal := int(os.Stderr.Fd())
			return watchCrash(os.Stdin, os.Stderr, dir, func() {
				if state == "" {
					return
				}
				// A shell that has taken the terminal back already sets it for itself.
				if inForeground(terminal) {
					_ = restoreTerminal(terminal, state)
				}
				_, _ = io.WriteString(os.Stderr, leaveScreen)
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "directory for the crash file")
	cmd.Flags().StringVar(&state, "terminal", "", "the terminal's settings as they were")
	return cmd
}

// watchCrash reads the crash output until its process is gone. It restores the terminal with the first byte of a report,
// while that process is still busy dying, so that no shell's prompt is disturbed.
func watchCrash(output io.Reader, words io.Writer, dir string, restore func()) error {
	reader := bufio.NewReader(output)
	if start, _ := reader.Peek(len(farewell)); string(start) == farewell {
		return nil
	}
	restore()
	report, _ := io.ReadAll(reader)
	const after = "The terminal is restored. Local proxies of this adit are gone; its tunnels stay open until their time is over."
	if len(bytes.TrimSpace(report)) == 0 {
		fmt.Fprintf(words, "adit was killed. %s\n", after)
		return nil
	}
	// What an access token looks like, in case one ever reaches a crash report.
	longSecret := regexp.MustCompile(`[A-Za-z0-9_=+/-]{100,}`)
	path := filepath.Join(dir, "crash-"+time.Now().UTC().Format("20060102T150405Z")+".txt")
	if err := os.WriteFile(path, longSecret.ReplaceAll(report, []byte("[redacted]")), 0o600); err != nil {
		return fmt.Errorf("adit crashed, and the report could not be written: %w. %s", err, after)
	}
	fmt.Fprintf(words, "adit crashed; the report is in %s. %s\n", path, after)
	return nil
}
