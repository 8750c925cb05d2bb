package choices

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Set is what was chosen. The zero value has every default.
type Set struct{ chosen map[Name]string }

// Parse reads choices of the form NAME=VALUE, one a line; of two for the same name the later counts. Empty lines and those
// that begin with # are skipped.
func Parse(text string) (Set, error) {
	table := All()
	s := Set{make(map[Name]string, len(table))}
	for _, c := range table {
		s.chosen[c.Name] = c.Default
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found {
			return Set{}, fmt.Errorf("the choice %q is not of the form NAME=VALUE, such as rotate-closed=ok", line)
		}
		at := slices.IndexFunc(table, func(c Choice) bool { return string(c.Name) == name })
		if at < 0 {
			return Set{}, fmt.Errorf("there is no choice %q: adit emulate --list-choices prints those there are", name)
		}
		if c := table[at]; !c.takes(value) {
			return Set{}, fmt.Errorf("the choice %s cannot be %q; its default is %s, else %s", name, value, c.Default, c.Alternatives())
		}
		s.chosen[Name(name)] = value
	}
	return s, nil
}

// Of gives the value of a choice.
func (s Set) Of(name Name) string {
	if value, ok := s.chosen[name]; ok {
		return value
	}
	table := All()
	return table[slices.IndexFunc(table, func(c Choice) bool { return c.Name == name })].Default
}

// Is tells whether a choice has a value.
func (s Set) Is(name Name, value string) bool { return s.Of(name) == value }

// Number is the value of a choice that has numbers.
func (s Set) Number(name Name) int {
	n, _ := strconv.Atoi(s.Of(name)) // Parse has read it before
	return n
}

// Time is the value of a choice that has times.
func (s Set) Time(name Name) time.Duration {
	d, _ := time.ParseDuration(s.Of(name)) // Parse has read it before
	return d
}

// Changed are the choices that are not the default, as Parse reads them.
func (s Set) Changed() []string {
	lines := []string{}
	for _, c := range All() {
		if value := s.Of(c.Name); value != c.Default {
			lines = append(lines, string(c.Name)+"="+value)
		}
	}
	return lines
}

// List prints every choice with its default, as Parse reads it.
func List() string {
	var out strings.Builder
	part := ""
	for _, c := range All() {
		if c.Part != part {
			part = c.Part
			fmt.Fprintf(&out, "# --- %s ---\n", part)
		}
		fmt.Fprintf(&out, "# %s\n# Or: %s.\n%s=%s\n", strings.ReplaceAll(c.What, "`", ""), c.Alternatives(), c.Name, c.Default)
	}
	return out.String()
}
