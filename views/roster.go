package views

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/ui"
)

// rosterMsg brings what the registries tell of the things.
type rosterMsg struct {
	epoch    uint64
	snapshot *client.RosterSnapshot
	err      error
}

// memoryMsg brings what adit remembers on the disk, by context.
type memoryMsg struct {
	epoch  uint64
	memory map[client.Context]session.Memory
}

// useRoster begins to look at the registries of the connection.
func (a *app) useRoster() {
	a.roster, a.rosterLooked, a.memory = &client.RosterSnapshot{}, client.RosterAttention{}, nil
	if roster := a.connection.backend.Roster; roster != nil {
		a.roster = a.ofThese(roster.Snapshot())
	}
}

// ofThese leaves out the registries of contexts that are not shown.
func (a *app) ofThese(all *client.RosterSnapshot) *client.RosterSnapshot {
	these := *all
	these.Lists = slices.DeleteFunc(slices.Clone(all.Lists), func(l client.ThingList) bool { return !a.shows(l.Context.Place()) })
	return &these
}

// awaitRoster is the one command that waits for the registries; it is armed again when it has delivered.
func (a *app) awaitRoster() tea.Cmd {
	roster := a.connection.backend.Roster
	if roster == nil {
		return nil
	}
	ctx, epoch, seen := a.connection.ctx, a.connection.epoch, a.roster.Seq
	return func() tea.Msg {
		snapshot, err := roster.Next(ctx, seen)
		return rosterMsg{epoch, snapshot, err}
	}
}

func (a *app) rosterCame(msg rosterMsg) tea.Cmd {
	if msg.epoch != a.connection.epoch || msg.err != nil {
		a.dirty = false
		return nil
	}
	a.roster = a.ofThese(msg.snapshot)
	for _, list := range a.roster.Lists {
		for _, name := range list.Names {
			a.seen[name.Raw()] = true
		}
		if place := list.Context.Place(); list.IndexErr != nil && !a.notices.indexless[place] {
			a.notices.indexless[place] = true
			sentence, remedy := explain(list.IndexErr)
			a.toast(ui.Plain, sentences(sentence, remedy))
		}
	}
	a.refillThings()
	a.renewForm()
	return a.awaitRoster()
}

// recall reads what adit remembers: after each attempt it is something else.
func (a *app) recall() tea.Cmd {
	epoch, running := a.connection.epoch, a.sessions
	var contexts []client.Context
	for _, s := range a.connection.backend.Services {
		contexts = append(contexts, s.Context())
	}
	return func() tea.Msg {
		memory := map[client.Context]session.Memory{}
		for _, where := range contexts {
			// What cannot be read is as good as nothing to remember: the store itself says so where it matters.
			if m, err := running.Memory(where); err == nil {
				memory[where] = m
			}
		}
		return memoryMsg{epoch, memory}
	}
}

func (a *app) remembered(msg memoryMsg) {
	if msg.epoch != a.connection.epoch {
		a.dirty = false
		return
	}
	a.memory = msg.memory
	for _, m := range msg.memory {
		for _, r := range m.Recents {
			a.seen[r.Thing] = true
		}
	}
	a.refillThings()
	a.renewForm()
}

// renewForm has the form in front say what is known now of the thing it is about.
func (a *app) renewForm() {
	if n := len(a.overlays); n > 0 {
		if f, ok := a.overlays[n-1].(*form); ok && f.about != nil {
			f.refresh()
		}
	}
}

// lookAtThings tells the registries' poller what is looked at, when that has changed.
func (a *app) lookAtThings() {
	roster := a.connection.backend.Roster
	if roster == nil {
		return
	}
	at := client.RosterAttention{Listed: a.front == keymap.ScopeThings, Blurred: a.blurred}
	if at.Listed {
		if row, ok := a.things.table.Selected(); ok {
			at.Selected = row.key
		}
		for _, row := range a.things.table.Visible() {
			at.Visible = append(at.Visible, row.key)
		}
	}
	if n := len(a.overlays); n > 0 {
		if f, ok := a.overlays[n-1].(*form); ok && f.about != nil {
			at.Listed, at.Selected = true, f.about()
		}
	}
	same := at.Listed == a.rosterLooked.Listed && at.Blurred == a.rosterLooked.Blurred && at.Selected == a.rosterLooked.Selected &&
		slices.Equal(at.Visible, a.rosterLooked.Visible)
	if !same {
		a.rosterLooked = at
		roster.Look(at)
	}
}

// presence is what the registry said of a thing.
func (a *app) presence(key client.ThingKey) client.Presence { return a.roster.Presence[key] }

// opensToday is how many tunnels adit opened today in the account of a context.
func (a *app) opensToday(where client.Context) int { return a.memory[where].OpensToday }
