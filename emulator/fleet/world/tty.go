package world

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"golang.org/x/term"
)

// maxTypeAhead bounds what is typed and not read yet, in bytes; beyond it the terminal is read no further.
const maxTypeAhead = 256 << 10

const ctrlC = 0x03

// TTY is the device's end of a terminal. It does what a kernel's terminal does for a shell: it edits lines, turns \n
// into \r\n, and makes an interrupt of Ctrl-C, also while a command runs.
type TTY struct {
	terminal io.ReadWriter
	complete func(line string, pos int, key rune) (string, int, bool)
	history  history

	mu            sync.Mutex
	typed         sync.Cond // something below changed
	columns, rows int
	queue         []byte
	interrupted   bool
	end           error // why there will be no more input
	foreground    context.CancelCauseFunc
	editor        *term.Terminal // of the line being read, nil between lines
}

// NewTTY makes a TTY of the given size on what carries the bytes of the client's terminal. Pump must run beside it.
func NewTTY(terminal io.ReadWriter, columns, rows int) *TTY {
	t := &TTY{terminal: terminal, columns: columns, rows: rows}
	t.typed.L = &t.mu
	return t
}

// Pump reads the terminal until it ends. It runs apart from the shell so that Ctrl-C is seen while a command runs.
func (t *TTY) Pump() {
	buffer := make([]byte, 4096)
	for {
		n, err := t.terminal.Read(buffer)
		t.mu.Lock()
		t.accept(buffer[:n])
		if err != nil {
			t.end = err
			t.typed.Broadcast()
			t.mu.Unlock()
			return
		}
		for len(t.queue) > maxTypeAhead && t.end == nil {
			t.typed.Wait()
		}
		t.mu.Unlock()
	}
}

// accept queues what was typed. An interrupt drops what was typed before it, as a kernel's terminal does.
func (t *TTY) accept(typed []byte) {
	if i := bytes.LastIndexByte(typed, ctrlC); i >= 0 {
		typed = typed[i+1:]
		t.queue = t.queue[:0]
		t.interrupted = true
		if t.foreground != nil {
			t.foreground(errInterrupted)
		}
	}
	t.queue = append(t.queue, typed...)
	t.typed.Broadcast()
}

// Hangup ends the input of a session that is over, and with it Pump once the terminal ends too.
func (t *TTY) Hangup() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = io.EOF
	t.typed.Broadcast()
}

// setForeground names what Ctrl-C ends from now on. One that was pressed after the line was entered, and before its command
// could begin, ends the command at once; one that has ended a command is forgotten with it.
func (t *TTY) setForeground(cancel context.CancelCauseFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.foreground = cancel
	if cancel == nil {
		t.interrupted = false
	} else if t.interrupted {
		cancel(errInterrupted)
	}
}

// Resize says that the client's window changed.
func (t *TTY) Resize(columns, rows int) {
	t.mu.Lock()
	t.columns, t.rows = columns, rows
	editor := t.editor
	t.mu.Unlock()
	if editor != nil {
		_ = editor.SetSize(editable(columns, rows))
	}
}

// size is the window as of now.
func (t *TTY) size() (columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.columns, t.rows
}

// editable replaces the zeros of a client that does not know its size.
func editable(columns, rows int) (int, int) {
	if columns <= 0 || rows <= 0 {
		return 80, 24
	}
	return columns, rows
}

// Write draws output, with the line ends of a terminal.
func (t *TTY) Write(b []byte) (int, error) {
	if _, err := t.terminal.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// readLine lets the user edit one line. It returns errInterrupted after Ctrl-C and io.EOF after Ctrl-D on an empty line.
//
// Each line has an editor of its own: one that was interrupted still holds the half line.
func (t *TTY) readLine(prompt string, history term.History) (string, error) {
	editor := term.NewTerminal(lineEnd{t}, prompt)
	editor.History = history
	if prompt != "" {
		editor.AutoCompleteCallback = t.complete
	}
	t.mu.Lock()
	t.editor = editor
	columns, rows := editable(t.columns, t.rows)
	t.mu.Unlock()
	_ = editor.SetSize(columns, rows)
	line, err := editor.ReadLine()
	t.mu.Lock()
	t.editor = nil
	t.mu.Unlock()
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	return line, err
}

// lineEnd is what a line editor sees of a TTY: input one line at a time, so that what was typed ahead stays for the next
// reader, and output as it is.
type lineEnd struct{ *TTY }

func (t lineEnd) Read(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.queue) == 0 && !t.interrupted && t.end == nil {
		t.typed.Wait()
	}
	if t.interrupted {
		t.interrupted = false
		return 0, errInterrupted
	}
	if len(t.queue) == 0 {
		return 0, t.end
	}
	n := copy(b, t.queue)
	if i := bytes.IndexAny(b[:n], "\r\n"); i >= 0 {
		n = i + 1
	}
	rest := t.queue[n:]
	if b[n-1] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	t.queue = append(t.queue[:0], rest...)
	t.typed.Broadcast()
	return n, nil
}

func (t lineEnd) Write(b []byte) (int, error) { return t.terminal.Write(b) }
