package world

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	kernelRelease = "6.6.52-yocto-standard"
	kernelVersion = "#1 SMP PREEMPT Tue Sep 24 09:31:07 UTC 2024"
)

func uname(_ context.Context, p *process) int {
	parts := map[byte]string{
		's': "Linux", 'n': p.machine.Name, 'r': kernelRelease, 'v': kernelVersion, 'm': "aarch64", 'o': "GNU/Linux",
	}
	wanted := "s"
	if len(p.args) > 0 {
		wanted = strings.TrimPrefix(p.args[0], "-")
	}
	if strings.Contains(wanted, "a") {
		wanted = "snrvmo"
	}
	var shown []string
	for _, part := range []byte("snrvmo") {
		if strings.IndexByte(wanted, part) >= 0 {
			shown = append(shown, parts[part])
		}
	}
	if len(shown) == 0 {
		return p.fail("invalid option '%s'", p.args[0])
	}
	p.printf("%s\n", strings.Join(shown, " "))
	return 0
}

func hostname(_ context.Context, p *process) int {
	p.printf("%s\n", p.machine.Name)
	return 0
}

func whoami(_ context.Context, p *process) int {
	p.printf("%s\n", p.user)
	return 0
}

func id(_ context.Context, p *process) int {
	n := 1000
	if p.user == "root" {
		n = 0
	}
	p.printf("uid=%d(%s) gid=%d(%s) groups=%d(%s)\n", n, p.user, n, p.user, n, p.user)
	return 0
}

func date(_ context.Context, p *process) int {
	now := p.machine.Now()
	if slices.Contains(p.args, "+%s") {
		p.printf("%d\n", now.Unix())
		return 0
	}
	p.printf("%s\n", now.Format(time.UnixDate))
	return 0
}

func uptime(_ context.Context, p *process) int {
	p.printf(" %s up %s,  load average: 0.18, 0.12, 0.09\n", p.machine.Now().Format("15:04:05"), span(p.machine.Uptime()))
	return 0
}

// span prints a duration as uptime does: "3 days, 4:05" or "12 min".
func span(d time.Duration) string {
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	text := fmt.Sprintf("%d:%02d", hours, minutes)
	if hours == 0 {
		text = fmt.Sprintf("%d min", minutes)
	}
	switch days {
	case 0:
		return text
	case 1:
		return "1 day, " + text
	default:
		return fmt.Sprintf("%d days, %s", days, text)
	}
}

func free(_ context.Context, p *process) int {
	p.printf("              total        used        free      shared  buff/cache   available\n")
	p.printf("Mem:         497244       88312      291760         412      117172      398804\n")
	p.printf("Swap:             0           0           0\n")
	return 0
}

func df(_ context.Context, p *process) int {
	if slices.Contains(p.args, "-h") {
		p.printf("Filesystem                Size      Used Available Use%% Mounted on\n")
		p.printf("/dev/root               464.8M    201.3M    234.5M  46%% /\n")
		p.printf("tmpfs                   242.8M    412.0K    242.4M   0%% /run\n")
		p.printf("/dev/mmcblk0p4            2.1G    388.7M      1.6G  19%% /data\n")
		return 0
	}
	p.printf("Filesystem           1K-blocks      Used Available Use%% Mounted on\n")
	p.printf("/dev/root               475972    206132    240128  46%% /\n")
	p.printf("tmpfs                   248622       412    248210   0%% /run\n")
	p.printf("/dev/mmcblk0p4         2206688    398028   1693652  19%% /data\n")
	return 0
}

func dmesg(_ context.Context, p *process) int {
	p.printf("%s", p.machine.kernelLog())
	return 0
}

// kernelLog is what the kernel says at each boot.
func (m *Machine) kernelLog() string {
	return fmt.Sprintf(`[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd034]
[    0.000000] Linux version %s (oe-user@oe-host) (aarch64-poky-linux-gcc 13.3.0) %s
[    0.000000] Machine model: %s
[    0.000000] Memory: 497244K/524288K available
[    0.081422] smp: Brought up 1 node, 4 CPUs
[    0.412907] mmcblk0: mmc0:0001 8GTF4R 7.28 GiB
[    0.655031] EXT4-fs (mmcblk0p2): mounted filesystem ro with ordered data mode
[    1.209834] eth0: link becomes ready, %s
[    1.730215] watchdog: watchdog0: heartbeat 60 sec
[    2.004418] init: Linux is up on %s, serial %s
`, kernelRelease, kernelVersion, m.Model, m.MAC, m.Name, m.Serial)
}
