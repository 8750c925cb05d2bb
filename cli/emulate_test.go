package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func emulateFlagsOf(t *testing.T, args ...string) *emulateFlags {
	t.Helper()
	flags, set := &emulateFlags{}, pflag.NewFlagSet("emulate", pflag.ContinueOnError)
	flags.register(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestTheEmulatorServesStrangersOnlyWhenToldTo(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.com:80"} {
		for _, flag := range []string{"--api", "--data", "--mqtt", "--mqtts"} {
			err := emulateFlagsOf(t, flag, address).check()
			if err == nil || !strings.Contains(err.Error(), flag) || !strings.Contains(err.Error(), "--listen-beyond-loopback") {
				t.Errorf("%s %s: %v", flag, address, err)
			}
			if err := emulateFlagsOf(t, flag, address, "--listen-beyond-loopback").check(); err != nil {
				t.Errorf("%s %s, asked for: %v", flag, address, err)
			}
		}
	}
	for _, address := range []string{"127.0.0.1:0", "127.1.2.3:4566", "[::1]:0", "localhost:0"} {
		if err := emulateFlagsOf(t, "--api", address).check(); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestFlagsOfTheEmulatorThatMakeNoSenseAreNamed(t *testing.T) {
	for _, args := range [][]string{{"--things", "-1"}, {"--things", "1000000"}, {"--mqtt", "1883"}, {"--mqtts", "8883"}, {"--region", ""}} {
		if err := emulateFlagsOf(t, args...).check(); err == nil || !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: %v", args, err)
		}
	}
	for _, args := range [][]string{{"--log-level", "loud"}, {"--log-format", "xml"}} {
		if _, err := emulateFlagsOf(t, args...).logger(io.Discard); err == nil || !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// ends is a context whose end the ready line brings about.
type ends struct {
	bytes.Buffer
	stop func()
}

func (e *ends) Write(b []byte) (int, error) {
	defer e.stop()
	return e.Buffer.Write(b)
}

func TestWithoutAReadyFileOneLineTellsAndTheTemporaryAuthorityGoesAtTheEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &ends{stop: stop}
	if err := runEmulate(ctx, emulateFlagsOf(t, "--things", "3"), slog.New(slog.DiscardHandler), out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var ready ready
	if err := json.Unmarshal(out.Bytes(), &ready); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
		t.Fatalf("standard output is %q: %v", out.String(), err)
	}
	// The third thing of the demo is offline, so it comes last whatever the number.
	if got := strings.Join(ready.Things, " "); got != "pump-07 pump-12 pump-19" {
		t.Errorf("things: %s", got)
	}
	if _, err := os.Stat(filepath.Dir(ready.CA)); !os.IsNotExist(err) {
		t.Errorf("the directory of %s is still there: %v", ready.CA, err)
	}
}

func TestAReadyFileOfARunBeforeIsGoneBeforeAnythingServes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ready.json")
	if err := os.WriteFile(path, []byte(`{"api":"http://127.0.0.1:1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := emulateFlagsOf(t, "--ready-file", path, "--dir", filepath.Join(dir, "new"), "--api", "127.0.0.1:999999")
	if err := runEmulate(t.Context(), flags, slog.New(slog.DiscardHandler), io.Discard, io.Discard); err == nil {
		t.Fatal("serves on port 999999")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the old ready file is still there: %v", err)
	}
}

func TestAReadyFileOfAnotherRunStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready.json")
	ours, theirs := ready{AdminSecret: "ours"}, ready{AdminSecret: "theirs"}
	for _, r := range []ready{ours, theirs} {
		if err := r.publish(path, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := ours.withdraw(path); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || !strings.Contains(string(content), "theirs") {
		t.Errorf("the file of the other run: %q, %v", content, err)
	}
	if err := theirs.withdraw(path); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := theirs.withdraw(path); err != nil {
		t.Errorf("a file that is gone already: %v", err)
	}
}

func TestADirectoryIsNoReadyFileAndStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "empty")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := runEmulate(t.Context(), emulateFlagsOf(t, "--things", "0", "--ready-file", dir), slog.New(slog.DiscardHandler), io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory as ready file: %v", err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the directory is gone: %v", err)
	}
}

func TestAReadyFileThatCannotBeWrittenIsToldBeforeAnythingServes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "ready.json")
	var log bytes.Buffer
	err := runEmulate(t.Context(), emulateFlagsOf(t, "--things", "0", "--ready-file", path), slog.New(slog.NewTextHandler(&log, nil)), io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), path+" cannot be written") || log.Len() != 0 {
		t.Errorf("%v, and the log has %q", err, log.String())
	}
}

func TestFaultsComeFromAFileAndTheCommandLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults")
	if err := os.WriteFile(path, []byte("# the drill\nOpenTunnel=drop,times=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := emulateFlagsOf(t, "--faults", path, "--fault", "ListTunnels=slow,delay=1s", "--fault", "*=error")
	got, err := withFile(flags.faultsFile, flags.faults)
	if want := "# the drill\nOpenTunnel=drop,times=1\n|ListTunnels=slow,delay=1s|*=error"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%q, %v", got, err)
	}
	for _, flag := range []string{"--faults", "--choices"} {
		err := runEmulate(t.Context(), emulateFlagsOf(t, flag, path+"x"), slog.New(slog.DiscardHandler), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), path+"x") {
			t.Errorf("%s of a file that is not there: %v", flag, err)
		}
	}
	for flag, value := range map[string]string{"--fault": "OpenTunnel=burn", "--choose": "rotate-closed=maybe", "--region": "eu west=1"} {
		err := runEmulate(t.Context(), emulateFlagsOf(t, flag, value), slog.New(slog.DiscardHandler), io.Discard, io.Discard)
		if _, word, _ := strings.Cut(value, "="); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s %s: %v", flag, value, err)
		}
	}
}

func TestWhatAShellReadsIsQuoted(t *testing.T) {
	got := ready{CA: "/tmp/it's here/ca.pem"}.environment()
	if want := `export ADIT_CA='/tmp/it'\''s here/ca.pem'`; !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}
