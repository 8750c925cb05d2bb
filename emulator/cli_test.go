package emulator_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// need returns the path of a tool. On a machine of somebody's own a missing tool skips the test; in CI it is an error.
func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and CI must not skip this test", tool)
	}
	if err != nil {
		t.Skipf("%s is not installed", tool)
	}
	return path
}

// awsCommand is the AWS CLI on the emulator, which tries everything once.
func (b *bench) awsCommand(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.t.Context(), "aws", append([]string{"--endpoint-url", b.APIURL(), "--output", "json"}, args...)...)
	home := b.t.TempDir()
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_CONFIG_FILE=" + home + "/config", "AWS_SHARED_CREDENTIALS_FILE=" + home + "/credentials",
		"AWS_ACCESS_KEY_ID=" + account, "AWS_SECRET_ACCESS_KEY=none", "AWS_DEFAULT_REGION=" + region,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1",
	}
	return cmd
}

// aws runs the AWS CLI, which must succeed.
func (b *bench) aws(args ...string) string {
	b.t.Helper()
	cmd := b.awsCommand(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("aws %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func TestAWSCLIRunsEveryOperation(t *testing.T) {
	need(t, "aws")
	b := start(t)
	const s = "iotsecuretunneling"
	var identity struct{ Account string }
	decode(t, b.aws("sts", "get-caller-identity"), &identity)
	if identity.Account != account {
		t.Errorf("get-caller-identity: account %q, want %s", identity.Account, account)
	}

	var opened struct{ TunnelID, TunnelARN, SourceAccessToken, DestinationAccessToken string }
	decode(t, b.aws(s, "open-tunnel", "--description", "hi there", "--tags", "key=a,value=b",
		"--destination-config", "thingName=t,services=SSH,HTTP", "--timeout-config", "maxLifetimeTimeoutMinutes=60"), &opened)
	if opened.SourceAccessToken == "" || opened.DestinationAccessToken == "" {
		t.Fatal("open-tunnel gave no tokens")
	}

	type tunnel struct {
		Status, Description string
		DestinationConfig   struct {
			ThingName string
			Services  []string
		}
		TimeoutConfig         struct{ MaxLifetimeTimeoutMinutes int }
		SourceConnectionState struct{ Status string }
		Tags                  []struct{ Key, Value string }
	}
	var described struct{ Tunnel tunnel }
	decode(t, b.aws(s, "describe-tunnel", "--tunnel-id", opened.TunnelID), &described)
	d := described.Tunnel
	if d.Status != "OPEN" || d.Description != "hi there" || d.DestinationConfig.ThingName != "t" || len(d.DestinationConfig.Services) != 2 ||
		d.TimeoutConfig.MaxLifetimeTimeoutMinutes != 60 || d.SourceConnectionState.Status != "DISCONNECTED" || len(d.Tags) != 1 || d.Tags[0].Value != "b" {
		t.Errorf("describe-tunnel: %+v", d)
	}

	b.aws(s, "tag-resource", "--resource-arn", opened.TunnelARN, "--tags", "key=c,value=d", "key=e,value=")
	b.aws(s, "untag-resource", "--resource-arn", opened.TunnelARN, "--tag-keys", "a", "e")
	var tags struct{ Tags []struct{ Key, Value string } }
	decode(t, b.aws(s, "list-tags-for-resource", "--resource-arn", opened.TunnelARN), &tags)
	if len(tags.Tags) != 1 || tags.Tags[0].Key != "c" || tags.Tags[0].Value != "d" {
		t.Errorf("list-tags-for-resource: %+v", tags)
	}

	var rotated struct{ SourceAccessToken, DestinationAccessToken string }
	decode(t, b.aws(s, "rotate-tunnel-access-token", "--tunnel-id", opened.TunnelID, "--client-mode", "SOURCE"), &rotated)
	if rotated.SourceAccessToken == "" || rotated.SourceAccessToken == opened.SourceAccessToken || rotated.DestinationAccessToken != "" {
		t.Error("rotate-tunnel-access-token gave the wrong tokens")
	}

	b.aws(s, "open-tunnel")
	var page struct {
		TunnelSummaries []struct{ TunnelID, Status string }
		NextToken       string
	}
	decode(t, b.aws(s, "list-tunnels", "--max-results", "1"), &page)
	if len(page.TunnelSummaries) != 1 || page.NextToken == "" {
		t.Fatalf("list-tunnels: %+v", page)
	}
	b.aws(s, "close-tunnel", "--tunnel-id", opened.TunnelID)
	decode(t, b.aws(s, "list-tunnels", "--next-token", page.NextToken), &page)
	if len(page.TunnelSummaries) != 1 || page.TunnelSummaries[0].TunnelID != opened.TunnelID || page.TunnelSummaries[0].Status != "CLOSED" {
		t.Errorf("list-tunnels: %+v", page)
	}
	b.aws(s, "close-tunnel", "--tunnel-id", opened.TunnelID, "--delete")
	page.TunnelSummaries = nil
	decode(t, b.aws(s, "list-tunnels", "--thing-name", "t"), &page)
	if len(page.TunnelSummaries) != 0 {
		t.Errorf("still listed after --delete: %+v", page)
	}
}

func decode(t *testing.T, text string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), to); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
}
