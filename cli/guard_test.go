package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOrderlyEndLeavesNoCrashFile(t *testing.T) {
	dir, restored := t.TempDir(), false
	if err := watchCrash(strings.NewReader(farewell), io.Discard, dir, func() { restored = true }); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); restored || len(files) > 0 {
		t.Errorf("restored %v, files %v; want neither", restored, files)
	}
}

func TestACrashRestoresTheTerminalAndIsKeptWithoutSecrets(t *testing.T) {
	dir, restored := t.TempDir(), false
	secret := strings.Repeat("AQGAAXhKbm9uc2Vuc2U_-", 20)
	if err := watchCrash(strings.NewReader("panic: bad token "+secret+"=\n\ngoroutine 1 [running]:\n"), io.Discard, dir, func() { restored = true }); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "crash-*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("crash files %v, %v; want one", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if text := string(content); !restored || text != "panic: bad token [redacted]\n\ngoroutine 1 [running]:\n" {
		t.Errorf("restored %v, report %q", restored, text)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the report's mode is %v, %v; want 0600", info.Mode(), err)
	}
}

func TestACrashThatCannotBeKeptStillRestoresTheTerminal(t *testing.T) {
	restored := false
	err := watchCrash(strings.NewReader("panic: x"), io.Discard, filepath.Join(t.TempDir(), "gone"), func() { restored = true })
	if !restored || err == nil {
		t.Errorf("restored %v, error %v; want both", restored, err)
	}
}

func TestAKilledProcessGetsItsTerminalRestoredAndASentence(t *testing.T) {
	dir, restored := t.TempDir(), false
	var words bytes.Buffer
	if err := watchCrash(strings.NewReader(""), &words, dir, func() { restored = true }); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); !restored || len(files) > 0 || !strings.Contains(words.String(), "killed") {
		t.Errorf("restored %v, files %v, words %q", restored, files, words.String())
	}
}
