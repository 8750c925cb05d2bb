package world

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"iter"
	"regexp"
	"strconv"
	"strings"
)

func head(_ context.Context, p *process) int {
	if len(p.args) > 0 && strings.HasPrefix(p.args[0], "-c") {
		bytes, ok := p.count("-c", 0)
		if !ok {
			return 1
		}
		return p.each(p.args, func(_ string, in io.Reader) error {
			_, err := io.Copy(p.Out, io.LimitReader(in, bytes))
			return err
		})
	}
	wanted, ok := p.count("-n", 10)
	if !ok {
		return 1
	}
	return p.each(p.args, func(_ string, in io.Reader) error {
		left := wanted
		if left == 0 {
			return nil
		}
		for line := range lines(in) {
			if _, err := p.Out.Write(line); err != nil {
				return err
			}
			if left--; left == 0 {
				break
			}
		}
		return nil
	})
}

func tail(_ context.Context, p *process) int {
	wanted, ok := p.count("-n", 10)
	if !ok {
		return 1
	}
	return p.each(p.args, func(_ string, in io.Reader) error {
		var last [][]byte
		for line := range lines(in) {
			last = append(last, line)
			if int64(len(last)) > wanted {
				last = last[1:]
			}
		}
		_, err := p.Out.Write(bytes.Join(last, nil))
		return err
	})
}

// grep takes the regular expressions of Go, near enough to those of grep -E.
func grep(_ context.Context, p *process) int {
	var flags string
	for len(p.args) > 0 && strings.HasPrefix(p.args[0], "-") {
		flags, p.args = flags+p.args[0][1:], p.args[1:]
	}
	if len(p.args) == 0 {
		return p.fail("missing pattern")
	}
	pattern := p.args[0]
	if strings.Contains(flags, "i") {
		pattern = "(?i)" + pattern
	}
	expression, err := regexp.Compile(pattern)
	if err != nil {
		p.fail("bad regex '%s'", p.args[0])
		return statusUsage
	}
	wanted, matched := !strings.Contains(flags, "v"), false
	status := p.each(p.args[1:], func(_ string, in io.Reader) error {
		for line := range lines(in) {
			if expression.Match(bytes.TrimSuffix(line, []byte("\n"))) != wanted {
				continue
			}
			matched = true
			if _, err := p.Out.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
	if status == 0 && !matched {
		return 1
	}
	return status
}

// lines are those of an input, each with its end, until it ends for whatever reason.
func lines(in io.Reader) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		reader := bufio.NewReader(in)
		for {
			line, end := reader.ReadBytes('\n')
			if len(line) > 0 && !yield(line) || end != nil {
				return
			}
		}
	}
}

// count takes "-n 5" or "-n5" off the arguments; without it, the count is as given.
func (p *process) count(option string, otherwise int64) (int64, bool) {
	if len(p.args) == 0 || !strings.HasPrefix(p.args[0], option) {
		return otherwise, true
	}
	text := strings.TrimPrefix(p.args[0], option)
	p.args = p.args[1:]
	if text == "" && len(p.args) > 0 {
		text, p.args = p.args[0], p.args[1:]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		p.fail("invalid number '%s'", text)
		return 0, false
	}
	return n, true
}
