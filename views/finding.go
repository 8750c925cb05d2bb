package views

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/filter"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// finding is the filter of the list: what is typed, and what of it is in force. What is no filter yet, as most are while
// they are typed, does not count.
type finding struct {
	line    *ui.Line
	editing bool
	inForce filter.Filter
	problem error
	// offers are what the text may go on to; taken is which of them tab took last, -1 for none.
	offers []string
	taken  int
	typed  string // what the offers go on from
}

func newFinding() finding {
	return finding{line: ui.NewLine("", "text !not thing: device: tag:k=v left<30m mine /regex/"), taken: -1}
}

// text is what is typed.
func (f *finding) text() string { return f.line.Value() }

// shown tells whether the filter has a line on the screen.
func (f *finding) shown() bool { return f.editing || f.text() != "" }

// set replaces the text.
func (f *finding) set(text string) {
	f.line.SetValue(text)
	f.parse()
}

func (f *finding) parse() {
	f.inForce, f.problem = filter.Parse(f.text())
}

// end leaves the line. What is no filter goes.
func (f *finding) end() {
	f.editing = false
	if f.problem != nil {
		f.set(f.inForce.String())
	}
}

// typeFilter edits the filter and tells whether the key was one for it: the arrows still move the selection.
func (a *app) typeFilter(msg tea.Msg) bool {
	f := &a.tunnels.finding
	if paste, ok := msg.(tea.PasteMsg); ok {
		msg = tea.PasteMsg{Content: oneLine(paste.Content)}
	}
	key, _ := msg.(tea.KeyPressMsg)
	switch k := key.String(); k {
	case "enter":
		f.end()
		return true
	case "esc":
		f.editing = false
		f.set("")
		return true
	case "tab", "shift+tab":
		if f.complete(map[string]int{"tab": 1, "shift+tab": -1}[k]); len(f.offers) == 1 {
			a.offer() // there is nothing else to turn to: on to what may follow
		}
		return true
	case "right":
		if f.line.AtEnd() && len(f.offers) > 0 {
			f.complete(1)
			a.offer()
			return true
		}
	case "up", "down", "pgup", "pgdown":
		return false
	}
	if key.Text == "" && key.Mod != 0 && a.reserved(key) {
		return false
	}
	if f.line.Update(msg) {
		f.parse()
		a.offer()
	}
	return true
}

// reserved tells the keys that must work whatever has the keyboard.
func (a *app) reserved(key tea.KeyPressMsg) bool {
	b, ok := a.scene.keys.Lookup(key.String(), keymap.ScopeGlobal)
	return ok && (b.Action == keymap.AppQuit || b.Action == keymap.AppSuspend)
}

// complete takes the next of the offers, round and round.
func (f *finding) complete(delta int) {
	if len(f.offers) == 0 {
		return
	}
	if f.taken < 0 && delta < 0 {
		f.taken = 0
	}
	f.taken = (f.taken + delta + len(f.offers)) % len(f.offers)
	f.set(f.offers[f.taken])
}

// offer renews what the text may go on to.
func (a *app) offer() {
	f := &a.tunnels.finding
	f.taken, f.typed = -1, f.text()
	f.offers = filter.Complete(f.typed, a.valuesOf)
}

// mostOffers bounds the values that are offered of a field.
const mostOffers = 200

// valuesOf are the values that a field has in the list.
func (a *app) valuesOf(field string) []string {
	if field == "thing" {
		return a.thingNames()
	}
	seen := map[string]bool{}
	for _, r := range a.snapshot.Rows {
		switch field {
		case "service":
			for _, s := range r.Services {
				seen[s.String()] = true
			}
		case "owner":
			seen[session.OwnerOf(r.Tunnel).String()] = true
		case "tag":
			users, _ := apart(r.Tags)
			for _, t := range users {
				seen[t.Key.String()+"="+t.Value.String()] = true
			}
		case "region":
			seen[r.Context.Region] = true
		case "profile":
			seen[r.Context.Profile] = true
		}
		if len(seen) >= mostOffers {
			break
		}
	}
	delete(seen, "")
	values := make([]string, 0, len(seen))
	for value := range seen {
		values = append(values, value)
	}
	slices.Sort(values)
	return values
}

// filterLine shows the filter, what it finds or why it is none, and what tab would make of it. It says where the cursor is.
func (v *tunnelsView) filterLine() (string, *tea.Cursor) {
	s, f := v.scene, &v.finding
	ghost := ""
	if f.editing && f.taken < 0 && len(f.offers) > 0 && f.text() != "" {
		ghost, _ = strings.CutPrefix(f.offers[0], f.text())
		if ghost == f.offers[0] {
			ghost = ""
		}
	}
	width := max(min(f.line.Width()+cellsOf(ghost), s.width/2), min(24, s.width/2))
	if f.text() == "" {
		width = s.width / 2
	}
	message := ui.Span{Text: "  " + v.found(), Tone: ui.Dim}
	offering := f.editing && len(f.offers) > 0
	if f.problem != nil && !offering {
		message = ui.Span{Text: "  " + s.theme.Symbols.Warning + " " + f.problem.Error(), Tone: ui.Warn}
	} else if !f.editing {
		message.Text += ", esc shows all"
	}
	spans := []ui.Span{message}
	if offering {
		spans = append(spans, ui.Span{Text: "   tab ", Tone: ui.Accent}, ui.Span{Text: strings.Join(f.lastWords(), " "), Tone: ui.Dim})
	}
	line := s.theme.Text(ui.Accent, " / ") + f.line.View(s.theme, ghost, width) + s.theme.Spans(s.width-3-width, spans...)
	if !f.editing {
		return line, nil
	}
	return line, tea.NewCursor(3+f.line.Column(width), 0)
}

// lastWords are the offers without what is typed before them.
func (f *finding) lastWords() []string {
	cut := strings.LastIndexByte(f.typed, ' ') + 1
	words := make([]string, 0, len(f.offers))
	for _, offer := range f.offers[:min(len(f.offers), 12)] {
		words = append(words, offer[min(cut, len(offer)):])
	}
	return words
}

// found counts in words what the filter finds, and how much of the list it could judge.
func (v *tunnelsView) found() string {
	text := plural(v.table.Len(), "match", "matches")
	if c := v.checking; c.text() != "" {
		text += ", " + c.text()
	}
	return text
}
