package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExportGoesToANewPrivateFile(t *testing.T) {
	state, home := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	save := saver(state)
	for given, want := range map[string]string{
		"a.jsonl":                      filepath.Join(state, "a.jsonl"),
		"~/b.jsonl":                    filepath.Join(home, "b.jsonl"),
		filepath.Join(home, "c.jsonl"): filepath.Join(home, "c.jsonl"),
	} {
		at, err := save(given, []byte("{}\n"))
		if err != nil || at != want {
			t.Fatalf("%s was written to %s, %v", given, at, err)
		}
		if info, err := os.Stat(at); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 3 {
			t.Errorf("%s: %v, %v", at, info, err)
		}
		if _, err := save(given, nil); err == nil || !strings.Contains(err.Error(), "is there already") {
			t.Errorf("%s was written again: %v", given, err)
		}
	}
	if _, err := save(filepath.Join(home, "none", "d"), nil); err == nil {
		t.Error("a file in no directory was written")
	}
}
