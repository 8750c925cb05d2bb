package session

import (
	"testing"
	"testing/synctest"

	"adit/client"
)

func TestCloseThatIsRefusedLeavesTheProxyRunning(t *testing.T) {
	for _, kind := range []client.Kind{client.KindReadOnly, client.KindDenied, client.KindOffline, client.KindThrottled} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
			if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
				t.Fatal(p.Err)
			}
			b.service.FailNext("CloseTunnel", b.service.Failure("CloseTunnel", kind))
			if err := b.CloseTunnel(t.Context(), b.service, key, false); client.KindOf(err) != kind {
				t.Errorf("error %v, want %v", err, kind)
			}
			if _, running := b.running(key); !running {
				t.Errorf("%v: the tunnel stays open, and its proxy was stopped", kind)
			}
			if err := b.CloseTunnel(t.Context(), b.service, key, false); err != nil {
				t.Error(err)
			}
			if b.HasRunning() {
				t.Error("the tunnel is closed, and its proxy goes on")
			}
		})
	}
}
