//go:build unix

package e2e

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience is how long a screen may take to show what a test waits for. It is no figure of speed: under the race
// detector, on a busy machine, everything takes longer.
const patience = 60 * time.Second

// terminal runs the built binary in a pseudo terminal and reads its screen as a person would.
type terminal struct {
	t   testing.TB
	cmd *exec.Cmd
	pty *os.File
	// started is when the program was.
	started time.Time
	// stop ends the program, if it runs yet, and gives the terminal back; the end of the test does.
	stop func()
	// before is the terminal's setting before the program started, as stty prints it.
	before string

	mu       sync.Mutex
	emulator *vt.Emulator
	raw      bytes.Buffer
	changed  chan struct{}
	exited   chan struct{}
}

// start runs the binary at a size of columns × rows.
func start(t testing.TB, home *home, columns, rows int, args ...string) *terminal {
	t.Helper()
	return run(t, home, columns, rows, binary, args...)
}

// run starts any program in a terminal of its own.
func run(t testing.TB, home *home, columns, rows int, program string, args ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("open a pseudo terminal: %v", err)
	}
	size := &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}
	if err := pty.Setsize(master, size); err != nil {
		t.Fatal(err)
	}
	term := &terminal{
		t: t, pty: master, before: stty(t, slave),
		emulator: vt.NewEmulator(columns, rows),
		changed:  make(chan struct{}), exited: make(chan struct{}),
	}
	term.cmd = exec.Command(program, args...)
	term.cmd.Env = home.environment()
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = slave, slave, slave
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	term.started = time.Now()
	if err := term.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}

	var readers sync.WaitGroup
	readers.Add(2)
	go func() { defer readers.Done(); _, _ = io.Copy(master, term.emulator) }()
	go func() { defer readers.Done(); term.read() }()
	go func() { _ = term.cmd.Wait(); close(term.exited) }()
	term.stop = sync.OnceFunc(func() {
		select {
		case <-term.exited:
		default:
			_ = term.cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-term.exited:
			case <-time.After(10 * time.Second):
				_ = term.cmd.Process.Kill()
				<-term.exited
			}
		}
		_ = slave.Close()
		_ = master.Close()
		// Emulator.Close races with Read; the end of its pipe does not.
		if replies, ok := term.emulator.InputPipe().(io.Closer); ok {
			_ = replies.Close()
		}
		readers.Wait()
	})
	t.Cleanup(func() {
		term.stop()
		home.checkRaces(t)
		if t.Failed() {
			output := term.output()
			t.Logf("the last screen:\n%s\nthe last output: %q", term.screen(), output[max(0, len(output)-2000):])
		}
	})
	return term
}

func (term *terminal) read() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := term.pty.Read(buffer)
		if n > 0 {
			term.mu.Lock()
			term.raw.Write(buffer[:n])
			_, _ = term.emulator.Write(buffer[:n])
			close(term.changed)
			term.changed = make(chan struct{})
			term.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// screen is the text now on the screen.
func (term *terminal) screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.emulator.String()
}

// output is every byte the program ever wrote to the terminal.
func (term *terminal) output() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.raw.String()
}

// until waits for a screen on which the condition holds, and returns it.
func (term *terminal) until(what string, holds func(screen string) bool) string {
	term.t.Helper()
	return term.within(patience, what, holds)
}

func (term *terminal) within(limit time.Duration, what string, holds func(screen string) bool) string {
	term.t.Helper()
	deadline := time.After(limit)
	for {
		term.mu.Lock()
		screen, changed := term.emulator.String(), term.changed
		term.mu.Unlock()
		if holds(screen) {
			return screen
		}
		select {
		case <-changed:
		case <-deadline:
			term.t.Fatalf("never on the screen within %v: %s", limit, what)
		}
	}
}

// see waits until all the texts are on the screen.
func (term *terminal) see(texts ...string) string {
	term.t.Helper()
	return term.until(strings.Join(texts, " and "), func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

// row waits for a line that has all the texts, and returns it.
func (term *terminal) row(texts ...string) (line string) {
	term.t.Helper()
	term.until("a line with "+strings.Join(texts, " and "), func(screen string) bool {
		line = lineWith(screen, texts...)
		return line != ""
	})
	return line
}

// gone waits until none of the texts is on the screen.
func (term *terminal) gone(texts ...string) {
	term.t.Helper()
	term.until("without "+strings.Join(texts, " and "), func(screen string) bool {
		for _, text := range texts {
			if strings.Contains(screen, text) {
				return false
			}
		}
		return true
	})
}

func lineWith(screen string, texts ...string) string {
next:
	for line := range strings.Lines(screen) {
		for _, text := range texts {
			if !strings.Contains(line, text) {
				continue next
			}
		}
		return strings.TrimRight(line, " \r\n")
	}
	return ""
}

// Keys as a terminal sends them.
const (
	enter    = "\r"
	escape   = "\x1b"
	tab      = "\t"
	up       = "\x1b[A"
	down     = "\x1b[B"
	right    = "\x1b[C"
	left     = "\x1b[D"
	ctrlC    = "\x03"
	ctrlD    = "\x04"
	ctrlS    = "\x13"
	ctrlU    = "\x15"
	ctrlZ    = "\x1a"
	endOfRow = "\x05"
)

// press sends keys, one write each, as a person's fingers do.
func (term *terminal) press(keys ...string) {
	term.t.Helper()
	for _, key := range keys {
		if _, err := term.pty.WriteString(key); err != nil {
			term.t.Fatalf("press %q: %v", key, err)
		}
	}
}

// write types a text.
func (term *terminal) write(text string) {
	term.t.Helper()
	for _, r := range text {
		term.press(string(r))
	}
}

func (term *terminal) resize(columns, rows int) {
	term.t.Helper()
	term.mu.Lock()
	term.emulator.Resize(columns, rows)
	term.mu.Unlock()
	if err := pty.Setsize(term.pty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		term.t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code, -1 for a signal.
func (term *terminal) exit() int {
	term.t.Helper()
	select {
	case <-term.exited:
	case <-time.After(patience):
		term.t.Fatalf("did not end within %v", patience)
	}
	return term.cmd.ProcessState.ExitCode()
}

// restored checks that the terminal is as it was before the program.
func (term *terminal) restored() {
	term.t.Helper()
	if after := stty(term.t, term.pty); after != term.before {
		term.t.Errorf("the terminal's settings changed:\nbefore %s\nafter  %s", term.before, after)
	}
	output := term.output()
	for mode, name := range map[string]string{
		"1049": "alternate screen", "2004": "bracketed paste", "1004": "focus reports",
		"1000": "mouse", "1002": "mouse drag", "1003": "mouse motion", "1006": "mouse coordinates",
	} {
		on, off := strings.LastIndex(output, "\x1b[?"+mode+"h"), strings.LastIndex(output, "\x1b[?"+mode+"l")
		if on > off {
			term.t.Errorf("%s was left switched on", name)
		}
	}
	if hidden, shown := strings.LastIndex(output, "\x1b[?25l"), strings.LastIndex(output, "\x1b[?25h"); hidden > shown {
		term.t.Error("the cursor was left hidden")
	}
}

// stty is the state of a terminal in the form that stty -g gives.
func stty(t testing.TB, tty *os.File) string {
	t.Helper()
	cmd := exec.Command("stty", "-a")
	cmd.Stdin = tty
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("stty: %v", err)
	}
	// The size is the window's, not the program's.
	_, settings, _ := strings.Cut(string(out), "\n")
	return settings
}
