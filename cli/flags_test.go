package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
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
	return flags, flags.settle(set)
}

func TestFlagsWinOverVariablesAndThoseOverSettings(t *testing.T) {
	const settings = "region: eu-north-1\nprofile: filed\ntheme: light\npage_size: 50\nlifetime: 90m\nssh_user: pi\n"
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_PROFILE", "")
	f, err := parse(t, settings)
	if err != nil {
		t.Fatal(err)
	}
	if f.region != "eu-north-1" || f.profile != "filed" || f.theme != "light" || f.pageSize != 50 || f.lifetime != 90*time.Minute || f.user != "pi" {
		t.Errorf("settings alone give %+v", f)
	}
	f, err = parse(t, settings, "--region", "us-east-2", "--theme", "dark", "--page-size", "100", "--ssh-user", "root")
	if err != nil {
		t.Fatal(err)
	}
	if f.region != "us-east-2" || f.theme != "dark" || f.pageSize != 100 || f.user != "root" {
		t.Errorf("flags over settings give %+v", f)
	}
	// The variable is left to the SDK, which reads it itself; the settings must not stand before it.
	t.Setenv("AWS_REGION", "ap-south-1")
	t.Setenv("AWS_PROFILE", "other")
	if f, err = parse(t, settings); err != nil || f.region != "" || f.profile != "" {
		t.Errorf("with variables set: region %q, profile %q, %v; want them left alone", f.region, f.profile, err)
	}
}

func TestReadOnlyInTheSettingsIsNotTakenBack(t *testing.T) {
	f, err := parse(t, "read_only: true\n", "--read-only=false")
	if err != nil || !f.readOnly {
		t.Errorf("read-only %v, %v; want the settings' promise kept", f.readOnly, err)
	}
}

func TestAnUnknownSettingIsAnErrorWithItsLine(t *testing.T) {
	_, err := parse(t, "region: eu-west-1\nregoin: x\n")
	if err == nil || !strings.Contains(err.Error(), "regoin") || !strings.Contains(err.Error(), "2") {
		t.Errorf("error %v; want one that shows the line", err)
	}
}
