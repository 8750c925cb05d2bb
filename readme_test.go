package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"adit/keymap"
	"adit/settings"
)

var update = flag.Bool("update", false, "write the tables into README.md")

// TestTheReadmeListsEveryKeyAndSetting holds the README's tables to what there is: go test . -run Readme -update writes them.
func TestTheReadmeListsEveryKeyAndSetting(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := string(content)
	for name, table := range map[string]string{"keys": keysTable(), "settings": settingsTable()} {
		begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
		before, rest, found := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("README.md has no place for the %s between %q and %q", name, begin, end)
		}
		want = before + begin + table + end + after
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(content) != want {
		t.Error("README.md does not list the keys and settings as they are: go test . -run Readme -update")
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

// settingsTable has a row for every setting.
func settingsTable() string {
	var table strings.Builder
	table.WriteString("| in the file | flag | variables | default | what |\n|---|---|---|---|---|\n")
	for _, field := range settings.Fields() {
		key, flag := "`"+field.Key+"`", "`--"+field.Flag()
		if field.PerProfile {
			key += " *"
		}
		if field.Form != "" {
			flag += " " + field.Form
		}
		fmt.Fprintf(&table, "| %s | %s` | `%s` | `%s` | %s |\n", key, flag, strings.Join(field.Variables(), "` `"), field.Default(), field.Usage)
	}
	return table.String()
}
