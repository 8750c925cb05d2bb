package world

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// maxJournal is how many entries a machine keeps.
const maxJournal = 500

// entry is one line of the journal.
type entry struct {
	at      time.Time
	service string
	pid     int
	text    string
}

func (e entry) line(host string) string {
	return fmt.Sprintf("%s %s %s[%d]: %s\n", e.at.UTC().Format("Jan _2 15:04:05"), host, e.service, e.pid, e.text)
}

// journal is the newest entries of all services.
type journal struct {
	mu      sync.Mutex
	entries []entry
}

func (j *journal) add(e entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) == maxJournal {
		j.entries = j.entries[1:]
	}
	j.entries = append(j.entries, e)
}

// text is the entries of a service, of all for "".
func (j *journal) text(host, service string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var text strings.Builder
	for _, e := range j.entries {
		if service == "" || e.service == service {
			text.WriteString(e.line(host))
		}
	}
	return text.String()
}

func journalctl(_ context.Context, p *process) int {
	service, lines := "", -1
	for len(p.args) > 0 {
		switch option := p.args[0]; option {
		case "-u", "-n":
			if len(p.args) == 1 {
				return p.fail("option requires an argument: %s", option)
			}
			if option == "-u" {
				service = strings.TrimSuffix(p.args[1], ".service")
			} else if _, err := fmt.Sscanf(p.args[1], "%d", &lines); err != nil || lines < 0 {
				return p.fail("invalid number '%s'", p.args[1])
			}
			p.args = p.args[2:]
		case "-e", "-x", "-xe", "--no-pager":
			p.args = p.args[1:]
		default:
			return p.fail("unknown option: %s", option)
		}
	}
	all := strings.SplitAfter(p.machine.journal.text(p.machine.Name, service), "\n")
	all = all[:len(all)-1]
	if lines >= 0 && lines < len(all) {
		all = all[len(all)-lines:]
	}
	if len(all) == 0 {
		p.printf("-- No entries --\n")
		return 0
	}
	p.printf("%s", strings.Join(all, ""))
	return 0
}
