package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"
)

// Entry is a line of the help or the palette.
type Entry struct {
	Keys, Title, Group, Answer string
	// Disabled says why it cannot run now, "" when it can.
	Disabled string
}

// Menu is a searchable list that answers with the entry chosen: help, palette, pickers. It runs what it lists. An entry
// without an Answer is only read.
type Menu struct {
	title   string
	entries []Entry
	query   input
	// marks are the answers of the entries that are marked; nil where a menu has no marks.
	marks  map[string]bool
	found  []int // indexes of the entries that match, best first, or in their order while nothing is searched for
	cursor int   // index into found
}

// NewMenu makes a menu. Entries of one group should stand together: its name is shown before its first.
func NewMenu(title string, entries []Entry) *Menu {
	m := &Menu{title: title, entries: slices.Clone(entries), query: newInput("", "type to search")}
	m.search()
	return m
}

// NewPicker makes a menu in which several entries can be marked by space; those with these answers are.
func NewPicker(title string, entries []Entry, marked []string) *Menu {
	m := NewMenu(title, entries)
	m.marks = map[string]bool{}
	for _, answer := range marked {
		m.marks[answer] = true
	}
	return m
}

// Many tells whether entries can be marked.
func (m *Menu) Many() bool { return m.marks != nil }

// Marked are the answers of the marked entries, in the order of the menu, those that the search hides too.
func (m *Menu) Marked() []string {
	var marked []string
	for _, e := range m.entries {
		if m.marks[e.Answer] {
			marked = append(marked, e.Answer)
		}
	}
	return marked
}

// Answers tells whether enter would choose something now.
func (m *Menu) Answers() bool {
	if len(m.found) == 0 {
		return false
	}
	e := m.entries[m.found[m.cursor]]
	return e.Disabled == "" && e.Answer != ""
}

// Choose moves to the entry with an answer, where it is in sight.
func (m *Menu) Choose(answer string) {
	for n, i := range m.found {
		if m.entries[i].Answer == answer {
			m.cursor = n
		}
	}
}

// Update takes a message; done tells that the menu is over, answer is "" when it was left. An entry that is disabled
// cannot be chosen.
func (m *Menu) Update(msg tea.Msg) (answer string, done bool) {
	press, ok := msg.(tea.KeyPressMsg)
	if ok {
		switch press.String() {
		case "esc":
			return "", true
		case "enter":
			if !m.Answers() {
				return "", false
			}
			return m.entries[m.found[m.cursor]].Answer, true
		case "space":
			if m.Many() && len(m.found) > 0 {
				answer := m.entries[m.found[m.cursor]].Answer
				m.marks[answer] = !m.marks[answer]
				return "", false
			}
		case "up", "ctrl+p":
			m.move(-1)
			return "", false
		case "down", "ctrl+n":
			m.move(1)
			return "", false
		case "pgup":
			m.move(-10)
			return "", false
		case "pgdown":
			m.move(10)
			return "", false
		}
	}
	if m.query.update(msg) {
		m.search()
	}
	return "", false
}

func (m *Menu) move(delta int) {
	m.cursor = max(min(m.cursor+delta, len(m.found)-1), 0)
}

// search finds the entries that match what is typed, by their title or by the name of what they do.
func (m *Menu) search() {
	m.cursor, m.found = 0, nil
	query := m.query.value()
	if query == "" {
		for i := range m.entries {
			m.found = append(m.found, i)
		}
		return
	}
	texts := make([]string, len(m.entries))
	for i, e := range m.entries {
		texts[i] = e.Title + " " + e.Answer
	}
	for _, match := range fuzzy.Find(query, texts) {
		m.found = append(m.found, match.Index)
	}
}
