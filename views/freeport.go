package views

import (
	"errors"
	"maps"

	tea "charm.land/bubbletea/v2"

	"adit/session"
)

// portTaken tells whether the attempt failed at a local address that somebody else has.
func (t *trip) portTaken() (*session.PortTakenError, bool) {
	var taken *session.PortTakenError
	return taken, errors.As(t.progress.Err, &taken)
}

// takeFreePort tries again with the port that was named as free, for the service whose own is taken.
func (a *app) takeFreePort(t *trip) tea.Cmd {
	taken, _ := t.portTaken()
	bind := map[string]string{}
	maps.Copy(bind, t.request.Bind)
	bind[taken.Service] = taken.Free
	t.request.Bind = bind
	return a.retry(t)
}
