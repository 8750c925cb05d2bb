package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"adit/session"
	"adit/ui"
)

// The least and the most a column can be made wide.
const leastColumn, mostColumn = 4, 80

// columnsDialog chooses, orders and sizes the columns. The list behind it shows at once what it does.
type columnsDialog struct {
	app    *app
	before []session.ColumnChoice
	lines  []columnLine
	at     int
}

func (a *app) columnsDialog() tea.Cmd {
	a.show(&columnsDialog{app: a, before: a.arrangement.Columns, lines: arranged(a.tunnels.columns(), a.arrangement.Columns)})
	return nil
}

func (d *columnsDialog) update(msg tea.Msg, _ *scene) (bool, func() tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false, nil
	}
	line := &d.lines[d.at]
	switch key.String() {
	case "up", "k":
		d.at = max(d.at-1, 0)
	case "down", "j":
		d.at = min(d.at+1, len(d.lines)-1)
	case "shift+up", "K":
		d.swap(-1)
	case "shift+down", "J":
		d.swap(1)
	case "space":
		// The list without names of things would be of no use.
		line.Hidden = !line.Hidden && line.ID != "thing"
	case "right", "l":
		line.Width = min(line.width()+1, mostColumn)
	case "left", "h":
		line.Width = max(line.width()-1, leastColumn)
	case "r":
		d.lines = arranged(d.app.tunnels.columns(), nil)
	case "enter":
		chosen := d.choices()
		return true, func() tea.Cmd {
			return d.app.keep(func(kept *session.Arrangement) { kept.Columns = chosen })
		}
	case "esc":
		d.app.tunnels.rearrange(d.before)
		return true, nil
	default:
		return false, nil
	}
	d.app.tunnels.rearrange(d.choices())
	return false, nil
}

// width is what was chosen, or else the least as shipped.
func (l columnLine) width() int {
	if l.Width > 0 {
		return l.Width
	}
	return l.column.Min
}

// swap moves the column up or down among the others.
func (d *columnsDialog) swap(delta int) {
	to := d.at + delta
	if to < 0 || to >= len(d.lines) {
		return
	}
	d.lines[d.at], d.lines[to] = d.lines[to], d.lines[d.at]
	d.at = to
}

// choices are nil where everything is as shipped, so that a later adit may ship something else.
func (d *columnsDialog) choices() []session.ColumnChoice {
	var chosen []session.ColumnChoice
	for _, l := range d.lines {
		chosen = append(chosen, l.ColumnChoice)
	}
	var shipped []session.ColumnChoice
	for _, l := range arranged(d.app.tunnels.columns(), nil) {
		shipped = append(shipped, l.ColumnChoice)
	}
	if slices.Equal(chosen, shipped) {
		return nil
	}
	return chosen
}

func (d *columnsDialog) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(48)
	room := max(s.height-6, 1)
	first := max(min(d.at-room/2, len(d.lines)-room), 0)
	var lines []string
	for i, l := range d.lines[first:min(first+room, len(d.lines))] {
		marker, tone := " ", ui.Plain
		if first+i == d.at {
			marker, tone = s.theme.Symbols.Cursor, ui.Strong
		}
		shown, size := s.theme.Symbols.Done, "as shipped"
		if l.Hidden {
			shown, tone = " ", ui.Dim
		}
		if l.Width > 0 {
			size = itoa(l.Width) + " wide"
		}
		name := l.column.name
		lines = append(lines, s.theme.Spans(width-4, ui.Span{Text: marker + " ", Tone: ui.Accent}, ui.Span{Text: shown + " ", Tone: ui.Good},
			ui.Span{Text: ui.Fit(name, 26, s.theme.Symbols.Ellipsis), Tone: tone}, ui.Span{Text: size, Tone: ui.Dim}))
	}
	return s.theme.Frame("Columns", lines, width, 0), nil
}

func (d *columnsDialog) hints(s *scene) []hint {
	sy := s.theme.Symbols
	return []hint{{"space", "show or hide"}, {"J K", "order"}, {"h l", "size"}, {"enter", "keep"}, {"esc", "back"}, {"r", "as shipped"}, {sy.Up + sy.Down, "move"}}
}
