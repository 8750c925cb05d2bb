package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestPercentile(t *testing.T) {
	samples := []float64{5, 1, 4, 2, 3}
	for share, want := range map[float64]float64{0: 1, 0.2: 1, 0.5: 3, 0.8: 4, 0.81: 5, 0.99: 5, 1: 5} {
		if got := percentile(samples, share); got != want {
			t.Errorf("percentile %v is %v, not %v", share, got, want)
		}
	}
	if !slices.Equal(samples, []float64{5, 1, 4, 2, 3}) {
		t.Error("the samples were put in another order")
	}
	if !math.IsNaN(percentile(nil, 0.5)) || !math.IsNaN(median(nil)) {
		t.Error("something was measured without samples")
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("of three it is %v", got)
	}
	if got := median([]float64{9, 1, 5, 7}); got != 6 {
		t.Errorf("of four it is %v", got)
	}
}

func TestJain(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		want   float64
	}{
		{[]float64{3, 3, 3, 3}, 1},
		{[]float64{8, 0, 0, 0}, 0.25},
		{[]float64{1, 2, 3}, 36.0 / 42},
	} {
		if got := jain(c.shares); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v: %v, not %v", c.shares, got, c.want)
		}
	}
	if !math.IsNaN(jain([]float64{0, 0})) {
		t.Error("streams that moved nothing were called fair")
	}
}

func TestAFigureIsJudgedByItsMedian(t *testing.T) {
	for _, c := range []struct {
		samples []float64
		target  *target
		met     bool
	}{
		{[]float64{1, 9, 2}, atMost(2), true},
		{[]float64{1, 9, 2.1}, atMost(2), false},
		{[]float64{0.9, 0.8, 0.1}, atLeast(0.8), true},
		{[]float64{0.9, 0.79, 0.1}, atLeast(0.8), false},
		{nil, atMost(1), false},
		{nil, atLeast(1), false},
		{[]float64{7}, nil, true},
	} {
		f := figure{Judged: series{Samples: c.samples}, Target: c.target}
		if f.met() != c.met {
			t.Errorf("%v against %v: met is %v", c.samples, c.target, f.met())
		}
	}
}

func TestTableNamesWhatWasMissed(t *testing.T) {
	var out bytes.Buffer
	err := writeTable(&out, []figure{
		{Judged: series{"speed", "MiB/s", []float64{12.345}}, Target: atLeast(20), Beside: []series{{"peer", "MiB/s", []float64{1234}}}},
		{Judged: series{"memory", "MiB", []float64{7}}, Target: atMost(25)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| speed | ≥ 20 | 12.3 MiB/s | peer 1234 MiB/s | MISSED |", "| memory | ≤ 25 | 7 MiB |  | met |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line %q in\n%s", want, out.String())
		}
	}
}

func TestBenchmarkLinesAreRead(t *testing.T) {
	const output = `goos: linux
BenchmarkKeystrokeUnderUpload/100KBps/40ms-2         	       1	        91.5 %goodput	      27.0 p50-ms	        69.0 p99-ms
BenchmarkCodec/put/64-2   	 1000	  12.5 ns/op	 5120.00 MB/s	   0 B/op	   0 allocs/op
BenchmarkCodec/put/64-2   	 1000	  13.5 ns/op	 4800.00 MB/s	   0 B/op	   1 allocs/op
BenchmarkBroken-2
PASS`
	lines := parseBench(output)
	if len(lines) != 3 || lines[0].name != "KeystrokeUnderUpload/100KBps/40ms" || lines[0].values["p99-ms"] != 69 {
		t.Fatalf("read %v", lines)
	}
	got := gather(lines, "allocs/op")
	if len(got) != 1 || got[0].Name != "Codec/put/64" || !slices.Equal(got[0].Samples, []float64{0, 1}) {
		t.Errorf("gathered %v", got)
	}
	if keystrokeTarget(lines[0].name, "p99-ms").Limit != 100 || keystrokeTarget("KeystrokeUnderDownload/800KBps/0s", "p50-ms") != nil {
		t.Error("the targets of the keystrokes are mixed up")
	}
}

func TestMemoryIsReadInMiB(t *testing.T) {
	const status = "Name:\tadit\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n"
	for line, want := range map[string]float64{"VmHWM": 20, "VmRSS": 10} {
		if got, err := memoryOf(status, line); err != nil || got != want {
			t.Errorf("%s is %v, %v", line, got, err)
		}
	}
	if _, err := memoryOf(status, "VmSwap"); err == nil {
		t.Error("a line that is missing was read")
	}
}

func TestAMissingPeerIsAnError(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := run(t.Context(), []string{"-rows", "memory", "-adit", "adit"}, new(bytes.Buffer))
	if err == nil || !strings.Contains(err.Error(), "openssh-server") {
		t.Errorf("without OpenSSH: %v", err)
	}
	if err := run(t.Context(), []string{"-rows", "memory,speed"}, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), `"speed"`) {
		t.Errorf("a row that there is not: %v", err)
	}
}
