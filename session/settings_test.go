package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSettingsHaveDefaults(t *testing.T) {
	want := Settings{Lifetime: time.Hour, PageSize: 100, Theme: "auto"}
	if got, err := LoadSettings(Paths{Config: t.TempDir()}); err != nil || got != want {
		t.Errorf("no file: %+v, %v", got, err)
	}
	for _, empty := range []string{"", "# nothing yet\n", "version: 1\n"} {
		if got, err := parseSettings([]byte(empty)); err != nil || got != want {
			t.Errorf("%q: %+v, %v", empty, got, err)
		}
	}
}

func TestSettingsAreRead(t *testing.T) {
	dir := t.TempDir()
	content := "version: 1\nprofile: prod\nregion: eu-west-1\nssh_user: pi\nlifetime: 90m\nread_only: true\npage_size: 50\ntheme: dark\nascii: true\n"
	if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := LoadSettings(Paths{Config: dir})
	want := Settings{Profile: "prod", Region: "eu-west-1", SSHUser: "pi", Lifetime: 90 * time.Minute, ReadOnly: true, PageSize: 50, Theme: "dark", ASCII: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWrongSettingsShowTheirLine(t *testing.T) {
	for content, want := range map[string]string{
		"profile: a\nprofil: b\n":            "profil",
		"region: eu-west-1\ntheme: green\n":  "must be dark, light or auto",
		"region: eu-west-1\nlifetime: 90s\n": "whole minutes",
		"region: eu-west-1\nlifetime: 13h\n": "from 1m to 12h",
		"region: eu-west-1\npage_size: 0\n":  "from 1 to 100",
		"profile: x\nversion: 2\n":           "version 1",
		"profile: x\nregion: Europe\n":       "is not the name of an AWS region",
		"profile: x\nssh_user: -oX\n":        "is not a user's name",
		"profile: x\nread_only: perhaps\n":   "read_only",
		"profile: x\n\tregion: y\n":          "cannot start any token",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadSettings(Paths{Config: dir})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "2 |") || !strings.Contains(err.Error(), "settings.yaml") {
			t.Errorf("%q: %v; want %q and the second line", content, err, want)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte("version: 1\nprofile: prod\nlifetime: 90m\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("\x00:"))
	f.Add([]byte("- 1\n---\nlifetime: -1h"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseSettings(data)
		if err == nil && (s.Lifetime < time.Minute || s.Lifetime > 12*time.Hour || s.PageSize < 1 || s.PageSize > 100 || strings.ContainsAny(s.SSHUser, "\"\n")) {
			t.Errorf("accepted %+v", s)
		}
	})
}
