package views

import (
	"strings"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
)

// leftBehind says what goes on of an attempt that was left, "" for nothing: a tunnel that it opened, or the source that it
// holds, would else be forgotten and found by a colleague.
func (a *app) leftBehind(t *trip) string {
	target, key := client.Clean(t.progress.Target), t.progress.Key
	var open, held string
	switch {
	case t.opened && key != client.Key{}:
		open = "The tunnel to " + target + " stays open"
		if row, ok := a.snapshot.Row(key); ok && !row.Ends().IsZero() {
			open += " until " + a.scene.clock(row.Ends())
		} else if t.request.Open != nil {
			open += " until " + a.scene.clock(t.started.Add(t.request.Open.Lifetime))
		}
		open += " (" + a.scene.key(keymap.TunnelClose) + " closes it)."
	case t.waitsForThing():
		// Nothing was asked for yet.
	case t.request.Open != nil && !t.progress.Done:
		open = "A tunnel to " + target + " was asked for already: if it is opened, it is listed here and billed (" +
			a.scene.key(keymap.TunnelClose) + " closes it)."
	}
	for _, p := range a.sessions.Proxies() {
		if key != (client.Key{}) && p.Tunnel == key && p.State != tunnelconn.Stopped {
			held = "adit still holds the source of " + target
			if where := addressesOf(p); len(where) > 0 {
				held += " at " + strings.Join(where, ", ")
			}
			held += " (" + a.scene.key(keymap.ViewProxies) + " shows it)."
		}
	}
	return sentences(open, held)
}

// waitsForThing tells that the attempt has not gone beyond the wait for its thing.
func (t *trip) waitsForThing() bool {
	stages := t.progress.Stages
	return len(stages) > 0 && stages[0].ID == session.StageOnline && stages[0].State != session.StageDone
}

// addressesOf are those a local proxy listens on.
func addressesOf(p session.Proxy) []string {
	var where []string
	for _, s := range p.Services {
		if s.Address != "" {
			where = append(where, s.Address)
		}
	}
	return where
}
