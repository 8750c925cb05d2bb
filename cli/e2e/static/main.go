// Command static draws one screen with Bubble Tea and changes nothing: what a program costs that does nothing at all. The
// figures of adit's screen stand beside its own.
package main

import (
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
)

type screen struct{}

func (screen) Init() tea.Cmd { return nil }

func (s screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyPressMsg); ok && key.String() == "q" {
		return s, tea.Quit
	}
	return s, nil
}

func (screen) View() tea.View {
	v := tea.NewView("adit, standing still")
	v.AltScreen = true
	return v
}

func main() {
	if _, err := tea.NewProgram(screen{}).Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
