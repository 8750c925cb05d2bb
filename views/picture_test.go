package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"adit/ui"
)

// pictureSizes are the terminals that every screen is held on, from the least that adit draws on.
var pictureSizes = [][2]int{{40, 10}, {60, 15}, {80, 24}, {100, 30}, {160, 50}}

// pictureLooks are the looks that every screen is held in. The first gives the layout, which colours must not change.
var pictureLooks = []struct {
	name string
	look ui.Look
}{
	{"dark", ui.Look{Dark: true, ReducedMotion: true}},
	{"light", ui.Look{ReducedMotion: true}},
	{"no colour", ui.Look{NoColor: true, ReducedMotion: true}},
	{"ASCII", ui.Look{Dark: true, ASCII: true, ReducedMotion: true}},
}

// pictures draws a settled screen in every size and look. The text stands there once for the looks that share it, and under it
// the styles of each look as runs of cells.
func pictures(t *testing.T, draw func(width, height int, look ui.Look) string) string {
	t.Helper()
	var out strings.Builder
	for _, size := range pictureSizes {
		layout := ""
		for i, l := range pictureLooks {
			content := polls.ReplaceAllString(draw(size[0], size[1], l.look), "$1 #")
			text := withoutBlanks(ansi.Strip(content))
			title := fmt.Sprintf("%dx%d, %s", size[0], size[1], l.name)
			switch {
			case l.look.ASCII:
				if at := strings.IndexFunc(text, func(r rune) bool { return r > '~' }); at >= 0 {
					t.Errorf("%s: not ASCII: %q", title, text[at:min(at+20, len(text))])
				}
				picture(&out, title, text)
				continue
			case i == 0:
				layout = text
				picture(&out, title, text)
			case text != layout:
				t.Errorf("%s: another text than in the first look:\n%s", title, text)
			}
			out.WriteString(styles(title, content))
		}
	}
	return out.String()
}

// polls are counted by a watcher whose pauses are jittered.
var polls = regexp.MustCompile(`(DescribeTunnel|ListTunnels) [0-9]+`)

// withoutBlanks takes the blanks at the ends of lines away.
func withoutBlanks(screen string) string {
	lines := strings.Split(screen, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

var sgr = regexp.MustCompile(`\x1b\[([0-9;:]*)m`)

// styles are the runs of cells with a style of their own, line by line: "12 a5 3" are twelve plain cells, five of style a and
// three plain ones. A legend tells which escape sequence a is.
func styles(title, content string) string {
	var legend []string
	var lines strings.Builder
	for line := range strings.SplitSeq(content, "\n") {
		var runs []string
		style, width, at := "", 0, 0
		flush := func() {
			if width > 0 {
				runs = append(runs, fmt.Sprintf("%s%d", letter(&legend, style), width))
			}
			width = 0
		}
		for _, m := range sgr.FindAllStringSubmatchIndex(line, -1) {
			width += cellsOf(line[at:m[0]])
			next := line[m[2]:m[3]]
			if next != "" && next != "0" {
				next = strings.TrimPrefix(style+";"+next, ";")
			} else {
				next = ""
			}
			if next != style {
				flush()
			}
			style, at = next, m[1]
		}
		width += cellsOf(line[at:])
		if style != "" {
			flush() // What is plain up to the edge says nothing.
		}
		lines.WriteString(strings.Join(runs, " ") + "\n")
	}
	var head strings.Builder
	fmt.Fprintf(&head, "-- styles of %s\n", title)
	for i, style := range legend {
		fmt.Fprintf(&head, "%c = %s\n", 'a'+i, style)
	}
	return head.String() + lines.String()
}

// letter names a style, "" the plain one.
func letter(legend *[]string, style string) string {
	if style == "" {
		return ""
	}
	i := slices.Index(*legend, style)
	if i < 0 {
		i = len(*legend)
		*legend = append(*legend, style)
	}
	return string(rune('a' + i))
}
