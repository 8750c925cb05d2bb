package world

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func help(_ context.Context, p *process) int {
	p.printf("This device is simulated: nothing here touches the computer it runs on.\n\n")
	for _, c := range commands() {
		p.printf("  %-34s %s\n", strings.TrimSpace(c.name+" "+c.usage), c.help)
	}
	p.printf("\nJoin commands by ; && || and |, quote with ' and \", and read $? for the last status.\n")
	return 0
}

func env(_ context.Context, p *process) int {
	for _, name := range slices.Sorted(maps.Keys(p.variables)) {
		p.printf("%s=%s\n", name, p.variables[name])
	}
	return 0
}

func export(_ context.Context, p *process) int {
	for _, arg := range p.args {
		name, value, assigned := strings.Cut(arg, "=")
		if name == "" || nameLength(name) != len(name) {
			return p.fail("%s: bad variable name", name)
		}
		if assigned {
			p.variables[name] = value
		}
	}
	return 0
}

// exit ends the shell with a status, by default that of the last command.
func exit(_ context.Context, p *process) int {
	status := p.status
	if len(p.args) > 0 {
		n, err := strconv.Atoi(p.args[0])
		if err != nil {
			p.fail("illegal number: %s", p.args[0])
			n = statusUsage
		}
		status = n & 0xff
	}
	p.exited = true
	return status
}

func succeed(context.Context, *process) int { return 0 }

func fail(context.Context, *process) int { return 1 }

// sleep waits for seconds, which may have a fraction and a unit.
func sleep(ctx context.Context, p *process) int {
	if len(p.args) == 0 {
		return p.fail("missing operand")
	}
	text := p.args[0]
	if strings.TrimRight(text, "0123456789.") == "" {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return p.fail("invalid number '%s'", p.args[0])
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0
	case <-ctx.Done():
		return statusInterrupted
	}
}

func clearScreen(_ context.Context, p *process) int {
	p.printf("\x1b[H\x1b[2J\x1b[3J")
	return 0
}

// stty knows the one question that shows whether a resize came through.
func stty(_ context.Context, p *process) int {
	if p.tty == nil {
		return p.fail("standard input: Not a tty")
	}
	columns, rows := p.tty.size()
	if slices.Equal(p.args, []string{"size"}) {
		p.printf("%d %d\n", rows, columns)
		return 0
	}
	p.printf("speed 38400 baud; rows %d; columns %d;\n", rows, columns)
	return 0
}

// reboot leaves time for its sentences to reach the other end before the device is gone.
func reboot(_ context.Context, p *process) int {
	back, err := p.machine.reboot()
	if errors.Is(err, errNoReboot) {
		return p.fail("Operation not permitted")
	}
	if err != nil {
		return p.fail("%v", err)
	}
	p.printf("%s goes down for a reboot now.\n"+
		"It drops its broker and its tunnels without a goodbye, and is back in about %s.\n"+
		"Nobody tells your end before that: ssh stays silent until then (Enter ~ . leaves it).\n", p.machine.Name, back)
	return 0
}
