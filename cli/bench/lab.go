package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// lab is what the rows are measured with: the program, its peers, and the applications that all of them lead to.
type lab struct {
	adit   string
	apps   *applications
	ssh    *openSSH
	chain  *chain
	rounds int
	size   int64 // of a bulk transfer, in bytes
	log    io.Writer
}

// furnish builds the program, unless it is given, and starts the peers. A peer that is missing is an error.
func furnish(ctx context.Context, l *lab, dir string) (err error) {
	programs, err := findOpenSSH()
	if err != nil {
		return err
	}
	if l.adit == "" {
		l.adit = filepath.Join(dir, "adit")
		if text, err := exec.CommandContext(ctx, "go", "build", "-o", l.adit, "adit").CombinedOutput(); err != nil {
			return fmt.Errorf("build adit: %w: %s", err, text)
		}
	}
	if l.apps, err = startApplications(ctx); err != nil {
		return err
	}
	if l.ssh, err = startOpenSSH(ctx, programs, dir, l.apps); err != nil {
		return err
	}
	l.chain, err = startChain(ctx, dir, l.apps)
	return err
}

func (l *lab) close() {
	if l.chain != nil {
		l.chain.stop()
	}
	if l.ssh != nil {
		l.ssh.stop()
	}
	if l.apps != nil {
		l.apps.close()
	}
}

// tunnel starts fresh processes of adit.
func (l *lab) tunnel(ctx context.Context) (*tunnel, error) { return openTunnel(ctx, l.adit, l.apps) }

// direct leads to the applications with nothing between.
func (l *lab) direct() path { return path{name: "direct", addresses: l.apps.addresses} }

// versions names the machine and the peers.
func (l *lab) versions(ctx context.Context) ([]string, error) {
	adit, err := versionOf(ctx, l.adit, "version")
	if err != nil {
		return nil, err
	}
	system, err := versionOf(ctx, "uname", "-srm")
	if err != nil {
		return nil, err
	}
	return []string{adit, l.ssh.version, "TLS copies and naive loops: " + runtime.Version(), system + ", " + processors()}, nil
}

// processors are the number and the name of the machine's.
func processors() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "processors unknown"
	}
	count, name := 0, "unknown"
	for line := range strings.Lines(string(info)) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "processor":
			count++
		case "model name":
			name = strings.TrimSpace(value)
		}
	}
	return fmt.Sprintf("%d × %s", count, name)
}

// load is the machine's load average over 1, 5 and 15 minutes.
func load() (string, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "", fmt.Errorf("load average: %w", err)
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " "), nil
}
