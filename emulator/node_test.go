package emulator_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adit/emulator"
)

// TestTheJavaScriptSDKRunsEveryOperationEveryErrorAndThePagingLoop needs Node and the packages of testdata/node, which
// `npm ci --prefix emulator/testdata/node` installs.
func TestTheJavaScriptSDKRunsEveryOperationEveryErrorAndThePagingLoop(t *testing.T) {
	node := need(t, "node")
	const folder = "testdata/node"
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "@aws-sdk", "client-iotsecuretunneling")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must have the JavaScript SDK: %v", err)
		}
		t.Skip("npm ci --prefix emulator/testdata/node has not been run")
	}
	b := startWith(t, emulator.Config{AdminSecret: adminSecret})
	cmd := exec.CommandContext(t.Context(), node, "session.mjs")
	cmd.Dir = folder
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"ENDPOINT=" + b.APIURL(), "ACCOUNT=" + account, "REGION=" + region, "ADMIN_SECRET=" + adminSecret,
		"NOW=" + b.clock.Now().Format("2006-01-02T15:04:05.000Z"),
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if got := strings.TrimSpace(string(out)); got != `{"operations":8,"refused":32,"paged":7}` {
		t.Errorf("the session saw %s", got)
	}
}
