package client

import (
	"strings"
	"testing"
	"time"
)

func TestInputIsHeldToTheAPIsConstraints(t *testing.T) {
	long := strings.Repeat("a", 129)
	for _, c := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"thing", ValidateThing("pump_07:a-B"), true},
		{"no thing", ValidateThing(""), true},
		{"thing of 128", ValidateThing(long[:128]), true},
		{"thing of 129", ValidateThing(long), false},
		{"thing with a space", ValidateThing("pump 07"), false},
		{"thing with a line break at the end", ValidateThing("pump\n"), false},
		{"service", ValidateService("SSH"), true},
		{"no service", ValidateService(""), false},
		{"destination", ValidateDestination("pump-07", []string{"SSH", "HTTP"}), true},
		{"services without a thing", ValidateDestination("", []string{"WSS"}), true},
		{"thing without services", ValidateDestination("pump-07", nil), false},
		{"service twice", ValidateDestination("pump-07", []string{"SSH", "SSH"}), false},
		{"description", ValidateDescription("pump 泵"), true},
		{"no description", ValidateDescription(""), true},
		{"description of 2048", ValidateDescription(strings.Repeat("泵", 2048)), true},
		{"description of 2049", ValidateDescription(strings.Repeat("a", 2049)), false},
		{"description of two lines", ValidateDescription("a\nb"), false},
		{"description with bidi", ValidateDescription("a\u202eb"), false},
		{"description that is not UTF-8", ValidateDescription("a\xff"), false},
		{"tag", ValidateTag("team:a/b", "x = y@z"), true},
		{"empty value", ValidateTag("k", ""), true},
		{"empty key", ValidateTag("", "v"), false},
		{"key of AWS", ValidateTag("AWS:x", "v"), false},
		{"key of 129", ValidateTag(long, "v"), false},
		{"value of 257", ValidateTag("k", strings.Repeat("v", 257)), false},
		{"value with a comma", ValidateTag("k", "a,b"), false},
		{"tags", ValidateTags([]Tag{{"a", "1"}, {"b", "1"}}), true},
		{"tag twice", ValidateTags([]Tag{{"a", "1"}, {"a", "2"}}), false},
		{"too many tags", ValidateTags(make([]Tag, 201)), false},
		{"lifetime left out", ValidateLifetime(0), true},
		{"shortest lifetime", ValidateLifetime(time.Minute), true},
		{"longest lifetime", ValidateLifetime(12 * time.Hour), true},
		{"lifetime too short", ValidateLifetime(59 * time.Second), false},
		{"lifetime too long", ValidateLifetime(721 * time.Minute), false},
		{"lifetime of half a minute", ValidateLifetime(90 * time.Second), false},
		{"negative lifetime", ValidateLifetime(-time.Minute), false},
	} {
		if (c.err == nil) != c.ok {
			t.Errorf("%s: %v, want ok %v", c.name, c.err, c.ok)
		}
		if c.err != nil && !strings.HasSuffix(c.err.Error(), ".") {
			t.Errorf("%s: %q is no sentence", c.name, c.err)
		}
	}
}
