package world

import (
	"context"
	"strings"
	"time"
)

// service is what the machine runs, in the order of its start.
type service struct {
	name, about, command string
	pid                  int
	memory               int           // in KiB
	after                time.Duration // since the boot
}

func (m *Machine) services() []service {
	daemon := m.role.daemon
	return []service{
		{"syslogd", "the system log", "/sbin/syslogd -n", 211, 1180, 3 * time.Second},
		{"ntpd", "the clock", "/usr/sbin/ntpd -n", 248, 1642, 4 * time.Second},
		{"dropbear", "the ssh server", "/usr/sbin/dropbear -F -p 22", 301, 2210, 5 * time.Second},
		{"httpd", "the status page", "/usr/sbin/httpd -f -p 80", 317, 1904, 5 * time.Second},
		{"tunnel-agent", "the tunnel agent", "/usr/bin/tunnel-agent", 344, 9420, 6 * time.Second},
		{daemon, m.role.about, "/usr/bin/" + daemon + " -c /etc/" + daemon + ".conf", 402, 14388, 7 * time.Second},
	}
}

func ps(_ context.Context, p *process) int {
	p.printf("  PID USER       VSZ STAT COMMAND\n")
	p.printf("%5d %-8s %5d S    %s\n", 1, "root", 1876, "init")
	for _, kernel := range []struct {
		pid  int
		name string
	}{{2, "[kthreadd]"}, {11, "[rcu_preempt]"}, {23, "[kworker/0:1]"}, {78, "[mmcqd/0]"}} {
		p.printf("%5d %-8s %5d SW   %s\n", kernel.pid, "root", 0, kernel.name)
	}
	for _, s := range p.machine.services() {
		p.printf("%5d %-8s %5d S    %s\n", s.pid, "root", s.memory, s.command)
	}
	p.printf("%5d %-8s %5d S    %s\n", 1207, p.user, 1936, "-sh")
	p.printf("%5d %-8s %5d R    %s\n", 1211, p.user, 1684, "ps")
	return 0
}

func systemctl(_ context.Context, p *process) int {
	verb, names := "list-units", p.args
	if len(names) > 0 {
		verb, names = names[0], names[1:]
	}
	switch verb {
	case "status", "list-units", "is-active":
	default:
		return p.fail("Access denied")
	}
	if len(names) == 0 {
		for _, s := range p.machine.services() {
			p.printf("%-24s active (running)  %s\n", s.name+".service", s.about)
		}
		return 0
	}
	for _, name := range names {
		name = strings.TrimSuffix(name, ".service")
		s, ok := p.machine.service(name)
		if !ok {
			p.fail("Unit %s.service could not be found.", name)
			return 4 // as systemctl(1) does for "no such unit"
		}
		if verb == "is-active" {
			p.printf("active\n")
			continue
		}
		since := p.machine.Booted().Add(s.after).UTC()
		p.printf("● %s.service - %s\n     Loaded: loaded (/lib/systemd/system/%s.service; enabled)\n", s.name, s.about, s.name)
		p.printf("     Active: active (running) since %s\n   Main PID: %d (%s)\n     Memory: %d KiB\n\n",
			since.Format("Mon 2006-01-02 15:04:05 MST"), s.pid, s.name, s.memory)
		p.printf("%s", p.machine.journal.text(p.machine.Name, s.name))
	}
	return 0
}

func (m *Machine) service(name string) (service, bool) {
	for _, s := range m.services() {
		if s.name == name {
			return s, true
		}
	}
	return service{}, false
}
