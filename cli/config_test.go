package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adit/keymap"
	"adit/settings"
	"adit/ui"
)

// run runs a command line in an environment with these settings and returns what it prints.
func run(t *testing.T, content string, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("ADIT_CONFIG_DIR", dir)
	for _, variable := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "NO_COLOR"} {
		t.Setenv(variable, "")
	}
	if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	root := newRootCommand(&interrupts{})
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	root.SilenceErrors, root.SilenceUsage = true, true
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestConfigPrintsWhatIsInEffectAndWhereItComesFrom(t *testing.T) {
	t.Setenv("ADIT_PAGES", "3")
	out, err := run(t, "theme: dark\nprofiles:\n  prod:\n    region: eu-west-1\n    production: true\n", "config", "--region", "us-east-1", "--ascii")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"theme: dark # ", "settings.yaml:1\n", "pages: 3 # ADIT_PAGES\n", "region: us-east-1 # --region\n", "ascii: true # --ascii\n",
		"lifetime: 60m # default\n", "services: [SSH] # default\n", "profiles:\n prod:\n region: us-east-1 # --region\n production: true # ", "settings.yaml:5, profile prod\n",
	} {
		if flat := strings.Join(strings.Fields(strings.ReplaceAll(out, "\n", " \n ")), " "); !strings.Contains(flat, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("not printed: %q in\n%s", want, out)
		}
	}
	again, err := run(t, out, "config")
	if err != nil || !strings.Contains(again, "us-east-1") {
		t.Errorf("what is printed cannot be the settings: %v\n%s", err, again)
	}
}

func TestConfigKeysPrintsWhatTheSettingsTake(t *testing.T) {
	out, err := run(t, "", "config", "keys")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range keymap.Default().All() {
		if !strings.Contains(out, string(b.Action)+": [") || !strings.Contains(out, b.Title) {
			t.Errorf("%s is not printed", b.Action)
		}
	}
	if again, err := run(t, out, "config"); err != nil {
		t.Errorf("the defaults are refused: %v\n%s", err, again)
	}
}

func TestEveryThemeHasALook(t *testing.T) {
	seen := map[ui.Look]string{}
	for _, theme := range settings.Themes() {
		f, err := parse(t, "theme: "+theme+"\n")
		if err != nil {
			t.Fatal(err)
		}
		l, follow := look(f.settings)
		if other, ok := seen[l]; ok && (theme != "dark" || other != "auto") {
			t.Errorf("%s looks like %s", theme, other)
		}
		if follow != (theme != "dark" && theme != "light") {
			t.Errorf("%s follows the terminal: %v", theme, follow)
		}
		seen[l] = theme
	}
	t.Setenv("NO_COLOR", "no") // any value counts
	f, err := parse(t, "", "--ascii", "--reduced-motion")
	if err != nil {
		t.Fatal(err)
	}
	if l, _ := look(f.settings); !l.NoColor || !l.ASCII || !l.ReducedMotion {
		t.Errorf("the look is %+v", l)
	}
}

func TestKeysOfTheSettingsAreBoundAndConflictsShowTheirLine(t *testing.T) {
	f, err := parse(t, "keys:\n  tunnel.close: ctrl+x\n")
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := f.keys.Lookup("ctrl+x", keymap.ScopeTunnels); !ok || b.Action != keymap.TunnelClose {
		t.Errorf("ctrl+x starts %q", b.Action)
	}
	_, err = parse(t, "theme: dark\nkeys:\n  tunnel.tags: o\n  tunnel.paint: z\n  tunnel.close: shift+c\n")
	for _, want := range []string{
		`settings.yaml:3: keys: key "o": tunnel.open and tunnel.tags both have it`,
		"settings.yaml:4: keys: tunnel.paint: there is no such action", `settings.yaml:5: keys: tunnel.close: key "shift+c": write "C"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %q in\n%v", want, err)
		}
	}
	// What else is wrong in the file hides none of it.
	_, err = parse(t, "theme: dusk\nkeys:\n  tunnel.tags: o\n")
	for _, want := range []string{"settings.yaml:1: ", "dusk", `settings.yaml:3: keys: key "o": tunnel.open and tunnel.tags both have it`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %q in\n%v", want, err)
		}
	}
	if _, err = parse(t, "", "--keys", "tunnel.tags=o"); err == nil || !strings.Contains(err.Error(), "--keys: keys: key") {
		t.Errorf("a conflict of the command line: %v", err)
	}
}
