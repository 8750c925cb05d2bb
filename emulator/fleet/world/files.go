package world

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// What open and list say of a path, in the words of every Unix.
var (
	errNoFile      = errors.New("No such file or directory")
	errIsDirectory = errors.New("Is a directory")
)

// files is the table of what can be read, by path. Directories follow from the paths.
func (m *Machine) files() map[string]func() string {
	daemon := m.role.daemon
	text := func(s string) func() string { return func() string { return s } }
	return map[string]func() string{
		"/etc/hostname": text(m.Name + "\n"),
		"/etc/hosts":    text("127.0.0.1 localhost\n127.0.1.1 " + m.Name + "\n"),
		"/etc/motd":     m.greeting,
		"/etc/os-release": text(`ID=edgeos
NAME="EdgeOS"
VERSION="4.2.1 (kirkstone)"
VERSION_ID=4.2.1
PRETTY_NAME="EdgeOS 4.2.1 (kirkstone)"
`),
		"/etc/passwd":      text("root:x:0:0:root:/root:/bin/sh\nservice:x:1000:1000::/home/service:/bin/sh\n"),
		"/etc/resolv.conf": text("nameserver 10.20.0.1\n"),
		"/etc/" + daemon + ".conf": text(fmt.Sprintf(
			"# %s, %s\nserial = %s\ninterval = 60s\nlog = /var/log/%s.log\n", m.Model, m.Name, m.Serial, daemon)),
		"/home/service/notes.txt": text(`- the label on the cabinet is wrong, this is ` + m.Name + `
- ` + daemon + ` takes its configuration at a restart only
- please leave no tunnel open behind you
`),
		"/proc/cpuinfo": text("processor\t: 0\nmodel name\t: ARMv8 Processor rev 4 (v8l)\nBogoMIPS\t: 38.40\n"),
		"/proc/loadavg": text("0.18 0.12 0.09 1/84 1211\n"),
		"/proc/meminfo": text("MemTotal:         497244 kB\nMemFree:          291760 kB\nMemAvailable:     398804 kB\n"),
		"/proc/uptime": func() string {
			up := m.Uptime().Seconds()
			return fmt.Sprintf("%.2f %.2f\n", up, up*3.71)
		},
		"/proc/version": text("Linux version " + kernelRelease + " " + kernelVersion + "\n"),
		"/sys/class/thermal/thermal_zone0/temp": func() string {
			return fmt.Sprintf("%d\n", 44_000+m.now().Unix()%60*50)
		},
		"/var/log/dmesg":              m.kernelLog,
		"/var/log/messages":           func() string { return m.journal.text(m.Name, "") },
		"/var/log/" + daemon + ".log": m.measurements,
	}
}

// measurements is the log of the last half hour, a line a minute.
func (m *Machine) measurements() string {
	var text strings.Builder
	last := m.now().Truncate(time.Minute)
	for at := last.Add(-29 * time.Minute); !at.After(last); at = at.Add(time.Minute) {
		fmt.Fprintf(&text, "%s %s:", at.UTC().Format(time.RFC3339), m.role.daemon)
		for _, r := range m.readings(at) {
			fmt.Fprintf(&text, " %s=%.2f%s", strings.ReplaceAll(r.Name, " ", "_"), r.Value, r.Unit)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// greeting is what a login sees first.
func (m *Machine) greeting() string {
	return fmt.Sprintf("%s, serial %s. A simulated device: type help.\n\n", m.Model, m.Serial)
}

// home is the directory a user begins in.
func (m *Machine) home(user string) string {
	if user == "root" {
		return "/root"
	}
	return "/home/service"
}

// open reads a file, or a device that has no end.
func (m *Machine) open(name string) (io.Reader, error) {
	switch name {
	case "/dev/null":
		return strings.NewReader(""), nil
	case "/dev/zero":
		return zeros{}, nil
	}
	if content, ok := m.files()[name]; ok {
		return strings.NewReader(content()), nil
	}
	if m.isDirectory(name) {
		return nil, errIsDirectory
	}
	return nil, errNoFile
}

func (m *Machine) isDirectory(name string) bool {
	_, ok := m.list(name)
	return ok
}

// list is the sorted names in a directory, those of directories with a slash; false when there is no such directory.
func (m *Machine) list(directory string) ([]string, bool) {
	names := map[string]bool{}
	prefix := strings.TrimSuffix(directory, "/") + "/"
	known := append(slices.Collect(maps.Keys(m.files())), "/dev/null", "/dev/zero", "/data/", "/root/", "/run/", "/tmp/")
	found := false
	for _, name := range known {
		below, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		found = true
		if first, _, deeper := strings.Cut(below, "/"); deeper {
			names[first+"/"] = true
		} else if below != "" {
			names[below] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), found
}

// zeros is /dev/zero.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// resolve makes a path absolute.
func (s *Shell) resolve(name string) string {
	if !path.IsAbs(name) {
		name = s.dir + "/" + name
	}
	return path.Clean(name)
}
