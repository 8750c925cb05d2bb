package choices

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the tables of docs/emulator.md")

const page = "../../docs/emulator.md"

// TestThePageHasTheTable holds docs/emulator.md and the table together.
func TestThePageHasTheTable(t *testing.T) {
	const begin, end = "<!-- choices: go test ./emulator/choices -update -->\n", "<!-- end of choices -->"
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(content), begin)
	_, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatal("the page has no place for the table")
	}
	want := before + begin + table() + end + after
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(content) != want {
		t.Error("the page has another table than the code: go test ./emulator/choices -update")
	}
}

// table is what the page has of the choices.
func table() string {
	var out strings.Builder
	part := ""
	for _, c := range All() {
		if c.Part != part {
			part = c.Part
			fmt.Fprintf(&out, "\n### Unknown: %s\n| choice | default | or | what it decides |\n|---|---|---|---|\n", part)
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", c.Name, c.Default, c.Alternatives(), c.What)
	}
	return out.String() + "\n"
}

// TestEveryNameHasItsRow: a name without one could be asked for and never be chosen.
func TestEveryNameHasItsRow(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "table.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, c := range All() {
		rows = append(rows, fmt.Sprintf("%q", c.Name))
		if !c.takes(c.Default) {
			t.Errorf("%s does not take its own default %s", c.Name, c.Default)
		}
		if !strings.HasSuffix(c.What, ".") {
			t.Errorf("%s: %q is no sentence", c.Name, c.What)
		}
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Name" {
				names = append(names, spec.Values[0].(*ast.BasicLit).Value)
			}
		}
		return true
	})
	if !slices.Equal(names, rows) && !slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(rows))) {
		t.Errorf("the names are %v, the rows %v", names, rows)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(rows)))) != len(rows) {
		t.Error("a choice is there twice")
	}
}

func TestWhatListPrintsChangesNothing(t *testing.T) {
	s, err := Parse(List())
	if err != nil || len(s.Changed()) != 0 {
		t.Errorf("%v, %v", s.Changed(), err)
	}
}

func TestTheLaterChoiceCountsAndTheOthersKeepTheirDefaults(t *testing.T) {
	s, err := Parse("# of the drill\n\nkeep-closed = 1m\nkeep-closed=2m\n rate-limit=8000\nclosed-close-code=none\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.Time(KeepClosed) != 2*time.Minute || s.Number(RateLimit) != 8000 || s.Number(ClosedCloseCode) != 0 || !s.Is(RotateClosed, "invalid") {
		t.Errorf("%v", s.Changed())
	}
	if got, want := fmt.Sprint(s.Changed()), "[keep-closed=2m closed-close-code=none rate-limit=8000]"; got != want {
		t.Errorf("changed %s, want %s", got, want)
	}
	if zero := (Set{}); zero.Time(KeepClosed) != 3*time.Hour || zero.Number(MaxServices) != 3 {
		t.Error("the zero value has no defaults")
	}
}

func TestWhatIsNoChoiceIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"rotate-closed":        "NAME=VALUE",
		"rotate-open=ok":       "rotate-open",
		"rotate-closed=maybe":  "default is invalid, else not-found, ok",
		"max-services=0":       "a number from 1 to 1000",
		"max-services=3.5":     "a number",
		"rate-limit=7999":      "8000",
		"rate-limit=-1":        "8000",
		"keep-closed=0s":       "a time from",
		"keep-closed=tomorrow": "a time from",
		"idle-timeout=-1s":     "a time from",
		"=":                    "no choice",
	} {
		if _, err := Parse("keep-closed=1m\n" + text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("rotate-closed=ok\n# a\nkeep-closed=1m")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(strings.Join(s.Changed(), "\n"))
		if err != nil || !slices.Equal(s.Changed(), again.Changed()) {
			t.Errorf("%q does not survive: %v", text, err)
		}
	})
}
