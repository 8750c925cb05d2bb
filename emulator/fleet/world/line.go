package world

import (
	"io"
	"strings"
)

// input is a command's standard input on the terminal: lines that were edited, until Ctrl-D on an empty one.
func (t *TTY) input() io.Reader { return &typedInput{tty: t} }

type typedInput struct {
	tty  *TTY
	rest string
}

func (i *typedInput) Read(b []byte) (int, error) {
	if i.rest == "" {
		line, err := i.tty.readLine("", &history{})
		if err != nil {
			return 0, err
		}
		i.rest = line + "\n"
	}
	n := copy(b, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}

// maxHistory is how many lines the arrow keys lead back to.
const maxHistory = 200

// history is the lines of one login, without blanks and repeats. It implements term.History.
type history []string

func (h *history) Add(line string) {
	if strings.TrimSpace(line) == "" || len(*h) > 0 && h.At(0) == line {
		return
	}
	*h = append(*h, line)
	if len(*h) > maxHistory {
		*h = (*h)[1:]
	}
}

func (h *history) Len() int { return len(*h) }

func (h *history) At(i int) string { return (*h)[len(*h)-1-i] }

// complete is the Tab key: it finishes the name of a command or of a file as far as it is certain.
func (s *Shell) complete(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	start := strings.LastIndexAny(line[:pos], " ;|&") + 1
	prefix := line[start:pos]
	var candidates []string
	if strings.TrimSpace(line[:start]) == "" {
		for name := range s.table {
			candidates = append(candidates, name+" ")
		}
	} else {
		candidates = s.paths(prefix)
	}
	completed := commonPrefix(candidates, prefix)
	return line[:start] + completed + line[pos:], start + len(completed), true
}

// commonPrefix is the longest beginning of all candidates that begin with prefix, prefix itself when there are none.
func commonPrefix(candidates []string, prefix string) string {
	common, found := "", false
	for _, candidate := range candidates {
		switch {
		case !strings.HasPrefix(candidate, prefix):
			continue
		case !found:
			common, found = candidate, true
		default:
			for !strings.HasPrefix(candidate, common) {
				common = common[:len(common)-1]
			}
		}
	}
	if !found {
		return prefix
	}
	return common
}
