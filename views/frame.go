package views

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// The least screen that can be drawn on; below it a sentence says so.
const leastWidth, leastHeight = 40, 10

// View draws the frame, or gives the last one again: it is asked for after every message.
func (a *app) View() tea.View {
	if a.dirty {
		a.frame = a.draw()
		a.dirty = false
	}
	return a.frame
}

func (a *app) draw() tea.View {
	content, cursor := a.compose()
	v := tea.NewView(content)
	v.AltScreen, v.ReportFocus = true, true
	v.Cursor = cursor
	v.WindowTitle, v.ProgressBar = a.title(), a.progressBar()
	if a.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// compose stacks header, view, toasts and hints, and the overlay in front of them.
func (a *app) compose() (string, *tea.Cursor) {
	s := a.scene
	if s.width < leastWidth || s.height < leastHeight {
		text := fmt.Sprintf("adit needs %dx%d; this terminal is %dx%d.", leastWidth, leastHeight, s.width, s.height)
		return s.fill(s.paragraph(ui.Plain, text, 0), s.height), nil
	}
	head := a.header()
	foot := a.hintBar()
	if toasts := a.toasts.View(s.theme, s.width); toasts != "" {
		foot = append(strings.Split(toasts, "\n"), foot...)
	}
	foot = foot[max(len(foot)-s.height/2, 0):]
	room := s.height - len(head) - len(foot)
	body, cursor := a.body(room)
	if cursor != nil {
		cursor.Y += len(head)
	}
	base := strings.Join(append(append(head, body...), foot...), "\n")
	if n := len(a.overlays); n > 0 {
		// The last line keeps the keys in sight.
		over := s.height - 1
		box, at := a.overlays[n-1].view(s)
		lines := strings.Split(base, "\n")
		base = ui.Overlay(strings.Join(lines[:over], "\n"), box, s.width, over) + "\n" + lines[over]
		cursor = at
		if at != nil {
			x, y := ui.Center(box, s.width, over)
			cursor = tea.NewCursor(at.X+x, at.Y+y)
		}
	}
	return base, cursor
}

func (a *app) body(room int) ([]string, *tea.Cursor) {
	s := a.scene
	switch a.front {
	case keymap.ScopeTunnels:
		return a.tunnels.view(a, room)
	case keymap.ScopeThings:
		return a.things.view(a, room)
	case keymap.ScopeActivity:
		return strings.Split(s.fill(a.activity.view(a.opts.Journal, room), room), "\n"), nil
	case keymap.ScopeLog:
		return strings.Split(s.fill(a.log.view(a.opts.Log, room), room), "\n"), nil
	case keymap.ScopeProxies:
		return strings.Split(s.fill(a.proxies.view(room, a.onlyRead()), room), "\n"), nil
	}
	return strings.Split(s.fill(a.trialView(), room), "\n"), nil
}

// title is the terminal window's.
func (a *app) title() string {
	if a.connection.backend == nil {
		return "adit"
	}
	title := "adit " + whereAll(a.contexts())
	if n := a.running(); n > 0 {
		title += " (" + plural(n, "proxy", "proxies") + ")"
	}
	if a.notices.headline != "" {
		title = "! " + a.notices.headline + " - " + title
	}
	return title
}

// paragraph renders a sentence over as many lines as it needs, indented.
func (s *scene) paragraph(tone ui.Tone, text string, indent int) []string {
	lines := s.theme.Paragraph(ui.Span{Text: text, Tone: tone}, max(s.width-2*indent, 1))
	for i, line := range lines {
		lines[i] = strings.Repeat(" ", indent) + line
	}
	return lines
}

// fill makes lines a block of the screen's width and of height lines.
func (s *scene) fill(lines []string, height int) string {
	out := make([]string, height)
	copy(out, lines)
	return strings.Join(s.fit(out), "\n")
}

// fit makes each line exactly as wide as the screen, in place.
func (s *scene) fit(lines []string) []string {
	for i, line := range lines {
		lines[i] = ui.Fit(line, s.width, s.theme.Symbols.Ellipsis)
	}
	return lines
}

// rule is a line across the screen.
func (s *scene) rule() string {
	return s.theme.Text(ui.Dim, strings.Repeat(s.theme.Symbols.Rule, s.width))
}

// boxWidth is the width of an overlay that would like to be want cells wide.
func (s *scene) boxWidth(want int) int { return min(want, s.width-2) }

// oneLine makes pasted text fit for a single line.
func oneLine(text string) string {
	return strings.TrimSpace(client.Clean(strings.NewReplacer("\r", " ", "\n", " ", "\t", " ").Replace(text)))
}
