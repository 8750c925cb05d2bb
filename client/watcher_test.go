package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

var where = client.Context{Account: "123456789012", Region: "eu-west-1"}

// watch makes and runs a watcher over services.
func watch(t *testing.T, opts client.WatcherOptions, services ...client.Service) *client.Watcher {
	t.Helper()
	w := client.NewWatcher(services, opts)
	run(t, w)
	return w
}

func run(t *testing.T, w interface{ Run(context.Context) error }) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Run(ctx); err != nil {
			t.Errorf("Run = %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// fleet puts n tunnels into a service, t1 the oldest.
func fleet(s *clienttest.Service, n int) {
	for i := range n {
		s.Put(client.Tunnel{Key: s.Context().Key(fmt.Sprintf("t%d", i+1)), Thing: client.Text(fmt.Sprintf("pump-%d", i%2)),
			CreatedAt: time.Now().Add(time.Duration(i-n) * time.Minute)})
	}
}

func ids(s *client.Snapshot) string {
	var out []string
	for _, r := range s.Rows {
		out = append(out, r.Key.ID)
	}
	return strings.Join(out, " ")
}

func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestWatcherListsAndDescribesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 3)
		w := client.NewWatcher([]client.Service{s}, client.WatcherOptions{})
		if first := w.Snapshot(); len(first.Rows) != 0 || len(first.Contexts) != 1 || !first.Contexts[0].ListedAt.IsZero() {
			t.Errorf("before the first answer: %+v", first)
		}
		run(t, w)
		after(time.Second)
		got := w.Snapshot()
		if ids(got) != "t3 t2 t1" || got.Contexts[0].ListedAt.IsZero() || got.Contexts[0].More {
			t.Fatalf("snapshot = %+v", got)
		}
		for _, r := range got.Rows {
			if !r.Described || r.DescribedAt.IsZero() || r.Thing == "" {
				t.Errorf("%s was not described: %+v", r.Key.ID, r)
			}
		}
	})
}

func TestWatcherTellsWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 2)
		w := watch(t, client.WatcherOptions{}, s)
		w.Look(client.Attention{Watched: []client.Key{where.Key("t1")}})
		after(time.Second)
		before := w.Snapshot()
		s.Change("t1", func(t *client.Tunnel) { t.Destination.Connected = true })
		s.Drop("t2")
		after(7 * time.Second)
		got := w.Snapshot()
		if row, ok := got.Row(where.Key("t1")); !ok || !row.Destination.Connected {
			t.Errorf("the device is not seen to connect: %+v", row)
		}
		if ids(got) != "t1" {
			t.Errorf("rows = %s, want t2 gone", ids(got))
		}
		if ids(before) != "t2 t1" || before.Rows[1].Destination.Connected {
			t.Error("a published snapshot was changed")
		}
	})
}

func TestWatcherAsksMostForWhatIsLookedAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 60)
		w := watch(t, client.WatcherOptions{}, s)
		look := client.Attention{Watched: []client.Key{where.Key("t1")}, Selected: where.Key("t2"), Visible: []client.Key{where.Key("t2"), where.Key("t3")}}
		w.Look(look)
		after(time.Minute)
		start := len(s.Calls("DescribeTunnel"))
		count := func(from int) map[string]int {
			counts := map[string]int{}
			for _, call := range s.Calls("DescribeTunnel")[from:] {
				counts[call.Object]++
			}
			return counts
		}
		after(time.Minute)
		got := count(start)
		if got["t1"] < 50 || got["t2"] < 25 || got["t3"] < 6 || got["t60"] < 1 {
			t.Errorf("in a minute watched %d, selected %d, visible %d, hidden %d", got["t1"], got["t2"], got["t3"], got["t60"])
		}
		if total := len(s.Calls("DescribeTunnel")); total > 2*60*8 {
			t.Errorf("%d describes in two minutes at eight a second at most", total)
		}
		look.Blurred = true
		w.Look(look)
		start = len(s.Calls("DescribeTunnel"))
		after(time.Minute)
		got = count(start)
		if got["t1"] < 50 || got["t2"] > 7 || got["t3"] > 2 {
			t.Errorf("in a blurred minute watched %d, selected %d, visible %d", got["t1"], got["t2"], got["t3"])
		}
	})
}

func TestRefreshWatchesForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 1)
		w := watch(t, client.WatcherOptions{}, s)
		w.Look(client.Attention{Blurred: true})
		after(10 * time.Second)
		w.Refresh(where.Key("t1"))
		before := len(s.Calls("DescribeTunnel"))
		after(time.Minute)
		if n := len(s.Calls("DescribeTunnel")) - before; n < 29 || n > 32 {
			t.Errorf("described %d times in the minute after, want once a second for 30 s", n)
		}
	})
}

func TestWatcherNarrowsToAThingOnTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 4)
		w := watch(t, client.WatcherOptions{}, s)
		after(2 * time.Second)
		w.Narrow("pump-1")
		if got := w.Snapshot(); got.Thing != "pump-1" || ids(got) != "t4 t2" {
			t.Errorf("at once: %q %s", got.Thing, ids(got))
		}
		after(time.Second)
		if calls := s.Calls("ListTunnels"); calls[len(calls)-1].Object != "pump-1" {
			t.Errorf("the service was asked for %q", calls[len(calls)-1].Object)
		}
		w.Narrow("")
		after(time.Second)
		if got := w.Snapshot(); ids(got) != "t4 t3 t2 t1" {
			t.Errorf("wide again: %s", ids(got))
		}
	})
}

func TestNarrowingDoesNotWaitForAListThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 4)
		s.Before("ListTunnels", func(ctx context.Context, _ clienttest.Call) error {
			<-ctx.Done()
			return nil
		})
		w := watch(t, client.WatcherOptions{}, s)
		after(time.Second)
		s.Before("ListTunnels", nil)
		w.Narrow("pump-1")
		after(time.Second)
		if got := w.Snapshot(); ids(got) != "t4 t2" || got.Contexts[0].Err != nil {
			t.Errorf("narrowed: %s, %v", ids(got), got.Contexts[0].Err)
		}
	})
}

func TestWatcherKeepsTheDataWhenCallsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 2)
		w := watch(t, client.WatcherOptions{}, s)
		w.Look(client.Attention{Selected: where.Key("t1")})
		after(time.Second)
		s.FailAlways("ListTunnels", s.Failure("ListTunnels", client.KindOffline))
		s.FailAlways("DescribeTunnel", s.Failure("DescribeTunnel", client.KindDenied))
		after(10 * time.Second)
		got := w.Snapshot()
		if row, _ := got.Row(where.Key("t1")); client.KindOf(row.Err) != client.KindDenied || !row.Described {
			t.Errorf("row = %+v", row)
		}
		if client.KindOf(got.Contexts[0].Err) != client.KindOffline || ids(got) != "t2 t1" || got.Contexts[0].ListedAt.IsZero() {
			t.Errorf("state = %+v, rows %s", got.Contexts[0], ids(got))
		}
		s.FailAlways("ListTunnels", nil)
		s.FailAlways("DescribeTunnel", nil)
		w.Refresh(where.Key("t1"))
		after(time.Second)
		got = w.Snapshot()
		if row, _ := got.Row(where.Key("t1")); row.Err != nil || got.Contexts[0].Err != nil {
			t.Errorf("after a refresh: %v, %v", row.Err, got.Contexts[0].Err)
		}
	})
}

func TestOwnAnswersAreShownAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 1)
		w := watch(t, client.WatcherOptions{}, s)
		after(time.Second)
		seen := w.Snapshot().Seq
		w.Record(client.Tunnel{Key: where.Key("new"), Context: where, Thing: "pump-9", Described: true})
		got, err := w.Next(t.Context(), seen)
		if err != nil || ids(got) != "new t1" {
			t.Fatalf("after Record: %v, %v", got, err)
		}
		if row := got.Rows[0]; !row.Open() || row.Thing != "pump-9" || row.Source.Known {
			t.Errorf("row = %+v", row)
		}
		w.Forget(where.Key("t1"))
		if got := ids(w.Snapshot()); got != "new" {
			t.Errorf("after Forget: %s", got)
		}
		// The list still shows t1 and does not show the new one: both are taken for lagging behind.
		after(10 * time.Second)
		if got := ids(w.Snapshot()); got != "new" {
			t.Errorf("after two sweeps: %s", got)
		}
		after(time.Minute)
		if got := ids(w.Snapshot()); got != "t1" {
			t.Errorf("after a minute: %s", got)
		}
	})
}

func TestOwnProxyIsShownWithoutACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 1)
		w := watch(t, client.WatcherOptions{}, s)
		key := where.Key("t1")
		w.Look(client.Attention{Watched: []client.Key{key}, Blurred: true})
		after(time.Minute)
		calls, since := len(s.Calls()), time.Now()
		w.Observe(where.Key("nobody's"), client.ModeSource, true, since)
		w.Observe(key, client.ModeSource, true, since)
		after(100 * time.Millisecond)
		row, _ := w.Snapshot().Row(key)
		if row.Source != (client.Side{Known: true, Connected: true, Since: since}) || row.Destination.Connected || len(w.Snapshot().Rows) != 1 || len(s.Calls()) != calls {
			t.Errorf("row %+v after %d calls", row, len(s.Calls())-calls)
		}
		// The service lags behind.
		after(4 * time.Second)
		if row, _ = w.Snapshot().Row(key); !row.Source.Connected {
			t.Error("an answer that lags behind counts more than our own local proxy")
		}
		s.Change("t1", func(t *client.Tunnel) { t.Source = client.Side{Known: true, Connected: true, Since: since} })
		calls = len(s.Calls("DescribeTunnel"))
		after(time.Minute)
		if n := len(s.Calls("DescribeTunnel")) - calls; n > 9 {
			t.Errorf("described %d times in a minute, though its proxy tells its state", n)
		}
		w.Observe(key, client.ModeSource, false, time.Now())
		after(100 * time.Millisecond)
		if row, _ = w.Snapshot().Row(key); row.Source.Connected || row.Source.Never() {
			t.Errorf("source %+v after the proxy ended", row.Source)
		}
		// Somebody else came in the end.
		after(10 * time.Second)
		if row, _ = w.Snapshot().Row(key); !row.Source.Connected {
			t.Error("what our own local proxy told is believed for ever")
		}
	})
}

func TestNextWaitsForAnotherSnapshotAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := client.NewWatcher([]client.Service{clienttest.New(where)}, client.WatcherOptions{})
		first := w.Snapshot()
		if got, err := w.Next(t.Context(), first.Seq-1); err != nil || got != first {
			t.Errorf("an unseen snapshot was not given: %v, %v", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := w.Next(ctx, first.Seq); err == nil {
			t.Error("Next came back without a change")
		}
	})
}

func TestSnapshotsArePublishedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 200)
		s.Before("DescribeTunnel", func(context.Context, clienttest.Call) error {
			time.Sleep(10 * time.Millisecond)
			return nil
		})
		w := watch(t, client.WatcherOptions{Rate: 1000, Burst: 1000}, s)
		after(time.Second)
		got := w.Snapshot()
		if n := len(s.Calls()); n < 200 {
			t.Fatalf("only %d calls", n)
		}
		if got.Seq > 13 {
			t.Errorf("%d snapshots in a second", got.Seq)
		}
	})
}

func TestClosedTunnelsAreDescribedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		s.Put(client.Tunnel{Key: where.Key("t1"), Status: client.StatusClosed})
		w := watch(t, client.WatcherOptions{}, s)
		w.Look(client.Attention{Selected: where.Key("t1"), Visible: []client.Key{where.Key("t1")}})
		after(5 * time.Minute)
		if n := len(s.Calls("DescribeTunnel")); n != 1 {
			t.Errorf("described %d times", n)
		}
	})
}
