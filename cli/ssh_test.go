package cli

import (
	"strings"
	"testing"
)

func TestAShellIsOnOneThingInOnePlace(t *testing.T) {
	t.Setenv("ADIT_CONFIG_DIR", t.TempDir())
	t.Setenv("ADIT_STATE_DIR", t.TempDir())
	for want, args := range map[string][]string{
		"letters, digits and : _ - only":  {"not a thing"},
		"name one profile and one region": {"pump-07", "--region", "eu-west-1,us-east-1"},
		"accepts 1 arg":                   {},
	} {
		cmd := newSSHCommand(&interrupts{})
		cmd.SetArgs(args)
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("adit ssh %q: %v, want %q", args, err, want)
		}
	}
}
