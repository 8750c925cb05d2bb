package pattern

import (
	"strings"
	"testing"
)

func TestSharedFormsTellRightFromWrong(t *testing.T) {
	for _, c := range []struct {
		pattern      Pattern
		right, wrong []string
	}{
		{ClientToken, []string{strings.Repeat("a", 32), strings.Repeat("Z-9x", 32)}, []string{"", strings.Repeat("a", 31), strings.Repeat("a", 129), strings.Repeat("a", 32) + "\n"}},
		{Name, []string{"SSH", "line:3_a-b", strings.Repeat("n", 128)}, []string{"", "a b", "ü", strings.Repeat("n", 129)}},
		{Region, []string{"eu-west-1", "us-gov-east-1"}, []string{"", "eu", "EU-west-1", "eu-west-1;x", "e-1"}},
	} {
		for _, text := range c.right {
			if !c.pattern.MatchString(text) {
				t.Errorf("%q is refused", text)
			}
		}
		for _, text := range c.wrong {
			if c.pattern.MatchString(text) {
				t.Errorf("%q is let pass", text)
			}
		}
	}
}
