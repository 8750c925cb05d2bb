package emulator_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEachRuleHasItsTests holds docs/emulator-rules.md and the tests together.
func TestEachRuleHasItsTests(t *testing.T) {
	page, err := os.ReadFile("../docs/emulator-rules.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, root := range []string{".", "../tunnelconn/wire"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			for _, found := range function.FindAllSubmatch(content, -1) {
				tests[string(found[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	rules := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+\.\d+) \| [^|]+ \| ([^|]+) \|$`).FindAllStringSubmatch(string(page), -1) {
		names := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2], -1)
		if len(names) == 0 {
			t.Errorf("rule %s has no test", row[1])
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("rule %s: there is no test %s", row[1], name[1])
			}
		}
		rules[row[1]] = true
	}
	for section, last := range map[int]int{1: 11, 2: 11, 3: 11, 4: 10, 10: 15} {
		for i := 1; i <= last; i++ {
			if rule := fmt.Sprintf("%d.%d", section, i); !rules[rule] {
				t.Errorf("the page has no row for rule %s", rule)
			}
		}
	}
}
