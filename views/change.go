package views

import (
	"time"

	"adit/client"
	"adit/ui"
)

// callTimeout bounds a call to the service that somebody waits for.
const callTimeout = 30 * time.Second

// changedMsg is the result of a change. It is told whatever epoch it belongs to: it happened.
type changedMsg struct {
	done string
	err  error
	// otherwise is what holds where it failed, "" for nothing worth saying.
	otherwise string
}

func (a *app) changed(msg changedMsg) {
	a.sample()
	if msg.err != nil {
		sentence, _ := explain(msg.err)
		a.toast(ui.Bad, sentences(sentence, advice(msg.err), msg.otherwise))
		return
	}
	a.toast(ui.Good, msg.done)
}

// label names a tunnel in a sentence.
func label(t client.Tunnel) string {
	if t.Thing == "" {
		return "tunnel " + shortID(t.Key.ID)
	}
	return t.Thing.String()
}
