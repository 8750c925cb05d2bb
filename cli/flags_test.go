package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"adit/client"
	"adit/views"
)

// parse reads a command line over a settings file, as the root command does.
func parse(t *testing.T, settings string, args ...string) (*screenFlags, error) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("ADIT_CONFIG_DIR", dir)
	if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	flags, set := &screenFlags{}, pflag.NewFlagSet("adit", pflag.ContinueOnError)
	flags.register(set)
	flags.registerAWS(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags, flags.settle()
}

func TestFlagsWinOverVariablesAndThoseOverSettings(t *testing.T) {
	const settings = "region: eu-north-1\nprofile: filed\ntheme: light\npage_size: 50\nlifetime: 90m\nssh_user: pi\nprofiles: {filed: {ssh_user: root}}\n"
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_PROFILE", "")
	f, err := parse(t, settings)
	if err != nil {
		t.Fatal(err)
	}
	d := f.defaults(client.Context{Profile: "filed"})
	if !slices.Equal(f.places(), []views.Place{{Profile: "filed", Region: "eu-north-1"}}) || f.settings.Theme != "light" || f.settings.PageSize != 50 ||
		d.Lifetime != 90*time.Minute || d.SSHUser != "root" || f.trying() != "profile filed, region eu-north-1" {
		t.Errorf("settings alone give %+v, trying %q", d, f.trying())
	}
	if got := f.user(client.Context{Profile: "other"}); got != "pi" {
		t.Errorf("the ssh user elsewhere is %q", got)
	}
	if got := f.user(client.Context{Demo: true}); got != demoUser {
		t.Errorf("the ssh user of the demo is %q", got)
	}
	f, err = parse(t, settings, "--region", "us-east-2", "--theme", "dark", "--page-size", "100", "--ssh-user=admin", "--ascii", "--read-only")
	if err != nil {
		t.Fatal(err)
	}
	d = f.defaults(client.Context{Profile: "filed"})
	if d.Region != "us-east-2" || f.settings.Theme != "dark" || f.settings.PageSize != 100 || d.SSHUser != "admin" || !f.settings.ASCII || !d.ReadOnly {
		t.Errorf("flags over settings give %+v", d)
	}
	// The variable is left to the SDK, which reads it itself; the settings must not stand before it.
	t.Setenv("AWS_REGION", "ap-south-1")
	t.Setenv("AWS_PROFILE", "other")
	f, err = parse(t, settings)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.places(), []views.Place{{}}) || f.trying() != "profile other, region ap-south-1" {
		t.Errorf("with variables set: %q; want them left alone; trying %q", f.places(), f.trying())
	}
	f, err = parse(t, settings, "--region", "eu-west-1, us-east-1", "--profile", "a,b")
	if err != nil {
		t.Fatal(err)
	}
	if want := []views.Place{{Profile: "a", Region: "eu-west-1"}, {Profile: "a", Region: "us-east-1"}, {Profile: "b", Region: "eu-west-1"}, {Profile: "b", Region: "us-east-1"}}; !slices.Equal(f.places(), want) {
		t.Errorf("several of each give %q", f.places())
	}
	if _, err = parse(t, settings, "--region", "eu-west-1,,"); err == nil {
		t.Error("an empty region among several was taken")
	}
}

func TestAnUnknownSettingIsAnErrorWithItsLine(t *testing.T) {
	_, err := parse(t, "region: eu-west-1\nregoin: x\n")
	if err == nil || !strings.Contains(err.Error(), "settings.yaml:2: the setting regoin is not known: did you mean region?") {
		t.Errorf("error %v; want one that shows the line", err)
	}
}

func TestOnlyAMistakeInTheFileAdvisesToMoveIt(t *testing.T) {
	const advice = "move the file away"
	if _, err := parse(t, "theme: dark\n", "--theme", "nope"); err == nil || strings.Contains(err.Error(), advice) {
		t.Errorf("a wrong flag says %v", err)
	}
	for _, file := range []string{"theme: nope\n", "keys: {tunnel.close: [o]}\n"} {
		if _, err := parse(t, file); err == nil || !strings.Contains(err.Error(), advice) {
			t.Errorf("%q says %v", file, err)
		}
	}
}
