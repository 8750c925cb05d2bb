package views

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// tickMsg moves the clock of the screen. There is one chain of ticks: an answer of an older chain is dropped.
type tickMsg struct{ chain uint64 }

// rearm starts a new chain of ticks at the pace the screen needs now.
func (a *app) rearm() tea.Cmd {
	a.clock++
	return a.nextTick()
}

func (a *app) nextTick() tea.Cmd {
	chain := a.clock
	return tea.Tick(a.pace(), func(time.Time) tea.Msg { return tickMsg{chain} })
}

// pace is fast while something turns, a second for ages, and slow where nobody looks.
func (a *app) pace() time.Duration {
	switch {
	case a.blurred:
		return 5 * time.Second
	case a.trip != nil && a.trip.running() && !a.scene.theme.Look.ReducedMotion:
		return 120 * time.Millisecond
	}
	return time.Second
}

func (a *app) tick(msg tickMsg) tea.Cmd {
	if msg.chain != a.clock {
		a.dirty = false
		return nil
	}
	a.toasts.Expire(a.scene.now)
	if a.trip != nil {
		a.trip.turn++
	}
	a.sample()
	if a.connection.backend != nil {
		a.watchOver()
	}
	return a.nextTick()
}
