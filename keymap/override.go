package keymap

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// KeyError is a key that cannot be given to an action, or that two actions fight for.
type KeyError struct {
	// Actions it is about.
	Actions []Action
	why     error
}

// Error says it in words.
func (e *KeyError) Error() string { return e.why.Error() }

// Unwrap gives the reason.
func (e *KeyError) Unwrap() error { return e.why }

// Wrong parts an error of Override into all that is wrong.
func Wrong(err error) []*KeyError {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var all []*KeyError
	for _, one := range joined.Unwrap() {
		var wrong *KeyError
		if errors.As(one, &wrong) {
			all = append(all, wrong)
		}
	}
	return all
}

// Override gives actions other keys, by action name; an empty list takes an action's keys away. An unknown action, a key
// that is not canonical or a conflict in a scope is an error that names it. All that is wrong is told at once, and then
// nothing is changed.
func (m *Map) Override(keys map[Action][]string) error {
	bindings := m.All()
	var wrong []error
	for _, action := range slices.Sorted(maps.Keys(keys)) {
		i, ok := m.byAction[action]
		if !ok {
			wrong = append(wrong, &KeyError{[]Action{action}, fmt.Errorf("%s: there is no such action", action)})
			continue
		}
		if err := checkKeys(bindings[i], keys[action]); err != nil {
			wrong = append(wrong, &KeyError{[]Action{action}, fmt.Errorf("%s: %w", action, err)})
			continue
		}
		bindings[i].Keys = slices.Clone(keys[action])
	}
	wrong = append(wrong, conflicts(bindings)...)
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	*m = *newMap(bindings)
	return nil
}

// checkKeys tells why an action cannot have these keys.
func checkKeys(b Binding, keys []string) error {
	if len(keys) == 0 && b.Action == AppQuit {
		return errors.New("it needs a key, or there is no way out")
	}
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
		if b.Scope == ScopeForm && isText(key) {
			return fmt.Errorf("key %q: it could no longer be typed into the fields", key)
		}
	}
	return nil
}

// conflicts are the keys that start two actions where both hold: in one scope, or in a scope and in the global one.
func conflicts(bindings []Binding) []error {
	var found []error
	for i, a := range bindings {
		for _, b := range bindings[i:] {
			for _, key := range shared(a, b) {
				found = append(found, &KeyError{[]Action{a.Action, b.Action}, fmt.Errorf("key %q: %s", key, clash(a, b))})
			}
		}
	}
	return found
}

// shared are the keys that two bindings fight for; of a binding and itself, those written twice.
func shared(a, b Binding) []string {
	if a.Action == b.Action {
		var twice []string
		for i, key := range a.Keys {
			if slices.Contains(a.Keys[:i], key) {
				twice = append(twice, key)
			}
		}
		return twice
	}
	if a.Scope != b.Scope && a.Scope != ScopeGlobal && b.Scope != ScopeGlobal {
		return nil
	}
	var both []string
	for _, key := range a.Keys {
		if slices.Contains(b.Keys, key) {
			both = append(both, key)
		}
	}
	return both
}

// clash names who fights.
func clash(a, b Binding) string {
	if a.Action == b.Action {
		return fmt.Sprintf("%s has it twice", a.Action)
	}
	names := []string{string(a.Action), string(b.Action)}
	slices.Sort(names)
	return strings.Join(names, " and ") + " both have it"
}
