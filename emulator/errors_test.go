package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"

	"adit/emulator"
)

// onDemand are the errors that faults make, by their word.
func onDemand() map[string]string {
	return map[string]string{
		"throttle": "ThrottlingException", "error": "InternalFailureException", "limit": "LimitExceededException", "deny": "AccessDeniedException",
	}
}

func TestTheGoSDKMeetsEveryErrorOfEveryOperation(t *testing.T) {
	b := start(t)
	id, arn := aws.String("nope"), aws.String("arn:aws:iot:"+region+":"+account+":tunnel/nope")
	calls := map[string]func(context.Context) error{
		"OpenTunnel": func(ctx context.Context) error {
			_, err := b.sdk.OpenTunnel(ctx, &iotsecuretunneling.OpenTunnelInput{})
			return err
		},
		"DescribeTunnel": func(ctx context.Context) error {
			_, err := b.sdk.DescribeTunnel(ctx, &iotsecuretunneling.DescribeTunnelInput{TunnelId: id})
			return err
		},
		"CloseTunnel": func(ctx context.Context) error {
			_, err := b.sdk.CloseTunnel(ctx, &iotsecuretunneling.CloseTunnelInput{TunnelId: id})
			return err
		},
		"ListTunnels": func(ctx context.Context) error {
			_, err := b.sdk.ListTunnels(ctx, &iotsecuretunneling.ListTunnelsInput{})
			return err
		},
		"RotateTunnelAccessToken": func(ctx context.Context) error {
			_, err := b.sdk.RotateTunnelAccessToken(ctx, &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: id, ClientMode: types.ClientModeAll})
			return err
		},
		"TagResource": func(ctx context.Context) error {
			_, err := b.sdk.TagResource(ctx, &iotsecuretunneling.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{}})
			return err
		},
		"UntagResource": func(ctx context.Context) error {
			_, err := b.sdk.UntagResource(ctx, &iotsecuretunneling.UntagResourceInput{ResourceArn: arn, TagKeys: []string{}})
			return err
		},
		"ListTagsForResource": func(ctx context.Context) error {
			_, err := b.sdk.ListTagsForResource(ctx, &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: arn})
			return err
		},
	}
	if len(calls) != 8 {
		t.Fatalf("%d operations", len(calls))
	}
	for operation, call := range calls {
		for word, want := range onDemand() {
			if err := b.SetFaults(operation + "=" + word); err != nil {
				t.Fatal(err)
			}
			err := call(t.Context())
			wantCode(t, err, want)
			var response *awshttp.ResponseError
			if !errors.As(err, &response) || response.ServiceRequestID() == "" {
				t.Errorf("%s of %s has no request id: %v", want, operation, err)
			}
		}
	}
}

// awsRefusal runs the AWS CLI and gives the code of the error that it meets.
func (b *bench) awsRefusal(args ...string) string {
	b.t.Helper()
	_, err := b.awsCommand(args...).Output()
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		b.t.Errorf("aws %s: %v, want an error of the service", strings.Join(args, " "), err)
		return ""
	}
	found := regexp.MustCompile(`An error occurred \((\w+)\) when calling`).FindSubmatch(failed.Stderr)
	if found == nil {
		b.t.Errorf("aws %s: %s", strings.Join(args, " "), failed.Stderr)
		return ""
	}
	return string(found[1])
}

// refusal is a call of the AWS CLI and the error that it must meet.
type refusal struct {
	name string
	args []string
	want string
}

// meet runs calls side by side, as each is a second of work.
func (b *bench) meet(refusals []refusal) {
	b.t.Helper()
	var running sync.WaitGroup
	for _, r := range refusals {
		running.Go(func() {
			if got := b.awsRefusal(r.args...); got != r.want {
				b.t.Errorf("%s: %s, want %s", r.name, got, r.want)
			}
		})
	}
	running.Wait()
}

// TestAWSCLIMeetsEveryErrorAndPages starts the AWS CLI some fifty times, which takes a minute on a slow machine: so it is
// for CI, and for who sets ADIT_EVERY_CLIENT.
func TestAWSCLIMeetsEveryErrorAndPages(t *testing.T) {
	if os.Getenv("CI") != "true" && os.Getenv("ADIT_EVERY_CLIENT") == "" {
		t.Skip("ADIT_EVERY_CLIENT is not set")
	}
	need(t, "aws")
	b := startWith(t, emulator.Config{})
	const s = "iotsecuretunneling"
	arn := "arn:aws:iot:" + region + ":" + account + ":tunnel/nope"
	calls := map[string][]string{
		"DescribeTunnel":          {s, "describe-tunnel", "--tunnel-id", "nope"},
		"CloseTunnel":             {s, "close-tunnel", "--tunnel-id", "nope"},
		"RotateTunnelAccessToken": {s, "rotate-tunnel-access-token", "--tunnel-id", "nope", "--client-mode", "ALL"},
		"ListTagsForResource":     {s, "list-tags-for-resource", "--resource-arn", arn},
		"TagResource":             {s, "tag-resource", "--resource-arn", arn, "--tags", "key=a,value=b"},
		"UntagResource":           {s, "untag-resource", "--resource-arn", arn, "--tag-keys", "a"},
	}
	var refusals []refusal
	for operation, call := range calls {
		refusals = append(refusals, refusal{operation, call, "ResourceNotFoundException"})
	}
	b.meet(append(refusals,
		refusal{"four services", []string{s, "open-tunnel", "--destination-config", "services=A,B,C,D"}, "LimitExceededException"},
		refusal{"a page too long", []string{s, "list-tunnels", "--max-results", "101"}, "ValidationException"},
		refusal{"a mode of no side", []string{s, "rotate-tunnel-access-token", "--tunnel-id", "nope", "--client-mode", "source"}, "ValidationException"},
	))
	calls["OpenTunnel"], calls["ListTunnels"] = []string{s, "open-tunnel"}, []string{s, "list-tunnels"}
	for word, want := range onDemand() {
		if err := b.SetFaults("*=" + word); err != nil {
			t.Fatal(err)
		}
		refusals = nil
		for operation, call := range calls {
			refusals = append(refusals, refusal{operation + "=" + word, call, want})
		}
		b.meet(refusals)
	}
	if err := b.SetFaults(); err != nil {
		t.Fatal(err)
	}

	// botocore has no paginator for tunnels, so a script loops by hand.
	var want, got []string
	for range 5 {
		want = append([]string{*b.open().TunnelId}, want...)
	}
	args := []string{s, "list-tunnels", "--max-results", "2"}
	for pages := 1; ; pages++ {
		var page struct {
			TunnelSummaries []struct{ TunnelID string }
			NextToken       string
		}
		if err := json.Unmarshal([]byte(b.aws(args...)), &page); err != nil {
			t.Fatal(err)
		}
		for _, summary := range page.TunnelSummaries {
			got = append(got, summary.TunnelID)
		}
		if page.NextToken == "" {
			break
		}
		args = append(args[:4:4], "--next-token", page.NextToken)
		if pages > len(want) {
			t.Fatal("there is no end of pages")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %s, want %s", fmt.Sprint(got), fmt.Sprint(want))
	}
}
