package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// read makes settings of a file's content, an environment and flags.
func read(t testing.TB, content string, env map[string]string, flags map[string][]string) (*Settings, error) {
	t.Helper()
	return parse("/etc/settings.yaml", []byte(content), Input{Getenv: func(name string) string { return env[name] }, Flags: flags})
}

func mustRead(t testing.TB, content string, env map[string]string, flags map[string][]string) *Settings {
	t.Helper()
	s, err := read(t, content, env, flags)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettingsHaveDefaults(t *testing.T) {
	want := Defaults{Services: []string{"SSH"}, Ports: map[string]int{}, Lifetime: time.Hour}
	for _, empty := range []string{"", "# nothing yet\n", "version: 1\n", "theme:\n", "---\n", "profiles:\n", "profiles:\n  prod:\n"} {
		s, err := read(t, empty, nil, nil)
		if err != nil {
			t.Errorf("%q: %v", empty, err)
			continue
		}
		if s.Theme != "auto" || s.PageSize != 100 || s.Pages != 10 || s.LogLevel != "info" || s.Profile != "" || s.ASCII {
			t.Errorf("%q: %+v", empty, s)
		}
		if got := s.For("prod"); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v", empty, got)
		}
	}
	if _, err := Load(Input{Dir: t.TempDir(), Getenv: func(string) string { return "" }}); err != nil {
		t.Errorf("no file: %v", err)
	}
}

func TestDefaultsOfEveryFieldAreWhatTheFileCouldHave(t *testing.T) {
	for _, f := range Fields() {
		n, err := fromYAML([]byte("a: " + f.Default()))
		if err != nil {
			t.Fatalf("%s: %v", f.Key, err)
		}
		if got, err := f.kind.read(n.names[0].value); err != nil || show(got) != f.Default() {
			t.Errorf("%s: %q is read as %v, %v", f.Key, f.Default(), got, err)
		}
	}
}

const everything = `version: 1
profile: prod
region: eu-west-1
ssh_user: 007
services: [SSH, HTTP]
ports: {SSH: 2222}
tags: {team: ops, "wide 世": "a = b"}
lifetime: 90m
read_only: false
theme: dark
no_color: yes
ascii: true
reduced_motion: on
page_size: 50
pages: 3
log_level: debug
keys:
  tunnel.close: [ctrl+x, f8]
  tunnel.copy: x
  tunnel.more: []
filters:
  mine soon: mine left<30m
profiles:
  prod:
    region: us-east-1
    production: true
    read_only: true
    services: SSH
    tags: {}
  lab:
    ssh_user: pi
`

func TestSettingsAreReadByProfile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(everything), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Input{Dir: dir, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if s.Profile != "prod" || s.Theme != "dark" || !s.NoColor || !s.ASCII || !s.ReducedMotion || s.PageSize != 50 || s.Pages != 3 || s.LogLevel != "debug" {
		t.Errorf("general: %+v", s)
	}
	keys := map[string][]string{"tunnel.close": {"ctrl+x", "f8"}, "tunnel.copy": {"x"}, "tunnel.more": {}}
	if !reflect.DeepEqual(s.Keys, keys) || !reflect.DeepEqual(s.Filters, []Named{{"mine soon", "mine left<30m"}}) {
		t.Errorf("keys %q, filters %q", s.Keys, s.Filters)
	}
	everybody := Defaults{Region: "eu-west-1", SSHUser: "007", Services: []string{"SSH", "HTTP"}, Ports: map[string]int{"SSH": 2222},
		Tags: []client.Tag{{Key: "team", Value: "ops"}, {Key: "wide 世", Value: "a = b"}}, Lifetime: 90 * time.Minute, LifetimeChosen: true}
	lab, prod := everybody, everybody
	lab.SSHUser = "pi"
	prod.Region, prod.Production, prod.ReadOnly, prod.Services, prod.Tags = "us-east-1", true, true, []string{"SSH"}, nil
	for profile, want := range map[string]Defaults{"": everybody, "other": everybody, "lab": lab, "prod": prod} {
		if got := s.For(profile); !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n got %+v\nwant %+v", profile, got, want)
		}
	}
	if got := s.OriginOf("prod", "region", ""); got.String() != filepath.Join(dir, FileName)+":25, profile prod" {
		t.Errorf("the region is said to come from %s", got)
	}
	if got := s.OriginOf("", "keys", "tunnel.copy"); got.Line != 19 {
		t.Errorf("tunnel.copy is said to come from %s", got)
	}
}

