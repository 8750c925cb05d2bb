package views

import (
	"testing"

	"adit/keymap"
)

func TestReadOnlySaysSoAndChangesNothing(t *testing.T) {
	for _, width := range []int{80, 100} {
		onDeskOf(t, width, 24, prod, func(d *desk) {
			d.app.opts.ReadOnly = true
			stock(d.service)
			d.connect()
			d.choose("pump-12")
			d.sees("READ-ONLY")
			d.seesNot("o open", "x close", "enter ssh")
			for _, key := range []string{"enter", "o", "p", "x", "X", "t", "r"} {
				d.press(key)
				if n := len(d.app.overlays); n != 0 {
					t.Fatalf("%s opened a dialog:\n%s", key, d.screen())
				}
			}
			d.sees("adit is read-only: it changes nothing at the service.")
			if n := len(d.sessions.requests); n != 0 {
				t.Errorf("%d attempts were started", n)
			}
			d.press("2")
			d.sees("No local proxies run. adit is read-only and starts none")
			d.press("1")
			// Reading goes on, and the palette says why the rest does not.
			d.press("n", "esc", ":")
			d.write("new tunnel")
			d.sees("adit is read-only")
		})
	}
}

func TestReadOnlyWithholdsWhateverChangesTheService(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.app.opts.ReadOnly = true
		for _, b := range keymap.Default().All() {
			reads := b.Danger == keymap.Safe || b.Action == keymap.ProxyStop || b.Scope == keymap.ScopeForm || b.Scope == keymap.ScopeDialog || b.Scope == keymap.ScopeBulk
			if d.app.withheld(b.Action) == reads {
				t.Errorf("%s is withheld: %v", b.Action, !reads)
			}
		}
	})
}
