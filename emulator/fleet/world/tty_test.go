package world

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// keyboard is the client's end of a terminal in a test. Its methods return when the shell has nothing left to do, so a
// test sees a screen at rest.
type keyboard struct {
	keys *io.PipeWriter
	tty  *TTY
	done chan int // the shell's status

	mu     sync.Mutex
	screen bytes.Buffer
}

// login starts a shell on a terminal in a synctest bubble.
func login(t *testing.T, user string) *keyboard {
	t.Helper()
	typed, keys := io.Pipe()
	k := &keyboard{keys: keys, done: make(chan int, 1)}
	k.tty = NewTTY(struct {
		io.Reader
		io.Writer
	}{typed, k}, 80, 24)
	shell := NewTerminalShell(NewMachine("pump-07", 1, noon), user, "xterm", k.tty)
	var running sync.WaitGroup
	running.Go(k.tty.Pump)
	running.Go(func() { k.done <- shell.Interact(t.Context()) })
	t.Cleanup(func() {
		_ = keys.Close()
		running.Wait()
	})
	synctest.Wait()
	k.shown()
	return k
}

func (k *keyboard) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.screen.Write(b)
}

// shown is what was drawn since the last look.
func (k *keyboard) shown() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer k.screen.Reset()
	return k.screen.String()
}

// types keys and returns what they draw.
func (k *keyboard) types(keys string) string {
	_, _ = io.WriteString(k.keys, keys)
	synctest.Wait()
	return k.shown()
}

// ended tells whether the shell has, and with which status.
func (k *keyboard) ended(t *testing.T) int {
	t.Helper()
	select {
	case status := <-k.done:
		return status
	default:
		t.Fatal("the shell has not ended")
		return 0
	}
}

// bubble runs a test where the clock stands still unless everything waits.
func bubble(t *testing.T, user string, test func(t *testing.T, k *keyboard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, login(t, user)) })
}

func TestTerminalEditsLinesAndShowsAPrompt(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		if got := k.types("echo hellx\x7fo\r"); !strings.HasSuffix(got, "\r\nhello\r\npump-07:~# ") {
			t.Errorf("after echo: %q", got)
		}
		if got := k.types("cd /etc\r"); !strings.HasSuffix(got, "pump-07:/etc# ") {
			t.Errorf("after cd: %q", got)
		}
		if got := k.types("\x1b[A\x1b[A\r"); !strings.Contains(got, "\r\nhello\r\n") {
			t.Errorf("two lines back in the history: %q", got)
		}
	})
}

func TestTerminalOfAUserEndsItsPromptWithADollar(t *testing.T) {
	bubble(t, "service", func(t *testing.T, k *keyboard) {
		if got := k.types("\r"); !strings.HasSuffix(got, "pump-07:~$ ") {
			t.Errorf("prompt: %q", got)
		}
	})
}

func TestTerminalTellsItsSizeAsOfNow(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		if got := k.types("stty size\r"); !strings.Contains(got, "\r\n24 80\r\n") {
			t.Errorf("at first: %q", got)
		}
		k.tty.Resize(132, 43)
		if got := k.types("stty size\r"); !strings.Contains(got, "\r\n43 132\r\n") {
			t.Errorf("after a resize: %q", got)
		}
		k.tty.Resize(0, 0)
		if got := k.types("echo wide\r"); !strings.Contains(got, "\r\nwide\r\n") {
			t.Errorf("without a size: %q", got)
		}
	})
}

func TestInterruptDropsTheHalfLine(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		if got := k.types("echo half\x03"); !strings.HasSuffix(got, "^C\r\npump-07:~# ") {
			t.Errorf("after the interrupt: %q", got)
		}
		if got := k.types("echo $?\r"); !strings.Contains(got, "\r\n130\r\n") {
			t.Errorf("status after the interrupt: %q", got)
		}
	})
}

func TestInterruptEndsWhatRuns(t *testing.T) {
	for _, line := range []string{"sleep 1000", "cat", "yes", "yes | cat", "cat | wc", "sleep 1000; echo no"} {
		t.Run(line, func(t *testing.T) {
			bubble(t, "root", func(t *testing.T, k *keyboard) {
				// A command that writes without end never rests, so this does not wait for it to.
				_, _ = io.WriteString(k.keys, line+"\r")
				if got := k.types("\x03"); !strings.HasSuffix(got, "^C\r\npump-07:~# ") || strings.Contains(got, "\nno\r") {
					t.Errorf("after the interrupt: %q", got[max(0, len(got)-80):])
				}
				if got := k.types("echo $?\r"); !strings.Contains(got, "\r\n130\r\n") {
					t.Errorf("status: %q", got)
				}
			})
		})
	}
}

func TestWhatIsTypedAheadIsReadNext(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		k.types("sleep 5\recho one\recho two\r")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := k.shown(); !strings.Contains(got, "\r\none\r\n") || !strings.Contains(got, "\r\ntwo\r\n") {
			t.Errorf("after the sleep: %q", got)
		}
	})
}

func TestCatReadsTheTerminalUntilCtrlD(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		k.types("cat\r")
		if got := k.types("lime\rsecond\r"); got != "lime\r\nlime\r\nsecond\r\nsecond\r\n" {
			t.Errorf("typed into cat: %q", got)
		}
		if got := k.types("\x04"); got != "pump-07:~# " {
			t.Errorf("after Ctrl-D: %q", got)
		}
		if got := k.types("\x1b[A\r\x04"); !strings.HasPrefix(got, "cat\r\n") {
			t.Errorf("the history holds what cat read: %q", got)
		}
	})
}

func TestCtrlDLogsOut(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		k.types("false\r\x04")
		if status := k.ended(t); status != 1 {
			t.Errorf("status %d, want that of the last command", status)
		}
	})
}

func TestExitEndsTheTerminal(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		k.types("exit 3\r")
		if status := k.ended(t); status != 3 {
			t.Errorf("status %d", status)
		}
	})
}

func TestALostTerminalEndsTheShell(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		k.types("cat\r")
		_ = k.keys.Close()
		synctest.Wait()
		k.ended(t)
	})
}

func TestTabFinishesCommandsAndPaths(t *testing.T) {
	bubble(t, "root", func(t *testing.T, k *keyboard) {
		if got := k.types("hostn\t\r"); !strings.Contains(got, "\r\npump-07\r\n") {
			t.Errorf("a command: %q", got)
		}
		if got := k.types("cat /etc/hostn\t\r"); !strings.Contains(got, "\r\npump-07\r\n") {
			t.Errorf("a path: %q", got)
		}
		if got := k.types("cat /et\t"); !strings.HasSuffix(got, "cat /etc/") {
			t.Errorf("a directory: %q", got)
		}
	})
}

func TestHangupEndsAFloodedTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		typed, keys := io.Pipe()
		tty := NewTTY(struct {
			io.Reader
			io.Writer
		}{typed, io.Discard}, 80, 24)
		pumped := make(chan struct{})
		go func() {
			tty.Pump()
			close(pumped)
		}()
		go func() { _, _ = keys.Write(make([]byte, 2*maxTypeAhead)) }()
		synctest.Wait()
		tty.Hangup()
		_ = keys.Close()
		<-pumped
	})
}
