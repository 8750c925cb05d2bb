package keymap

// Scope is where a binding holds. Keys are looked up from the front scope to ScopeGlobal.
type Scope string

const (
	ScopeGlobal   Scope = "global"
	ScopeTunnels  Scope = "tunnels"
	ScopeProxies  Scope = "proxies"
	ScopeThings   Scope = "things"
	ScopeActivity Scope = "activity" // what adit did
	ScopeLog      Scope = "log"
	ScopeDialog   Scope = "dialog"  // confirmations, attempts
	ScopeBulk     Scope = "bulk"    // an errand on many tunnels
	ScopeForm     Scope = "form"    // open form, tags editor
	ScopeConnect  Scope = "connect" // the screen without credentials
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

// Key is the key that is shown, "" when the action has none.
func (b Binding) Key() string {
	if len(b.Keys) == 0 {
		return ""
	}
	return b.Keys[0]
}
