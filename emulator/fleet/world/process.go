package world

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// process is a running command: its shell, its arguments without the name, and its streams.
type process struct {
	*Shell
	name string
	args []string
	Streams
}

// printf writes to the standard output.
func (p *process) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.Out, format, args...)
}

// fail prints "name: text" to the standard error and is the status of a command that failed.
func (p *process) fail(format string, args ...any) int {
	_, _ = fmt.Fprintf(p.Err, "%s: %s\n", p.name, fmt.Sprintf(format, args...))
	return 1
}

// pipeline runs its stages side by side and returns the status of the last. A single command runs in the shell itself
// and may change it; the stages of a longer pipeline run in subshells.
func (s *Shell) pipeline(ctx context.Context, stages []invocation) int {
	if len(stages) == 1 {
		return s.invoke(ctx, stages[0], s.streams)
	}
	var running sync.WaitGroup
	var upstream *io.PipeReader
	statuses := make([]int, len(stages))
	for i, stage := range stages {
		streams, in := s.streams, upstream
		if in != nil {
			streams.In = in
		}
		var out *io.PipeWriter
		if i < len(stages)-1 {
			upstream, out = io.Pipe()
			streams.Out = out
		}
		sub := s.subshell()
		running.Go(func() {
			statuses[i] = sub.invoke(ctx, stage, streams)
			if out != nil {
				_ = out.Close()
			}
			if in != nil {
				_ = in.Close()
			}
		})
	}
	running.Wait()
	return statuses[len(statuses)-1]
}

// invoke expands one command, opens its redirections and runs it.
func (s *Shell) invoke(ctx context.Context, command invocation, streams Streams) int {
	for _, r := range command.redirects {
		if err := s.redirect(r, &streams); err != nil {
			s.complain(streams, err.Error())
			return 1
		}
	}
	args := s.expand(command.words)
	for len(args) > 0 {
		name, value, found := strings.Cut(args[0], "=")
		if !found || name == "" || nameLength(name) != len(name) {
			break
		}
		s.variables[name] = value
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	known, ok := s.table[args[0]]
	if !ok {
		s.complain(streams, args[0]+": not found")
		return statusNotFound
	}
	streams.In = stoppableReader{ctx, streams.In}
	streams.Out = stoppableWriter{ctx, streams.Out}
	return known.run(ctx, &process{Shell: s, name: args[0], args: args[1:], Streams: streams})
}

// redirect opens the file of one redirection. The root file system is read-only, as it is on many a device.
func (s *Shell) redirect(r redirect, streams *Streams) error {
	if r.same == 1 && r.stream == 2 {
		streams.Err = streams.Out
		return nil
	}
	if r.same != 0 {
		streams.Out = streams.Err
		return nil
	}
	name := strings.Join(s.expand([]word{r.target}), "")
	if r.output {
		if s.resolve(name) != "/dev/null" {
			return fmt.Errorf("can't create %s: Read-only file system", name)
		}
		if r.stream == 2 {
			streams.Err = io.Discard
		} else {
			streams.Out = io.Discard
		}
		return nil
	}
	file, err := s.machine.open(s.resolve(name))
	if err != nil {
		return fmt.Errorf("can't open %s: %w", name, err)
	}
	streams.In = file
	return nil
}

// expand puts in the values of variables and the home directory; a word that is nothing without quotes is left out.
func (s *Shell) expand(words []word) []string {
	var args []string
	for _, w := range words {
		var text strings.Builder
		for i, piece := range w.pieces {
			switch {
			case piece.variable && piece.text == "?":
				text.WriteString(strconv.Itoa(s.status & 0xff))
			case piece.variable && piece.text == "$":
				text.WriteString("1207")
			case piece.variable:
				text.WriteString(s.variables[piece.text])
			case i == 0 && !w.quoted && (piece.text == "~" || strings.HasPrefix(piece.text, "~/")):
				text.WriteString(s.variables["HOME"] + piece.text[1:])
			default:
				text.WriteString(piece.text)
			}
		}
		if text.Len() > 0 || w.quoted {
			args = append(args, text.String())
		}
	}
	return args
}

// stoppableReader and stoppableWriter end a command that copies without end when it is interrupted.
type stoppableReader struct {
	ctx context.Context
	io.Reader
}

func (r stoppableReader) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(b)
}

type stoppableWriter struct {
	ctx context.Context
	io.Writer
}

func (w stoppableWriter) Write(b []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.Writer.Write(b)
}

// copied turns the end of a copy into a status: a reader that went away ends a command without a word.
func copied(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, io.ErrClosedPipe):
		return statusBrokenPipe
	default:
		return 1
	}
}
