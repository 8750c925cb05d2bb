package session

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
	"adit/tunnelconn"
)

// displaced has somebody else take the source of a tunnel, which the service shows at once or not yet.
func (b *bench) displaced(key client.Key, shown bool) {
	b.t.Helper()
	src, ok := b.proxies.source(proxyName(key))
	if !ok {
		b.t.Fatal("there is no proxy to displace")
	}
	src.(*fakeSource).become(func(s *tunnelconn.Status) {
		s.State, s.Err, s.Since = tunnelconn.Stopped, tunnelconn.ErrReplaced, time.Now()
	})
	if shown {
		b.service.Change(key.ID, func(u *client.Tunnel) { u.Source = client.Side{Known: true, Connected: true, Since: time.Now()} })
	}
}

func TestSourceDisplacedWhileTheDeviceIsWaitedForIsNotTakenBack(t *testing.T) {
	for name, shown := range map[string]bool{"shown by the service": true, "not shown yet": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
				b.run(Request{Key: key, Then: ThenProxy})
				b.service.Change("one", func(u *client.Tunnel) { u.Destination.Connected = false })
				a := b.Start(t.Context(), Request{Service: b.service, Key: key, Then: ThenProxy})
				time.Sleep(5 * time.Second)
				b.displaced(key, shown)
				b.service.Change("one", func(u *client.Tunnel) { connected(&u.Destination) })
				var busy *BusyError
				if p := b.until(a); !errors.As(p.Err, &busy) {
					t.Errorf("error %v, want BusyError", p.Err)
				}
				if n := len(b.service.rotations(client.ModeSource)); n != 1 {
					t.Errorf("%d source rotations, want the first alone", n)
				}
			})
		})
	}
}

func TestSourceDisplacedBeforeItsTokenIsAskedForIsNotTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		end, err := b.turn(t.Context(), key) // holds the attempt between its stages
		if err != nil {
			t.Fatal(err)
		}
		a := b.Start(t.Context(), Request{Service: b.service, Key: key, Then: ThenProxy})
		synctest.Wait()
		b.displaced(key, true)
		end()
		var busy *BusyError
		if p := b.until(a); !errors.As(p.Err, &busy) || len(b.service.rotations(client.ModeSource)) != 1 {
			t.Errorf("error %v, rotations %+v; want BusyError and the first rotation alone", p.Err, b.service.rotations(""))
		}
	})
}

func TestDisplacedSourceIsTakenBackWhenToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		b.displaced(key, true)
		if p := b.run(Request{Key: key, Then: ThenProxy, TakeOver: true}); p.Err != nil || len(b.service.rotations(client.ModeSource)) != 2 {
			t.Errorf("error %v, rotations %+v", p.Err, b.service.rotations(""))
		}
	})
}

func TestTwoAttemptsOnOneTunnelShareOneTokenAndOneProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.service.Before("RotateTunnelAccessToken", func(context.Context, clienttest.Call) error {
			time.Sleep(300 * time.Millisecond)
			return nil
		})
		req := Request{Service: b.service, Key: key, Then: ThenProxy}
		first := b.Start(t.Context(), req)
		time.Sleep(100 * time.Millisecond)
		second := b.Start(t.Context(), req)
		for _, a := range []*Attempt{first, second} {
			if p := b.until(a); p.Err != nil {
				t.Error(p.Err)
			}
		}
		if n := len(b.service.rotations(client.ModeSource)); n != 1 || len(b.proxies.configs) != 1 {
			t.Errorf("%d rotations, %d proxies; want one of each", n, len(b.proxies.configs))
		}
	})
}

func TestAttemptThatWaitsForItsTurnCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		end, err := b.turn(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer end()
		a := b.Start(t.Context(), Request{Service: b.service, Key: key, Then: ThenProxy})
		synctest.Wait()
		a.Cancel()
		if p := b.until(a); !errors.Is(p.Err, context.Canceled) {
			t.Errorf("error %v, want cancelled", p.Err)
		}
	})
}
