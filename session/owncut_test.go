package session_test

import (
	"context"
	"testing"
	"time"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
)

// late answers a rotation only after then.
type late struct {
	client.Service
	then func()
}

func (l late) Rotate(ctx context.Context, in client.RotateInput) (client.Rotated, error) {
	out, err := l.Service.Rotate(ctx, in)
	l.then()
	return out, err
}

func TestOwnRotationIsNotSaidToBeSomebodyElses(t *testing.T) {
	w := newWorld(t, mustSSH(t))
	p := w.opened("pump-07", "SSH")
	service := late{w.service, func() {
		for end := time.Now().Add(10 * time.Second); len(w.Proxies()) > 0; time.Sleep(time.Millisecond) {
			for _, proxy := range w.Proxies() {
				if proxy.State == tunnelconn.Stopped {
					t.Errorf("the proxy that our rotation cut is listed: %v", proxy.Err)
					return
				}
			}
			if time.Now().After(end) {
				t.Error("the rotation did not cut the proxy")
				return
			}
		}
	}}
	w.must(w.Rotate(t.Context(), service, describe(w, p.Key), client.ModeSource))
	if left := w.Proxies(); len(left) > 0 {
		t.Errorf("left after a rotation: %+v", left)
	}
	again := w.walk(session.Request{Key: p.Key, Thing: "pump-07"})
	w.must(again.Err) // and nobody has to be cut off for the next
}
