package world

import (
	"context"
	"io"
	"strings"
)

// copyBuffer is what cat reads at once, in bytes: two packets of SSH.
const copyBuffer = 64 << 10

func echo(_ context.Context, p *process) int {
	args, end := p.args, "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	_, err := io.WriteString(p.Out, strings.Join(args, " ")+end)
	return copied(err)
}

func cat(_ context.Context, p *process) int {
	buffer := make([]byte, copyBuffer)
	return p.each(p.args, func(_ string, in io.Reader) error {
		_, err := io.CopyBuffer(p.Out, in, buffer)
		return err
	})
}

// each hands every file of the arguments to read, or the standard input when there is none or for "-".
func (p *process) each(names []string, read func(name string, in io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	status := 0
	for _, name := range names {
		in := p.In
		if name != "-" {
			file, err := p.machine.open(p.resolve(name))
			if err != nil {
				status = p.fail("can't open '%s': %v", name, err)
				continue
			}
			in = file
		}
		if err := read(name, in); err != nil {
			return copied(err)
		}
	}
	return status
}

func yes(_ context.Context, p *process) int {
	word := strings.Join(p.args, " ")
	if word == "" {
		word = "y"
	}
	lines := []byte(strings.Repeat(word+"\n", 1+4096/(len(word)+1)))
	for {
		if _, err := p.Out.Write(lines); err != nil {
			return copied(err)
		}
	}
}
