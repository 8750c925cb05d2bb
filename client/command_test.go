package client

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestCommandsAreWhatTheAWSCLITakes(t *testing.T) {
	prod := Context{Profile: "prod", Region: "eu-west-1"}
	emulator := Context{Region: "us-east-1", Endpoint: "http://127.0.0.1:4566", EndpointFrom: "AWS_ENDPOINT_URL"}
	for _, c := range []struct{ got, want string }{
		{CommandOpen(prod, OpenInput{}), "aws iotsecuretunneling open-tunnel --profile prod --region eu-west-1"},
		{CommandOpen(prod, OpenInput{Thing: "pump-07", Services: []string{"SSH", "HTTP"}, Description: "it's 3 a.m.", Tags: []Tag{{"a", "b"}, {"c", ""}}, Lifetime: time.Hour}),
			`aws iotsecuretunneling open-tunnel --destination-config thingName=pump-07,services=SSH,HTTP --description 'it'\''s 3 a.m.' --tags key=a,value=b key=c,value= --timeout-config maxLifetimeTimeoutMinutes=60 --profile prod --region eu-west-1`},
		{CommandOpen(emulator, OpenInput{Description: "-x", Tags: []Tag{{"a b", "c=d"}}}),
			`aws iotsecuretunneling open-tunnel --description=-x --tags '[{"key":"a b","value":"c=d"}]' --region us-east-1 --endpoint-url http://127.0.0.1:4566`},
		{CommandList(prod, ListInput{Thing: "pump-07", PageSize: 5, Next: "n="}), "aws iotsecuretunneling list-tunnels --thing-name pump-07 --max-results 5 --next-token n= --profile prod --region eu-west-1"},
		{CommandDescribe(prod, "t1"), "aws iotsecuretunneling describe-tunnel --tunnel-id t1 --profile prod --region eu-west-1"},
		{CommandClose(prod, "-t1", true), "aws iotsecuretunneling close-tunnel --tunnel-id=-t1 --delete --profile prod --region eu-west-1"},
		{CommandRotate(prod, RotateInput{ID: "t1", Mode: ModeAll, Thing: "pump-07", Services: []string{"SSH"}}),
			"aws iotsecuretunneling rotate-tunnel-access-token --tunnel-id t1 --client-mode ALL --destination-config thingName=pump-07,services=SSH --profile prod --region eu-west-1"},
		{CommandTags(prod, "arn:t1"), "aws iotsecuretunneling list-tags-for-resource --resource-arn arn:t1 --profile prod --region eu-west-1"},
		{CommandTag(prod, "arn:t1", []Tag{{"a", "b"}}), "aws iotsecuretunneling tag-resource --resource-arn arn:t1 --tags key=a,value=b --profile prod --region eu-west-1"},
		{CommandUntag(prod, "arn:t1", []string{"a", "b c"}), "aws iotsecuretunneling untag-resource --resource-arn arn:t1 --tag-keys a 'b c' --profile prod --region eu-west-1"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

func FuzzCommandRunsNothingElse(f *testing.F) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("there is no POSIX shell")
	}
	for _, text := range []string{"plain", "it's", "$(id)", "`id`", "a;b|c&d>e", `\`, "-x", "~", "*", "!x", "a\nb", "=", `"`, "\x1b", "\u200b-x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) || strings.TrimSpace(text) == "" {
			t.Skip("the API has no such description")
		}
		line := CommandOpen(Context{}, OpenInput{Description: text})
		// The line's own words are printed, one a line; nothing else may happen.
		cmd := exec.CommandContext(t.Context(), shell, "-c", `aws() { for word; do printf '%s\n' "$word"; done; }; `+line)
		out, err := cmd.CombinedOutput()
		want := "iotsecuretunneling\nopen-tunnel\n--description\n" + Clean(text) + "\n"
		if strings.HasPrefix(Clean(text), "-") {
			want = "iotsecuretunneling\nopen-tunnel\n--description=" + Clean(text) + "\n"
		}
		if err != nil || string(out) != want {
			t.Errorf("%q makes %q: %q, %v", text, line, out, err)
		}
	})
}
