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
	found   []int // indexes of the entries that match, best first, or in their order while nothing is searched for
	cursor  int   // index into found
}

// NewMenu makes a menu. Entries of one group should stand together: its name is shown before its first.
func NewMenu(title string, entries []Entry) *Menu {
	m := &Menu{title: title, entries: slices.Clone(entries), query: newInput("", "type to search")}
	m.search()
	return m
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
			if len(m.found) == 0 {
				return "", false
			}
			e := m.entries[m.found[m.cursor]]
			if e.Disabled != "" || e.Answer == "" {
				return "", false
			}
			return e.Answer, true
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
