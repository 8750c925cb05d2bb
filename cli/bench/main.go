// Command bench measures adit's data plane beside its peers, in one run on one machine: `go run ./cli/bench`.
//
// adit's emulator, destination and source are processes of the real program with its defaults; ssh -L runs through a private
// sshd, and the chain of bare TLS copies is this program itself. It needs Linux, for what /proc tells. It fails when a
// peer is missing, when something cannot be measured, and when a figure misses its target. docs/benchmarks.md keeps the
// last results.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// row is a part of the benchmark that can be run alone.
type row struct {
	name    string
	measure func(context.Context, *lab) ([]figure, error)
}

func rows() []row {
	return []row{
		{"keystrokes", measureKeystrokes},
		{"bulk", measureBulk},
		{"connections", measureConnections},
		{"latency", measureLatency},
		{"fairness", measureFairness},
		{"memory", measureMemory},
		{"recovery", measureRecovery},
		{"codec", measureCodec},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == chainCommand {
		return runChainLink(ctx, args[1:])
	}
	names := []string{}
	for _, r := range rows() {
		names = append(names, r.name)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	l := &lab{log: out}
	only := flags.String("rows", strings.Join(names, ","), "which rows to measure")
	size := flags.Int64("size", 1024, "bytes of a bulk transfer, in MiB")
	raw := flags.String("raw", "", "file for all samples, as JSON")
	flags.IntVar(&l.rounds, "rounds", 5, "how often each peer has its turn")
	flags.StringVar(&l.adit, "adit", "", "program to measure; built from this tree without it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	l.size = *size << 20
	wanted := strings.Split(*only, ",")
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no row %q; the rows are %s", name, strings.Join(names, ", "))
		}
	}
	dir, err := os.MkdirTemp("", "adit-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	defer l.close()
	if err := furnish(ctx, l, dir); err != nil {
		return err
	}
	return l.report(ctx, wanted, *raw)
}

// result is everything of a run, for a file.
type result struct {
	At       time.Time `json:"at"`
	Versions []string  `json:"versions"`
	Load     [2]string `json:"load_before_and_after"`
	Figures  []figure  `json:"figures"`
}

// report measures the wanted rows and writes what came out.
func (l *lab) report(ctx context.Context, wanted []string, raw string) error {
	res := result{At: time.Now().UTC()}
	var err error
	if res.Versions, err = l.versions(ctx); err != nil {
		return err
	}
	if res.Load[0], err = load(); err != nil {
		return err
	}
	fmt.Fprintf(l.log, "%s\n%s\nload average before: %s\n", res.At.Format(time.RFC3339), strings.Join(res.Versions, "\n"), res.Load[0])
	for _, r := range rows() {
		if !slices.Contains(wanted, r.name) {
			continue
		}
		begun := time.Now()
		figures, err := r.measure(ctx, l)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Fprintf(l.log, "\n%s, %s\n", r.name, time.Since(begun).Round(time.Second))
		for _, f := range figures {
			if err := writeRaw(l.log, f); err != nil {
				return err
			}
		}
		res.Figures = append(res.Figures, figures...)
	}
	if res.Load[1], err = load(); err != nil {
		return err
	}
	fmt.Fprintf(l.log, "\nload average after: %s\n\n", res.Load[1])
	if err := writeTable(l.log, res.Figures); err != nil {
		return err
	}
	if err := res.save(raw); err != nil {
		return err
	}
	missed := slices.DeleteFunc(slices.Clone(res.Figures), figure.met)
	if len(missed) > 0 {
		return fmt.Errorf("%d of %d figures missed their target", len(missed), len(res.Figures))
	}
	return nil
}

// save writes the result to a file, unless none is named.
func (r result) save(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
