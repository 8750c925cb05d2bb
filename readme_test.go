package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"adit/keymap"
)

var update = flag.Bool("update", false, "write the keys into README.md")

const keysBegin, keysEnd = "<!-- keys -->\n", "<!-- /keys -->"

// TestTheReadmeListsEveryKey holds the README's table to the key map: go test . -run Readme -update writes it.
func TestTheReadmeListsEveryKey(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), keysBegin)
	_, after, closed := strings.Cut(rest, keysEnd)
	if !found || !closed {
		t.Fatalf("README.md has no place for the keys between %q and %q", keysBegin, keysEnd)
	}
	want := before + keysBegin + keysTable() + keysEnd + after
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(content) != want {
		t.Error("README.md does not list the keys as they are: go test . -run Readme -update")
	}
}

// keysTable has a row for every action, by scope.
func keysTable() string {
	var table strings.Builder
	table.WriteString("| where | key | what | action |\n|---|---|---|---|\n")
	for _, binding := range keymap.Default().All() {
		keys := make([]string, len(binding.Keys))
		for i, key := range binding.Keys {
			keys[i] = "`" + key + "`"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | `%s` |\n", binding.Scope, strings.Join(keys, " "), binding.Title, binding.Action)
	}
	return table.String()
}
