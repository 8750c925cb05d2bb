//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAPanicAnywhereGivesTheTerminalBack crashes a build of adit that panics at a point of its own, in the event loop, in
// commands, and in the goroutines of watcher, sessions, local proxy, devices and embedded service.
func TestAPanicAnywhereGivesTheTerminalBack(t *testing.T) {
	rigged := filepath.Join(workshop, "adit-rigged")
	if out, err := exec.Command("go", "build", "-tags", "e2epanic", "-o", rigged, "adit").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	tags, proxy := []string{"G", "t"}, []string{"G", "p", ctrlS}
	for _, c := range []struct {
		point string
		keys  []string
	}{
		{"init", nil},
		{"view connecting", nil},
		{"view THING DEVICE", nil},
		{"view Tags", tags},
		{"update tea.WindowSizeMsg", nil},
		{"update views.connectedMsg", nil},
		{"update views.snapshotMsg", nil},
		{"update views.tickMsg", nil},
		{"update tea.KeyPressMsg", []string{"x"}},
		{"update tea.PasteMsg", []string{"\x1b[200~text\x1b[201~"}},
		{"answer views.connectedMsg", nil},
		{"answer views.snapshotMsg", nil},
		{"answer views.tagsReadMsg", tags},
		{"answer views.progressMsg", proxy},
		{"log emulator started", nil},
		{"log call operation=ListTunnels", nil},
		{"log call operation=DescribeTunnel", nil},
		{"log the tunnel has ended", []string{"G", "x", "y"}},
		{"log connected role=source", proxy},
		{"log source token held", proxy},
		{"log data plane: connected", nil},
		{"log call operation=ListTagsForResource", tags},
	} {
		t.Run(c.point, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.extra = []string{"ADIT_PANIC=" + c.point}
			// As everywhere, a shell waits for adit: the session does not end with it.
			term := run(t, h, 100, 30, "sh", "-c", `"$0" demo --log-level debug; code=$?; read line; exit $code`, rigged)
			if c.keys != nil {
				term.row("pump-12", "● connected")
				term.press(c.keys...)
			}
			term.see("adit crashed; the report is in")
			term.restored()
			term.press(enter)
			if code := term.exit(); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			reports, err := filepath.Glob(h.path("state", "*", "crash-*.txt"))
			if err != nil || len(reports) != 1 {
				t.Fatalf("the reports are %q, %v", reports, err)
			}
			report, err := os.ReadFile(reports[0])
			if err != nil || !strings.Contains(string(report), "panic: rigged: "+c.point) {
				t.Errorf("it crashed elsewhere: %v\n%.300s", err, report)
			}
		})
	}
}
