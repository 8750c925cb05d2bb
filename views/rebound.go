package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/keymap"
)

// ownKeys are the keys that forms, questions and menus know by themselves, by the action they stand for.
func ownKeys() map[keymap.Action]tea.KeyPressMsg {
	esc := tea.KeyPressMsg{Code: tea.KeyEscape}
	return map[keymap.Action]tea.KeyPressMsg{
		keymap.DialogCancel: esc, keymap.FormCancel: esc,
		keymap.FormSubmit: {Code: 's', Mod: tea.ModCtrl},
		keymap.FormNext:   {Code: tea.KeyTab}, keymap.FormPrev: {Code: tea.KeyTab, Mod: tea.ModShift},
	}
}

// rebound is what an overlay is to hear of a key: where its action was given another key, the one it knows by itself. It
// tells whether there is anything to hear. Esc always leads out.
func (a *app) rebound(top overlay, key tea.KeyPressMsg) (tea.KeyPressMsg, bool) {
	scope, typing := keymap.ScopeDialog, false
	switch top := top.(type) {
	case *form:
		scope, typing = keymap.ScopeForm, true
	case *menu:
		typing = true
	case *dialog:
		typing = top.ask.Typed != ""
	case *bulk, *columnsDialog:
	default:
		return key, true // it looks its keys up itself
	}
	if b, ok := a.scene.keys.Lookup(key.String(), scope); ok && (!typing || key.Text == "") {
		if own, ok := ownKeys()[b.Action]; ok {
			return own, true
		}
		return key, true
	}
	for action, own := range ownKeys() {
		b, _ := a.scene.keys.Binding(action)
		if b.Scope == scope && own.String() == key.String() && key.String() != "esc" {
			return key, false // its action has another key
		}
	}
	return key, true
}
