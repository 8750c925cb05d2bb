package ui

// Symbols are one cell wide each, in Unicode or in ASCII.
type Symbols struct {
	On, Off, Never, Unknown, Closed, Stale, Done, Failed, Warning, Cursor, Mark, Sorted, SortedDown, Ellipsis, Up, Down string
	// Dot stands between two facts of a line, Into between a whole and its part.
	Dot, Into string
	Bar       [2]string // full, empty
	Spark     []string
	Spinner   []string
	Rule      string
	// Side and Corners draw a box; the corners go round from the top left.
	Side    string
	Corners [4]string
	Radio   [2]string // off, on
}

// newSymbols picks glyphs that every monospaced font has: no emoji, and nothing that terminals disagree on in width.
func newSymbols(look Look) Symbols {
	s := Symbols{
		On: "●", Off: "○", Never: "◌", Unknown: "?", Closed: "–", Stale: "≈", Done: "✓", Failed: "✗", Warning: "!",
		Cursor: "▌", Mark: "◆", Sorted: "▲", SortedDown: "▼", Ellipsis: "…", Up: "↑", Down: "↓",
		Dot: "·", Into: "▸",
		Bar:     [2]string{"▇", "▁"},
		Spark:   []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇"},
		Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
		Rule:    "─", Side: "│", Corners: [4]string{"╭", "╮", "╯", "╰"},
		Radio: [2]string{" ", "•"},
	}
	if look.ASCII {
		s = Symbols{
			On: "*", Off: "o", Never: ".", Unknown: "?", Closed: "-", Stale: "=", Done: "+", Failed: "x", Warning: "!",
			Cursor: ">", Mark: "#", Sorted: "^", SortedDown: "v", Ellipsis: "~", Up: "^", Down: "v",
			Dot: "-", Into: ">",
			Bar:     [2]string{"#", "."},
			Spark:   []string{"_", ".", "-", "=", "+", "*", "#"},
			Spinner: []string{"|", "/", "-", "\\"},
			Rule:    "-", Side: "|", Corners: [4]string{"+", "+", "+", "+"},
			Radio: [2]string{" ", "*"},
		}
	}
	if look.ReducedMotion {
		// A spinner of one frame stands still, and screen readers have nothing to repeat.
		s.Spinner = []string{s.Dot}
	}
	return s
}
