package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a running peer. It ends with the context that it was started with, or by stop.
type process struct {
	name   string
	cmd    *exec.Cmd
	stderr tail
	ended  chan struct{}
	once   sync.Once
	// stdout is the first pipe's end to read, for who asked for it.
	stdout io.ReadCloser
}

// patience is how long a process has to start serving, or to end.
const patience = 10 * time.Second

// launch starts a program with something on its standard input. With piped, its standard output can be read.
func launch(ctx context.Context, name, stdin string, piped bool, program string, args ...string) (*process, error) {
	p := &process{name: name, cmd: exec.CommandContext(ctx, program, args...), ended: make(chan struct{})}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = patience
	p.cmd.Stdin = strings.NewReader(stdin)
	p.cmd.Stderr = &p.stderr
	if piped {
		var err error
		if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
			return nil, err
		}
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // How it ended matters only to who still needs it, and that notices.
		close(p.ended)
	}()
	return p, nil
}

// stop ends the process in order, or after a while by force.
func (p *process) stop() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(patience):
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
}

// await asks again and again until ready succeeds.
func (p *process) await(ctx context.Context, ready func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", p.name, p.stderr.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not serve: %w; it says: %s", p.name, err, p.stderr.String())
		}
	}
}

// cpu is the processor time that the process has used, user and system, in seconds. The kernel counts it in hundredths.
func (p *process) cpu() (float64, error) {
	const ticks = 100 // USER_HZ, which is the same on every Linux.
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time of %s: %w", p.name, err)
	}
	// The second field is the program's name in parentheses, and may hold anything.
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("CPU time: /proc/PID/stat has another form than expected")
	}
	sum := 0.0
	for _, field := range fields[11:13] {
		n, err := strconv.ParseFloat(string(field), 64)
		if err != nil {
			return 0, fmt.Errorf("CPU time of %s: %w", p.name, err)
		}
		sum += n
	}
	return sum / ticks, nil
}

// resident is the memory that the process has in RAM, in MiB: now (VmRSS), or at its most so far (VmHWM).
func (p *process) resident(line string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("memory of %s: %w", p.name, err)
	}
	return memoryOf(string(status), line)
}

// memoryOf reads a line of /proc/PID/status, in MiB.
func memoryOf(status, line string) (float64, error) {
	for text := range strings.Lines(status) {
		if value, found := strings.CutPrefix(text, line+":"); found {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			if err != nil {
				return 0, fmt.Errorf("%s of /proc/PID/status: %w", line, err)
			}
			return kib / 1024, nil
		}
	}
	return 0, fmt.Errorf("/proc/PID/status has no line %s", line)
}

// tail keeps the last of what a process says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 4 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
