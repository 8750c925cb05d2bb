package session

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
	"adit/tunnelconn"
)

// holder is the tunnel's holder tag as the service has it now.
func (b *bench) holder(key client.Key) string {
	b.t.Helper()
	t, err := b.service.Describe(b.t.Context(), key.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return tagOf(t, tagHolder)
}

func TestHolderTagIsThereOnceAndAsLongAsTheSourceIsHeld(t *testing.T) {
	for name, end := range map[string]func(*bench, client.Key) error{
		"stopped":   func(b *bench, key client.Key) error { return b.StopProxy(key) },
		"closed":    func(b *bench, key client.Key) error { return b.CloseTunnel(b.t.Context(), b.service, key, false) },
		"adit ends": func(b *bench, _ client.Key) error { return b.Close() },
		"displaced": func(b *bench, key client.Key) error {
			b.proxies.sources[proxyName(key)].become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, tunnelconn.ErrReplaced })
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				key := b.service.add("one", "pump-07", func(u *client.Tunnel) {
					u.Tags = []client.Tag{{Key: "team", Value: "ops"}}
					connected(&u.Destination)
				})
				b.run(Request{Key: key, Then: ThenProxy})
				b.run(Request{Key: key, Then: ThenProxy})
				synctest.Wait()
				if want := "alice@bastion3 " + clock(time.Now()); b.holder(key) != want || b.service.count("TagResource") != 1 {
					t.Fatalf("holder %q after %d changes, want %q after one", b.holder(key), b.service.count("TagResource"), want)
				}
				if err := end(b, key); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * successorPause)
				if got := b.holder(key); got != "" {
					t.Errorf("holder %q, although nobody of ours is there", got)
				}
				if now, _ := b.service.Describe(t.Context(), key.ID); tagOf(now, "team") != "ops" {
					t.Errorf("tags %v: the user's own are gone", now.Tags)
				}
			})
		})
	}
}

func TestHolderTagOfSomebodyElseStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		b.service.Change("one", func(u *client.Tunnel) { u.Tags = []client.Tag{{Key: tagHolder, Value: "bob@desk 03:02"}} })
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := b.holder(key); got != "bob@desk 03:02" {
			t.Errorf("holder %q", got)
		}
	})
}

func TestTagOfWhoDisplacedUsIsNotTakenAwayHoweverCloseTheyWriteIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		b.service.Before("UntagResource", func(context.Context, clienttest.Call) error {
			time.Sleep(time.Second)
			return nil
		})
		b.proxies.sources[proxyName(key)].become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, tunnelconn.ErrReplaced })
		time.Sleep(500 * time.Millisecond)
		b.service.Change("one", func(u *client.Tunnel) { u.Tags = []client.Tag{{Key: tagHolder, Value: "bob@desk 03:02"}} })
		time.Sleep(time.Minute)
		if got := b.holder(key); got != "bob@desk 03:02" {
			t.Errorf("holder %q", got)
		}
	})
}

func TestHolderTagOfTheNextProxyOutlivesTheEndOfTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		b.service.Before("UntagResource", func(context.Context, clienttest.Call) error {
			time.Sleep(5 * time.Second)
			return nil
		})
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
			t.Fatal(p.Err)
		}
		time.Sleep(10 * time.Second)
		if b.holder(key) == "" {
			t.Error("the tag of the proxy that runs was taken away")
		}
	})
}

func TestRefusedHolderTagIsLeftAtThat(t *testing.T) {
	for _, kind := range []client.Kind{client.KindReadOnly, client.KindDenied} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.service.FailAlways("TagResource", b.service.Failure("TagResource", kind))
			key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
			if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
				t.Fatal(p.Err)
			}
			if err := b.StopProxy(key); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n, m := b.service.count("TagResource"), b.service.count("UntagResource"); n != 1 || m != 0 {
				t.Errorf("%d tags, %d untags", n, m)
			}
		})
	}
}

func TestClosingIsNotHeldUpByATagThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		b.service.Before("UntagResource", func(ctx context.Context, _ clienttest.Call) error {
			<-ctx.Done()
			return ctx.Err()
		})
		started := time.Now()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(started); waited != closeGrace {
			t.Errorf("Close took %v, want %v", waited, closeGrace)
		}
	})
}

func TestOwnTagIsNotMistakenForWhoDisplacedUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.FailAlways("UntagResource", b.service.Failure("UntagResource", client.KindDenied))
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		b.proxies.sources[proxyName(key)].become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, tunnelconn.ErrReplaced })
		b.service.Change("one", func(u *client.Tunnel) { connected(&u.Source) })
		now, err := b.service.Describe(t.Context(), key.ID)
		if err != nil || tagOf(now, tagHolder) == "" {
			t.Fatalf("tags %v, %v", now.Tags, err)
		}
		if got := b.Cuts(now, client.ModeSource); got != "This cuts: whoever has the source now loses it." {
			t.Error(got)
		}
	})
}
