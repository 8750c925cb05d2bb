//go:build linux

package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"adit/emulator"
)

// The figures of the screen are taken from outside: the built binary in a pseudo terminal, its processor time and memory
// from /proc. Each stands beside a program that does nothing, in the same run. docs/screen.md has the command.

// BenchmarkFirstFrame is the time from exec to the first screen, with a service that never answers.
func BenchmarkFirstFrame(b *testing.B) {
	h := newHome(b)
	h.extra = append(keyPair, "AWS_ENDPOINT_URL=http://"+silent(b), "AWS_REGION=eu-west-1")
	first := func(program, sign string) func(*testing.B) {
		return func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for range 50 {
					term := run(b, h, 160, 50, program)
					term.see(sign)
					took = append(took, time.Since(term.started))
					term.stop()
				}
			}
			figures(b, took)
		}
	}
	b.Run("adit", first(binary, " adit"))
	b.Run("static", first(build(b, "adit/cli/e2e/static"), "standing still"))
}

// BenchmarkKeyOnTenThousandRows is the time from a key to the screen on which the selection has moved, and the memory that
// ten thousand rows take. Listing them takes a hundred seconds, as pages are listed at the pace the API's quota allows.
func BenchmarkKeyOnTenThousandRows(b *testing.B) {
	const rows = 10_000
	h := newHome(b)
	h.extra = append(keyPair, "AWS_ENDPOINT_URL="+serving(b, rows), "AWS_REGION=us-east-1")
	term := run(b, h, 160, 50, binary, "--pages", strconv.Itoa(rows/100))
	term.within(5*time.Minute, "all the tunnels", func(screen string) bool { return strings.Contains(screen, strconv.Itoa(rows)+" open") })
	var took []time.Duration
	for b.Loop() {
		for i := range 500 {
			key := down
			if i%500 >= 250 {
				key = up
			}
			took = append(took, term.moved(key))
			// Not in step with the frames: a person's keys come at any time.
			time.Sleep(time.Duration(20+i%17) * time.Millisecond)
		}
	}
	figures(b, took)
	b.ReportMetric(resident(b, term.cmd.Process.Pid), "MiB-resident")
}

// BenchmarkIdle is the processor time of a screen with three tunnels on which nothing happens, beside that of the program
// that does nothing.
func BenchmarkIdle(b *testing.B) {
	const long = 30 * time.Second
	h := newHome(b)
	h.extra = append(keyPair, "AWS_ENDPOINT_URL="+serving(b, 3), "AWS_REGION=us-east-1")
	idle := func(program, sign string) func(*testing.B) {
		return func(b *testing.B) {
			term := run(b, h, 160, 50, program)
			term.see(sign)
			time.Sleep(5 * time.Second)
			var share float64
			for b.Loop() {
				share = busy(b, term.cmd.Process.Pid, long)
			}
			b.ReportMetric(share, "%-cpu")
			b.ReportMetric(resident(b, term.cmd.Process.Pid), "MiB-resident")
		}
	}
	b.Run("adit", idle(binary, "3 open"))
	b.Run("static", idle(build(b, "adit/cli/e2e/static"), "standing still"))
}

// BenchmarkStorm is a thousand changes a second on a screen of a thousand tunnels.
func BenchmarkStorm(b *testing.B) {
	term := run(b, newHome(b), 160, 50, build(b, "adit/cli/e2e/storm"))
	term.see("1000 open")
	time.Sleep(2 * time.Second)
	var share float64
	var took []time.Duration
	for b.Loop() {
		share = busy(b, term.cmd.Process.Pid, 20*time.Second)
		for i := range 200 {
			took = append(took, term.moved([]string{down, up}[i/100]))
			time.Sleep(time.Duration(20+i%17) * time.Millisecond)
		}
	}
	figures(b, took)
	b.ReportMetric(share, "%-cpu")
}

var keyPair = []string{"AWS_ACCESS_KEY_ID=000000000000", "AWS_SECRET_ACCESS_KEY=made-up"}

// silent is an address that takes connections and never answers.
func silent(b *testing.B) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// serving is the emulator with that many tunnels; it returns its API.
func serving(b *testing.B, count int) string {
	b.Helper()
	e, err := emulator.Start(b.Context(), emulator.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	for i := range count {
		if _, err := e.Open(emulator.OpenInput{Thing: fmt.Sprintf("pump-%05d", i), Services: []string{"SSH", "HTTP"},
			Description: "INC-4411 pump stalls at start", CreatedAt: time.Now().Add(-time.Duration(i) * time.Second)}); err != nil {
			b.Fatal(err)
		}
	}
	return e.APIURL()
}

// build makes a program of this module.
func build(b *testing.B, path string) string {
	b.Helper()
	program := filepath.Join(workshop, filepath.Base(path))
	if out, err := exec.Command("go", "build", "-o", program, path).CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", path, err, out)
	}
	return program
}

// moved presses a key and waits until the selection stands in another line or on another row: rows that are not described
// yet look alike, so the tunnel in the preview counts too.
func (term *terminal) moved(key string) time.Duration {
	term.t.Helper()
	at := func(screen string) string { return lineWith(screen, "▌") + lineWith(screen, "tunnel ", "opened ") }
	before := at(term.screen())
	started := time.Now()
	term.press(key)
	term.until("the selection moved", func(screen string) bool { return at(screen) != before })
	return time.Since(started)
}

// figures gives the distribution of a measurement.
func figures(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[min(int(share*float64(len(took))), len(took)-1)].Microseconds()) / 1000
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(at(0.5), "ms-p50")
	b.ReportMetric(at(0.99), "ms-p99")
}

// busy is the share of one processor that a process used over some time, in percent.
func busy(b *testing.B, pid int, long time.Duration) float64 {
	b.Helper()
	before, started := ticks(b, pid), time.Now()
	time.Sleep(long)
	// The kernel counts in hundredths of a second for every process (proc(5), sysconf(_SC_CLK_TCK)).
	return float64(ticks(b, pid)-before) / time.Since(started).Seconds()
}

// ticks are the user and system time of a process, fields 14 and 15 of /proc/PID/stat.
func ticks(b *testing.B, pid int) int {
	b.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if errUser != nil || errSystem != nil {
		b.Fatalf("/proc/%d/stat is not understood: %s", pid, content)
	}
	return user + system
}

// resident is the memory of a process that is in use now, in MiB.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kib) / 1024
		}
	}
	b.Fatalf("no VmRSS for process %d", pid)
	return 0
}
