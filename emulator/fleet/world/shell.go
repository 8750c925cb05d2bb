package world

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// Statuses that every Unix shell agrees on.
const (
	statusUsage       = 2
	statusNotFound    = 127
	statusInterrupted = 130
	statusBrokenPipe  = 141
)

// errInterrupted is the cause of a command's end by Ctrl-C.
var errInterrupted = errors.New("interrupted")

// Streams are the three of a process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Shell is one login on a machine: a directory, variables, the status of the last command. It is not safe for use by
// several goroutines.
type Shell struct {
	machine *Machine
	user    string
	streams Streams
	tty     *TTY // nil without a terminal
	table   map[string]command

	dir, previous string
	variables     map[string]string
	status        int
	exited        bool
}

// NewShell logs a user in over plain streams.
func NewShell(m *Machine, user string, streams Streams) *Shell {
	home := m.home(user)
	s := &Shell{
		machine: m, user: user, streams: streams,
		table: make(map[string]command),
		dir:   home, previous: home,
		variables: map[string]string{
			"HOME": home, "USER": user, "LOGNAME": user, "SHELL": "/bin/sh", "PWD": home,
			"HOSTNAME": m.Name, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
		},
	}
	for _, c := range commands() {
		s.table[c.name] = c
	}
	return s
}

// NewTerminalShell logs a user in on a terminal.
func NewTerminalShell(m *Machine, user, term string, tty *TTY) *Shell {
	s := NewShell(m, user, Streams{In: tty.input(), Out: tty, Err: tty})
	s.tty = tty
	s.variables["TERM"] = term
	tty.complete = s.complete
	return s
}

// Set gives an environment variable a value, as a client's env request does.
func (s *Shell) Set(name, value string) {
	if name != "" && nameLength(name) == len(name) {
		s.variables[name] = value
	}
}

// Exec runs one command line and returns its exit status, 0 to 255.
func (s *Shell) Exec(ctx context.Context, line string) int {
	s.run(ctx, line)
	return s.status & 0xff
}

// Script runs the lines of the input until it ends or a command exits. Commands share that input, so what follows a
// line can be read by the command in it.
func (s *Shell) Script(ctx context.Context) int {
	lines := bufio.NewReader(s.streams.In)
	s.streams.In = lines
	for !s.exited && ctx.Err() == nil {
		line, err := lines.ReadString('\n')
		s.run(ctx, strings.TrimSuffix(line, "\n"))
		if err != nil {
			break
		}
	}
	return s.status & 0xff
}

// Interact greets, prompts and runs lines until exit, Ctrl-D or the end of the terminal.
func (s *Shell) Interact(ctx context.Context) int {
	_, _ = io.WriteString(s.streams.Out, s.machine.greeting())
	for !s.exited && ctx.Err() == nil {
		line, err := s.tty.readLine(s.prompt(), &s.tty.history)
		switch {
		case errors.Is(err, errInterrupted):
			_, _ = io.WriteString(s.streams.Out, "^C\n")
			s.status = statusInterrupted
		case err != nil:
			_, _ = io.WriteString(s.streams.Out, "\n")
			return s.status & 0xff
		default:
			s.run(ctx, line)
		}
	}
	return s.status & 0xff
}

// prompt is hostname:directory and $, or # for root.
func (s *Shell) prompt() string {
	dir, home := s.dir, s.variables["HOME"]
	if dir == home || strings.HasPrefix(dir, home+"/") {
		dir = "~" + strings.TrimPrefix(dir, home)
	}
	mark := "$"
	if s.user == "root" {
		mark = "#"
	}
	return fmt.Sprintf("%s:%s%s ", s.machine.Name, dir, mark)
}

// run runs the steps of a line and leaves the status of the last that ran.
func (s *Shell) run(ctx context.Context, line string) {
	steps, err := parse(line)
	if err != nil {
		s.complain(s.streams, err.Error())
		s.status = statusUsage
		return
	}
	for _, step := range steps {
		if step.when == ifOK && s.status != 0 || step.when == ifFailed && s.status == 0 {
			continue
		}
		s.status = s.foreground(ctx, step.pipeline)
		if s.exited || s.status == statusInterrupted {
			return
		}
	}
}

// foreground runs a pipeline that a Ctrl-C ends.
func (s *Shell) foreground(ctx context.Context, pipeline []invocation) int {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if s.tty != nil {
		s.tty.setForeground(cancel)
		defer s.tty.setForeground(nil)
	}
	status := s.pipeline(ctx, pipeline)
	if errors.Is(context.Cause(ctx), errInterrupted) {
		_, _ = io.WriteString(s.streams.Out, "^C\n")
		return statusInterrupted
	}
	return status
}

// complain prints a sentence of the shell itself.
func (s *Shell) complain(streams Streams, text string) {
	_, _ = fmt.Fprintf(streams.Err, "sh: %s\n", text)
}

// subshell is a copy that a stage of a pipeline may change without a trace.
func (s *Shell) subshell() *Shell {
	sub := *s
	sub.variables = maps.Clone(s.variables)
	return &sub
}
