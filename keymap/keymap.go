// Package keymap names every action of adit and the keys that start it. It knows no view: a screen looks a key up in
// its scopes and gets an action's name back.
package keymap

// Action is noun.verb, such as tunnel.open.
type Action string

// Scope is where a binding holds. Keys are looked up from the front scope to ScopeGlobal.
type Scope string

const (
	ScopeGlobal  Scope = "global"
	ScopeTunnels Scope = "tunnels"
	ScopeProxies Scope = "proxies"
	ScopeDialog  Scope = "dialog"  // confirmations, attempts
	ScopeForm    Scope = "form"    // open form, tags editor
	ScopeConnect Scope = "connect" // the screen without credentials
)

// Danger is what an action does to the world.
type Danger uint8

const (
	Safe        Danger = iota
	Changes            // changes something that can be changed back
	Destructive        // cuts, ends or deletes; asks first
)

// Binding joins an action to its keys and its words.
type Binding struct {
	Action Action
	Scope  Scope
	// Keys in Bubble Tea's canonical form: "space", "ctrl+r", "X". The first is shown.
	Keys []string
	// Hint is the word in the hint bar ("open"), "" keeps it out; Title the sentence in the help.
	Hint, Title string
	// Opens marks an action that opens a dialog: its hint ends in "…".
	Opens  bool
	Danger Danger
}

// Map is a set of bindings.
type Map struct{}

// Default is the map as shipped.
func Default() *Map { panic("not built") }

// Lookup finds the binding of a key in the first of the scopes that has one.
func (m *Map) Lookup(key string, scopes ...Scope) (Binding, bool) { panic("not built") }

// Binding finds an action.
func (m *Map) Binding(a Action) (Binding, bool) { panic("not built") }

// Hints are the bindings of a scope that belong in the hint bar, in order of importance.
func (m *Map) Hints(s Scope) []Binding { panic("not built") }

// All bindings, by scope and then in their order.
func (m *Map) All() []Binding { panic("not built") }

// Override gives actions other keys, by action name; an unknown action, a key that is not canonical or a conflict in a
// scope is an error that names it.
func (m *Map) Override(keys map[Action][]string) error { panic("not built") }
