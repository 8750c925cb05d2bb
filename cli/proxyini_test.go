package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSettingsAreLinesOfOptionAndValue(t *testing.T) {
	found, err := parseSettings(strings.NewReader("\ufeffregion=eu-west-1\r\n\n  # all of it\nsource-listen-port =  SSH=5555,HTTP=1 # two\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []setting{{"region", "eu-west-1", 1}, {"source-listen-port", "SSH=5555,HTTP=1", 4}}
	if !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}

func TestABadLineIsNamedByItsNumber(t *testing.T) {
	for content, says := range map[string]string{
		"region = x\n[section]\n":                "line 2 begins a section",
		"region":                                 "line 1 is not of the form",
		"\n" + strings.Repeat("a", 500) + "==\n": "line 2 is not of the form",
		"AQGAAXh=\n":                             "line 1 is not of the form",
		"= x":                                    "line 1 is not of the form",
		"region =":                               "gives the option region no value",
		"region = a\nmode=src\nregion = b":       "line 3 gives the option region a second time, after line 1",
		strings.Repeat("# long\n", 10000):        "longer than 64 KiB",
		strings.Repeat("x", maxSettings+1):       "longer than 64 KiB",
	} {
		if _, err := parseSettings(strings.NewReader(content)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", content, err, says)
		}
	}
}

// FuzzSettings holds that what was read means the same when it is written again, and that an error gives no long word of
// the file away.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"region = eu-west-1\n", "a=b=c # d\n\n[x]", "access-token=" + aToken, strings.Repeat("A", 60) + "==", "a = \x00\n", "\ufeffa=1\r\nb=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		found, err := parseSettings(strings.NewReader(content))
		if err != nil {
			for _, word := range strings.Fields(content) {
				if len(word) > 40 && strings.Contains(err.Error(), word) {
					t.Errorf("the error repeats %q: %v", word, err)
				}
			}
			return
		}
		var again strings.Builder
		for _, s := range found {
			fmt.Fprintf(&again, "%s = %s\n", s.name, s.value)
		}
		second, err := parseSettings(strings.NewReader(again.String()))
		if err != nil {
			t.Fatalf("%q: %v", again.String(), err)
		}
		if !slices.EqualFunc(found, second, func(a, b setting) bool { return a.name == b.name && a.value == b.value }) {
			t.Errorf("%v, read again %v", found, second)
		}
	})
}
