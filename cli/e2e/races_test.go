//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The binary of a race-enabled run reports into a file, not into the screen it draws.
func (h *home) raceOptions() string { return "GORACE=exitcode=0 log_path=" + h.path("race") }

// access is the function that touched the memory, in the first line behind the kind of the access.
var access = regexp.MustCompile(`(?m)^(?:Previous )?(?:[Rr]ead|[Ww]rite|[Aa]tomic \w+) at .*:\n +([^\n]+)`)

// checkRaces fails the test for every race in which code of ours is one of the two. Bubble Tea 2.1.1 has one of its own:
// (*Program).checkResize writes the window's size from two goroutines after each Exec.
func (h *home) checkRaces(t testing.TB) {
	t.Helper()
	files, err := filepath.Glob(h.path("race.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for report := range strings.SplitSeq(string(content), "==================") {
			for _, found := range access.FindAllStringSubmatch(report, -1) {
				if strings.HasPrefix(found[1], "adit/") || strings.HasPrefix(found[1], "main.") {
					t.Errorf("a data race:\n%s", report)
					break
				}
			}
		}
	}
}
