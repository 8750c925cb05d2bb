package world

import (
	"context"
	"io"
	"path"
	"strings"
)

func pwd(_ context.Context, p *process) int {
	p.printf("%s\n", p.dir)
	return 0
}

func cd(_ context.Context, p *process) int {
	target := p.variables["HOME"]
	if len(p.args) > 0 {
		target = p.args[0]
	}
	if target == "-" {
		target = p.previous
		p.printf("%s\n", target)
	}
	dir := p.resolve(target)
	if !p.machine.isDirectory(dir) {
		return p.fail("can't cd to %s", target)
	}
	p.previous, p.dir = p.dir, dir
	p.variables["PWD"] = dir
	return 0
}

func ls(_ context.Context, p *process) int {
	var flags string
	for len(p.args) > 0 && strings.HasPrefix(p.args[0], "-") {
		flags, p.args = flags+p.args[0][1:], p.args[1:]
	}
	long := strings.Contains(flags, "l")
	if len(p.args) == 0 {
		p.args = []string{"."}
	}
	status := 0
	for _, name := range p.args {
		full := p.resolve(name)
		if names, ok := p.machine.list(full); ok {
			if len(p.args) > 1 {
				p.printf("%s:\n", name)
			}
			for _, entry := range names {
				p.entry(path.Join(full, entry), strings.TrimSuffix(entry, "/"), long)
			}
			continue
		}
		if _, err := p.machine.open(full); err != nil {
			status = p.fail("%s: %v", name, err)
			continue
		}
		p.entry(full, name, long)
	}
	return status
}

// entry prints one name of a directory, as ls or as ls -l.
func (p *process) entry(full, name string, long bool) {
	if !long {
		p.printf("%s\n", name)
		return
	}
	mode, size := "-rw-r--r--", int64(0)
	switch {
	case p.machine.isDirectory(full):
		mode, size = "drwxr-xr-x", 4096
	case path.Dir(full) == "/dev":
		mode = "crw-rw-rw-"
	default:
		if file, err := p.machine.open(full); err == nil {
			size, _ = io.Copy(io.Discard, file)
		}
	}
	p.printf("%s    1 root     root     %8d %s %s\n", mode, size, p.machine.Booted().UTC().Format("Jan _2 15:04"), name)
}

// paths is what a half-typed path can become.
func (s *Shell) paths(prefix string) []string {
	dir, _ := path.Split(prefix)
	names, _ := s.machine.list(s.resolve(dir))
	var paths []string
	for _, name := range names {
		if !strings.HasSuffix(name, "/") {
			name += " "
		}
		paths = append(paths, dir+name)
	}
	return paths
}
