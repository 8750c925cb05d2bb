// Package keymap names every action of adit and the keys that start it. It knows no view: a screen looks a key up in
// its scopes and gets an action's name back.
package keymap

import "slices"

// Map is a set of bindings. It is made once and then only read, so that screens may share it.
type Map struct {
	bindings []Binding
	byAction map[Action]int
	byKey    map[place]int
}

// place is where a key is looked up.
type place struct {
	scope Scope
	key   string
}

// Default is the map as shipped.
func Default() *Map { return newMap(defaults()) }

// newMap indexes bindings that are free of conflicts.
func newMap(bindings []Binding) *Map {
	m := &Map{
		bindings: bindings,
		byAction: make(map[Action]int, len(bindings)),
		byKey:    make(map[place]int, len(bindings)),
	}
	for i, b := range bindings {
		m.byAction[b.Action] = i
		for _, key := range b.Keys {
			m.byKey[place{b.Scope, key}] = i
		}
	}
	return m
}

// Lookup finds the binding of a key in the first of the scopes that has one.
func (m *Map) Lookup(key string, scopes ...Scope) (Binding, bool) {
	for _, scope := range scopes {
		if i, ok := m.byKey[place{scope, key}]; ok {
			return m.bindings[i], true
		}
	}
	return Binding{}, false
}

// Binding finds an action.
func (m *Map) Binding(a Action) (Binding, bool) {
	i, ok := m.byAction[a]
	if !ok {
		return Binding{}, false
	}
	return m.bindings[i], true
}

// Hints are the bindings of a scope that belong in the hint bar, in order of importance. A binding whose keys were
// taken away has nothing to hint at.
func (m *Map) Hints(s Scope) []Binding {
	var hints []Binding
	for _, b := range m.bindings {
		if b.Scope == s && b.Hint != "" && len(b.Keys) > 0 {
			hints = append(hints, b)
		}
	}
	return hints
}

// All bindings, by scope and then in their order.
func (m *Map) All() []Binding { return slices.Clone(m.bindings) }
