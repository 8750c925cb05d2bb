package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// measured is one line that `go test -bench` prints: the name without "Benchmark" and the number of processors, and the
// values by their units.
type measured struct {
	name   string
	values map[string]float64
}

// goBench runs benchmarks of the Go packages, which look at the inside of the data plane.
func goBench(ctx context.Context, pattern string, args ...string) ([]measured, error) {
	args = append([]string{"test", "-run", "^$", "-bench", pattern, "-timeout", "30m"}, args...)
	command := exec.CommandContext(ctx, "go", args...)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w: %s%s", strings.Join(args, " "), err, out.String(), complaints.String())
	}
	found := parseBench(out.String())
	if len(found) == 0 {
		return nil, fmt.Errorf("go %s: no benchmark ran", strings.Join(args, " "))
	}
	return found, nil
}

// parseBench reads the lines of `go test -bench`: a name, how often it ran, then pairs of a value and a unit.
func parseBench(output string) []measured {
	var found []measured
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if _, err := strconv.Atoi(fields[1]); err != nil {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if at := strings.LastIndex(name, "-"); at > 0 {
			if _, err := strconv.Atoi(name[at+1:]); err == nil {
				name = name[:at]
			}
		}
		m := measured{name: name, values: map[string]float64{}}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				m.values[fields[i+1]] = value
			}
		}
		found = append(found, m)
	}
	return found
}

// gather joins the lines of the same name to series of a unit, in the order in which the names first come.
func gather(lines []measured, unit string) []series {
	var all []series
	at := map[string]int{}
	for _, line := range lines {
		value, ok := line.values[unit]
		if !ok {
			continue
		}
		if _, known := at[line.name]; !known {
			at[line.name] = len(all)
			all = append(all, series{Name: line.name, Unit: unit})
		}
		all[at[line.name]].Samples = append(all[at[line.name]].Samples, value)
	}
	return all
}

// measureKeystrokes times keystrokes beside a bulk transfer in tunnels that are held to a rate, with the relay of the tests
// and a naive loop as the peer. Its times are without the round trip of the line.
func measureKeystrokes(ctx context.Context, _ *lab) ([]figure, error) {
	lines, err := goBench(ctx, "^BenchmarkKeystroke", "-benchtime", "1x", "adit/tunnelconn")
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, unit := range []string{"p50-ms", "p99-ms", "%goodput", "times-better", "naive-ms"} {
		for _, s := range gather(lines, unit) {
			figures = append(figures, figure{Judged: series{"keystrokes, " + s.Name + ": " + unit, "", s.Samples}, Target: keystrokeTarget(s.Name, unit)})
		}
	}
	return figures, nil
}

// keystrokeTarget is what a value of the keystroke benchmarks has to be, nil for those that only stand beside.
func keystrokeTarget(name, unit string) *target {
	upload, slow := strings.Contains(name, "Upload"), strings.Contains(name, "/100KBps")
	switch {
	case unit == "p99-ms" && slow:
		return atMost(100)
	case !upload:
		return nil
	case unit == "p50-ms" && slow:
		return atMost(30)
	case unit == "p50-ms":
		return atMost(10)
	case unit == "p99-ms":
		return atMost(30)
	case unit == "%goodput" && slow:
		return atLeast(92)
	case unit == "times-better" && slow:
		return atLeast(100)
	default:
		return nil
	}
}

// measureCodec runs the benchmarks of the codec and of the writer behind it, with copy as the speed of the memory.
func measureCodec(ctx context.Context, l *lab) ([]figure, error) {
	lines, err := goBench(ctx, "^(BenchmarkCodec|BenchmarkWriter)$", "-benchmem", "-benchtime", "100ms", "-count", strconv.Itoa(l.rounds),
		"adit/tunnelconn", "adit/tunnelconn/wire")
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, s := range gather(lines, "allocs/op") {
		if !strings.Contains(s.Name, "copy") {
			figures = append(figures, figure{Judged: s, Target: atMost(0)})
		}
	}
	for _, s := range gather(lines, "writes/message") {
		figures = append(figures, figure{Judged: s, Target: atMost(1)})
	}
	speeds := gather(lines, "MB/s")
	for _, name := range []string{"Codec/put/64512", "Codec/decode/64512"} {
		of, memory := find(speeds, name), find(speeds, "Codec/copy/64512")
		if len(of) == 0 || len(of) != len(memory) {
			return nil, fmt.Errorf("%s did not run beside copy", name)
		}
		figures = append(figures, figure{
			Judged: series{name + ", of copy", "", eachOver(of, memory)}, Target: atLeast(1),
			Beside: []series{{name, "MB/s", of}, {"copy", "MB/s", memory}},
		})
	}
	return figures, nil
}

// find gives the samples of a series, none when it is missing.
func find(all []series, name string) []float64 {
	for _, s := range all {
		if s.Name == name {
			return s.Samples
		}
	}
	return nil
}
