package views

import (
	"context"
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
}

func (a *app) changed(msg changedMsg) {
	a.sample()
	if msg.err != nil {
		a.fail(msg.err)
		return
	}
	a.toast(ui.Good, msg.done)
}

// recorder keeps what an answer of the service told, at once and from within the command, so that it is never lost.
type recorder interface {
	Record(client.Tunnel)
	Forget(client.Key)
	Refresh(...client.Key)
}

// closeOne closes a tunnel, and records that it is closed or gone. One that the service does not know any more is closed.
func closeOne(ctx context.Context, service client.Service, watcher recorder, t client.Tunnel, remove bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := service.Close(ctx, t.Key.ID, remove)
	switch {
	case err == nil && !remove:
		t.Status = client.StatusClosed
		watcher.Record(t)
		watcher.Refresh(t.Key)
	case err == nil, client.KindOf(err) == client.KindNotFound:
		watcher.Forget(t.Key)
		err = nil
	}
	return err
}

// label names a tunnel in a sentence.
func label(t client.Tunnel) string {
	if t.Thing == "" {
		return "tunnel " + shortID(t.Key.ID)
	}
	return t.Thing.String()
}