func TestFlagsWinOverVariablesAndThoseOverTheFile(t *testing.T) {
	env := map[string]string{"ADIT_THEME": "light", "ADIT_REGION": "eu-north-1", "AWS_REGION": "ap-south-1", "AWS_PROFILE": "other",
		"ADIT_TAGS": "team=net,shift=night", "ADIT_PORTS": "{HTTP: 8080}", "ADIT_KEYS": `{tunnel.more: ["="]}`, "NO_COLOR": "0", "ADIT_ASCII": ""}
	flags := map[string][]string{"theme": {"dark", "high-contrast"}, "lifetime": {"2h"}, "keys": {"tunnel.close=z", "tunnel.tags=a"}, "services": {"SSH", "VNC, RDP"},
		"filters": {"lost=device:never,gone tag:a=b", "soon=left<1h"}}
	s := mustRead(t, strings.ReplaceAll(everything, "no_color: yes\n", ""), env, flags)
	if s.Theme != "high-contrast" || s.Profile != "other" || !s.NoColor || !s.ASCII {
		t.Errorf("general: %+v", s)
	}
	keys := map[string][]string{"tunnel.close": {"z"}, "tunnel.copy": {"x"}, "tunnel.more": {"="}, "tunnel.tags": {"a"}}
	if !reflect.DeepEqual(s.Keys, keys) {
		t.Errorf("keys %q", s.Keys)
	}
	filters := []Named{{"mine soon", "mine left<30m"}, {"lost", "device:never,gone tag:a=b"}, {"soon", "left<1h"}}
	if !reflect.DeepEqual(s.Filters, filters) {
		t.Errorf("filters %q", s.Filters)
	}
	d := s.For("prod")
	want := Defaults{Region: "eu-north-1", SSHUser: "007", Services: []string{"SSH", "VNC", "RDP"}, Ports: map[string]int{"HTTP": 8080},
		Tags: []client.Tag{{Key: "team", Value: "net"}, {Key: "shift", Value: "night"}}, Lifetime: 2 * time.Hour, LifetimeChosen: true, ReadOnly: true, Production: true}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got %+v\nwant %+v", d, want)
	}
	for key, origin := range map[string]string{"theme": "--theme", "region": "ADIT_REGION", "profile": "AWS_PROFILE", "no_color": "NO_COLOR",
		"ascii": "/etc/settings.yaml:11", "read_only": "/etc/settings.yaml:26, profile prod", "reduced_motion": "/etc/settings.yaml:12"} {
		if got := s.OriginOf("prod", key, "").String(); got != origin {
			t.Errorf("%s comes from %s, want %s", key, got, origin)
		}
	}
	if got := s.OriginOf("", "keys", "tunnel.copy"); got.Line != 18 {
		t.Errorf("tunnel.copy is said to come from %s", got)
	}
}

func TestReadOnlyIsAPromiseThatNobodyTakesBack(t *testing.T) {
	no := map[string][]string{"read_only": {"false"}}
	for content, want := range map[string]bool{
		"read_only: true\n": true, "profiles: {prod: {read_only: true}}\n": true, "read_only: true\nprofiles: {prod: {read_only: false}}\n": true,
		"": false,
	} {
		s := mustRead(t, content, map[string]string{"ADIT_READ_ONLY": "no"}, no)
		if got := s.For("prod").ReadOnly; got != want {
			t.Errorf("%q: read-only is %v", content, got)
		}
	}
	if s := mustRead(t, "profiles: {prod: {read_only: true}}\n", nil, nil); s.For("lab").ReadOnly {
		t.Error("the promise for one profile holds another")
	}
}

