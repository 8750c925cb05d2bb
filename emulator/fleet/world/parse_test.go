package world

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseErrorsNameWhatIsWrong(t *testing.T) {
	for line, want := range map[string]string{
		`echo "half`:                   "syntax error: unterminated quoted string",
		`echo 'half`:                   "syntax error: unterminated quoted string",
		`&& true`:                      `syntax error: unexpected "&&"`,
		`true &&`:                      `syntax error: unexpected "end of line"`,
		`true || ; true`:               `syntax error: unexpected ";"`,
		`;`:                            `syntax error: unexpected ";"`,
		`| cat`:                        `syntax error: unexpected "|"`,
		`cat | | cat`:                  `syntax error: unexpected "|"`,
		`cat |`:                        `syntax error: unexpected "|"`,
		`sleep 5 &`:                    `syntax error: unexpected "&"`,
		`(true)`:                       `syntax error: unexpected "("`,
		"echo `id`":                    "syntax error: unexpected \"`\"",
		`echo $(id)`:                   `syntax error: unexpected "$("`,
		`echo ${a b}`:                  `syntax error: unexpected "${"`,
		`cat <`:                        `syntax error: unexpected "end of line"`,
		`echo \`:                       `syntax error: unexpected "end of line"`,
		strings.Repeat("x", maxLine+1): "argument list too long",
	} {
		if _, err := parse(line); err == nil || err.Error() != want {
			t.Errorf("parse %.40q: %v, want %q", line, err, want)
		}
	}
}

// quote writes an argument so that a shell reads it back.
func quote(arg string) string { return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'" }

// FuzzParse holds two promises: no line upsets the parser or leaves it with an empty command, and whatever the
// arguments are, quoted they come back as they were.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "echo a b", `echo "a $HOME" 'b' \c # d`, "a;b&&c||d|e", "cat <in >out 2>&1", "x=$? ${y}", "&", "\\", "'", "a\\\nb", "$", "2>", "é \x00 \xff",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, line, arg string) {
		steps, err := parse(line)
		if err == nil {
			for _, step := range steps {
				for _, command := range step.pipeline {
					if len(command.words)+len(command.redirects) == 0 {
						t.Errorf("parse %q: an empty command", line)
					}
				}
			}
		}
		want := []string{"echo", arg, line}
		quoted := "echo " + quote(arg) + " " + quote(line)
		if len(quoted) > maxLine {
			return
		}
		steps, err = parse(quoted)
		if err != nil || len(steps) != 1 || len(steps[0].pipeline) != 1 {
			t.Fatalf("parse %q: %v, %v", quoted, steps, err)
		}
		got := new(Shell).expand(steps[0].pipeline[0].words)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("parse %q (-want +got):\n%s", quoted, diff)
		}
	})
}
