package session

import (
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
)

func TestOpenedTunnelThatSomebodyElseEndedIsNotListed(t *testing.T) {
	for name, end := range map[string]func(*bench, client.Key){
		"the list shows it": func(b *bench, key client.Key) {
			t := b.screen.recorded[key]
			t.Status = client.StatusClosed
			b.screen.Record(t)
		},
		"its record is gone":   func(b *bench, key client.Key) { b.screen.Forget(key) },
		"its lifetime is over": func(*bench, client.Key) { time.Sleep(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.service.onOpen = arrives
				p := b.run(openRequest(ThenProxy))
				if len(b.OpenedHere()) != 1 || !b.Opened(p.Key) {
					t.Fatalf("opened %v", b.OpenedHere())
				}
				end(b, p.Key)
				synctest.Wait()
				if opened := b.OpenedHere(); len(opened) != 0 {
					t.Errorf("opened here %v", opened)
				}
				if name != "its record is gone" && b.Opened(p.Key) {
					t.Error("it still counts as opened by this adit")
				}
			})
		})
	}
}

func TestTunnelOfAnEarlierRunThatWasClosedMeanwhileIsNotOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.earlier[key] = true
		if !b.Opened(key) {
			t.Fatal("the tunnel of an earlier run is not known")
		}
		closed, err := b.service.Describe(t.Context(), key.ID)
		if err != nil {
			t.Fatal(err)
		}
		closed.Status = client.StatusClosed
		b.screen.Record(closed)
		if b.Opened(key) {
			t.Error("it is closed, and still counts as opened by this adit")
		}
	})
}
