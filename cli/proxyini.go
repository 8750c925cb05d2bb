package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"adit/pattern"
)

// setting is one line of a configuration file.
type setting struct {
	name, value string
	line        int
}

const (
	maxSettings = 64 << 10 // bytes of a configuration file
	byteOrder   = "\ufeff"
)

// optionName is deliberately narrow: what else stands before an equals sign may be a token with its padding, and is then
// not repeated in an error.
var optionName = pattern.Of(`^[a-z]+(-[a-z]+)*$`)

// parseSettings reads a configuration file as the reference local proxy writes it: a line is option = value with the long
// name of an option, and # begins a comment. An error names the line, never its content.
func parseSettings(r io.Reader) ([]setting, error) {
	limited := &io.LimitedReader{R: r, N: maxSettings + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, maxSettings+1)
	var found []setting
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if number == 1 {
			line = strings.TrimPrefix(line, byteOrder)
		}
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if line[0] == '[' {
			return nil, fmt.Errorf("line %d begins a section; options stand outside of sections", number)
		}
		name, value, separated := strings.Cut(line, "=")
		s := setting{strings.TrimSpace(name), strings.TrimSpace(value), number}
		switch {
		case !separated || len(s.name) > 40 || !optionName.MatchString(s.name):
			return nil, fmt.Errorf("line %d is not of the form option = value, with an option's long name", number)
		case s.value == "":
			return nil, fmt.Errorf("line %d gives the option %s no value", number, s.name)
		}
		if i := slices.IndexFunc(found, func(other setting) bool { return other.name == s.name }); i >= 0 {
			return nil, fmt.Errorf("line %d gives the option %s a second time, after line %d", number, s.name, found[i].line)
		}
		found = append(found, s)
	}
	if limited.N == 0 {
		return nil, fmt.Errorf("it is longer than %d KiB", maxSettings>>10)
	}
	return found, lines.Err()
}
