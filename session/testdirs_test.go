package session

import (
	"os"
	"testing"
)

func shortTempDir() (string, error) { return os.MkdirTemp("/tmp", "adit-t") }

func removeAll(t *testing.T, dir string) {
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}