func TestWrongSettingsShowTheirLine(t *testing.T) {
	for content, want := range map[string]string{
		"profile: a\nprofil: b\n":                        "did you mean profile?",
		"profile: a\npaint: b\n":                         "adit config lists",
		"region: eu-west-1\ntheme: green\n":              "must be one of auto, dark, light",
		"region: eu-west-1\nlifetime: 90s\n":             "whole minutes",
		"region: eu-west-1\nlifetime: 13h\n":             "from 1m to 12h",
		"region: eu-west-1\npage_size: 0\n":              "from 1 to 100",
		"profile: x\nversion: 2\n":                       "version 1",
		"profile: x\nregion: Europe\n":                   "is not the name of an AWS region",
		"profile: x\nssh_user: -oX\n":                    "is not a user's name",
		"profile: x\nread_only: perhaps\n":               "read_only must be true or false",
		"profile: x\n\tregion: y\n":                      "cannot start any token",
		"profile: x\nprofile: y\n":                       "profile",
		"profile: x\nservices: []\n":                     "services must be one to 3",
		"profile: x\nservices: [a, b, c, d]\n":           "services must be one to 3",
		"profile: x\nservices: [SSH, SSH]\n":             "SSH stands here twice",
		"profile: x\nservices: [\"a b\"]\n":              "services",
		"profile: x\nports: {SSH: 70000}\n":              "ports SSH: must be from 1 to 65535",
		"profile: x\nports: [1]\n":                       "ports must be names with values",
		"profile: x\ntags: {\"\": b}\n":                  "tags",
		"profile: x\nkeys: {tunnel.copy: {a: b}}\n":      "keys tunnel.copy: must be a list",
		"profiles:\n  prod: {theme: dark}\n":             "the same for every profile",
		"profiles:\n  prod: {regin: x}\n":                "did you mean region?",
		"profiles:\n  prod: [x]\n":                       "prod must be names with values",
		"profile: x\nprofiles: x\n":                      "profiles are names of profiles",
		"profile: &a x\nregion: *a\n":                    "anchors",
		"profile: x\nfilters: {a: \"devise:x\"}\n":       "filters a: devise: is no field",
		"profile: x\nfilters:\n- a\n":                    "filters must be names",
		"profile: x\ntheme: [dark]\n":                    "theme must be one of",
		"- profile\n- x\n":                               "the settings are names with values",
		"profile: x\n---\nregion: eu-west-1\n":           "second document",
		"profile: x\n? [a]\n: b\n":                       "invalid key",
		"profile: x\ntags: {a: {b: {c: {d: {e: 1}}}}}\n": "tags a: must be one text",
	} {
		_, err := read(t, content, nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "2 |") && !strings.Contains(err.Error(), "1 |") || !strings.Contains(err.Error(), "settings.yaml:") {
			t.Errorf("%q: %v; want %q and its line", content, err, want)
		}
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	_, err := read(t, "theme: green\npaint: b\n", map[string]string{"ADIT_PAGES": "many", "ADIT_PORTS": "2222"}, map[string][]string{"lifetime": {"1s"}})
	for _, want := range []string{"settings.yaml:1: theme", "settings.yaml:2: the setting paint", "ADIT_PAGES must be from 1", `ADIT_PORTS: "2222" is not of the form`, "--lifetime must be whole minutes"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %q in\n%v", want, err)
		}
	}
}

func FuzzSettings(f *testing.F) {
	for _, seed := range []string{everything, "version: 1\nprofile: prod\nlifetime: 90m\n", "a: &a [*a]\n", "\x00:", "- 1\n---\nlifetime: -1h",
		"profiles: {a: {tags: {b: c}}}", "? a\n: b", "keys: {<<: {a: b}}", "ssh_user: !!binary x", "tags: |\n  a", "theme: {"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := read(t, string(data), nil, nil)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		for _, profile := range append(s.Profiles(), "") {
			d := s.For(profile)
			if d.Lifetime < time.Minute || d.Lifetime > 12*time.Hour || len(d.Services) < 1 || len(d.Services) > 3 || strings.ContainsAny(d.SSHUser, "\"\n ") {
				t.Errorf("accepted %+v", d)
			}
		}
		if s.PageSize < 1 || s.PageSize > 100 {
			t.Errorf("accepted %+v", s)
		}
	})
}
