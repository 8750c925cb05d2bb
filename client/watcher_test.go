package client_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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

func run(t *testing.T, w *client.Watcher) {
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

func TestWatcherFollowsPagesAsFarAsItIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 5)
		w := watch(t, client.WatcherOptions{PageSize: 2, Pages: 1}, s)
		after(100 * time.Millisecond)
		if got := w.Snapshot(); ids(got) != "t5 t4" || !got.Contexts[0].More {
			t.Errorf("one page: %s, more %v", ids(got), got.Contexts[0].More)
		}
		w.More()
		after(time.Second)
		if got := w.Snapshot(); ids(got) != "t5 t4 t3 t2" || !got.Contexts[0].More {
			t.Errorf("two pages: %s, more %v", ids(got), got.Contexts[0].More)
		}
		w.More()
		after(time.Second)
		if got := w.Snapshot(); ids(got) != "t5 t4 t3 t2 t1" || got.Contexts[0].More {
			t.Errorf("three pages: %s, more %v", ids(got), got.Contexts[0].More)
		}
		var tokens []string
		for _, call := range s.Calls("ListTunnels") {
			tokens = append(tokens, call.List.Next)
		}
		if got := strings.Join(tokens, ","); got != ",2,4" {
			t.Errorf("listed from %q: want each page once", got)
		}
		after(8 * time.Second)
		if n := len(s.Calls("ListTunnels")); n != 6 {
			t.Errorf("%d pages were listed by then, want all three again", n)
		}
	})
}

func TestMoreBeginsAfreshWhereTheTokenIsWornOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 4)
		w := watch(t, client.WatcherOptions{PageSize: 2, Pages: 1, ListEvery: time.Hour}, s)
		after(10 * time.Minute)
		s.FailNext("ListTunnels", s.Failure("ListTunnels", client.KindInvalid))
		w.More()
		after(2 * time.Second)
		got := w.Snapshot()
		if ids(got) != "t4 t3 t2 t1" || got.Contexts[0].Err != nil || got.Contexts[0].More {
			t.Errorf("rows %s, state %+v", ids(got), got.Contexts[0])
		}
	})
}

func TestSweepAfterMoreSpeaksForItsPagesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 6)
		w := watch(t, client.WatcherOptions{PageSize: 2, Pages: 2, ListEvery: time.Hour}, s)
		after(5 * time.Second)
		w.More()
		after(5 * time.Second)
		s.Drop("t1")
		w.Refresh()
		after(5 * time.Second)
		if got := ids(w.Snapshot()); got != "t6 t5 t4 t3 t2" {
			t.Errorf("rows %s", got)
		}
	})
}

func TestLongSweepsKeepToTheirBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 1000)
		w := watch(t, client.WatcherOptions{}, s)
		after(8 * time.Second)
		if got := w.Snapshot(); len(got.Rows) != 1000 || got.Contexts[0].ListedAt.IsZero() {
			t.Errorf("%d rows after 8 s", len(got.Rows))
		}
		after(52 * time.Second)
		calls := s.Calls("ListTunnels")
		if len(calls) < 35 || len(calls) > 63 {
			t.Errorf("%d pages in a minute", len(calls))
		}
		for i := 4; i < len(calls); i++ {
			if gap := calls[i].At.Sub(calls[i-4].At); gap < 900*time.Millisecond {
				t.Errorf("five pages within %v", gap)
			}
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

// looping repeats its next token for ever.
type looping struct{ *clienttest.Service }

func (l looping) List(ctx context.Context, in client.ListInput) (client.Page, error) {
	page, err := l.Service.List(ctx, client.ListInput{})
	page.Next = "again"
	return page, err
}

func TestWatcherStopsAtARepeatedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 1)
		w := watch(t, client.WatcherOptions{}, looping{s})
		after(4 * time.Second)
		if n := len(s.Calls("ListTunnels")); n != 2 {
			t.Errorf("%d pages were listed, want 2", n)
		}
		if got := w.Snapshot(); got.Contexts[0].More || got.Contexts[0].Err != nil || ids(got) != "t1" {
			t.Errorf("snapshot = %+v", got)
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
		s.Before("ListTunnels", func(ctx context.Context) error {
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

// middling stands for chance and yields its mean.
func middling() float64 { return 0.5 }

func TestThrottledWatcherHoldsAndThenGoesSlower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 600)
		watch(t, client.WatcherOptions{ListEvery: time.Hour, Random: middling}, s)
		during := func(d time.Duration) int {
			before := len(s.Calls("DescribeTunnel"))
			after(d)
			return len(s.Calls("DescribeTunnel")) - before
		}
		if n := during(time.Minute); n < 330 {
			t.Errorf("%d calls in the first minute, want the rate to grow from 4 to 8 a second", n)
		}
		if n := during(4 * time.Second); n < 31 || n > 33 {
			t.Errorf("%d calls in 4 s, want 32", n)
		}
		s.FailNext("DescribeTunnel", s.Failure("DescribeTunnel", client.KindThrottled))
		after(time.Second)
		if n := during(time.Second); n != 0 {
			t.Errorf("%d calls while it should hold", n)
		}
		after(time.Second)
		if n := during(4 * time.Second); n < 15 || n > 17 {
			t.Errorf("%d calls in 4 s after a throttle, want half of 32", n)
		}
		after(time.Minute)
		if n := during(4 * time.Second); n < 15 || n > 18 {
			t.Errorf("%d calls in 4 s a minute later, want it to be careful still", n)
		}
		after(12 * time.Minute)
		if n := during(4 * time.Second); n < 31 || n > 33 {
			t.Errorf("%d calls in 4 s after long without a throttle, want 32 again", n)
		}
	})
}

func TestThrottledDescribesDoNotSlowTheListDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 3)
		s.FailAlways("DescribeTunnel", s.Failure("DescribeTunnel", client.KindThrottled))
		watch(t, client.WatcherOptions{}, s)
		after(time.Minute)
		if n := len(s.Calls("ListTunnels")); n < 11 {
			t.Errorf("%d lists in a minute, want one each 5 s", n)
		}
		if n := len(s.Calls("DescribeTunnel")); n > 8 {
			t.Errorf("%d describes in a minute in which each was throttled", n)
		}
	})
}

func TestContextsOfOneAccountAndRegionShareTheirBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two, far := clienttest.New(where), clienttest.New(where), clienttest.New(client.Context{Account: where.Account, Region: "us-east-1"})
		fleet(far, 3)
		w := watch(t, client.WatcherOptions{ListEvery: 10 * time.Millisecond, ListRate: 2}, one, two, far)
		after(10 * time.Second)
		if n := len(one.Calls()) + len(two.Calls()); n < 20 || n > 23 {
			t.Errorf("%d lists in 10 s at two a second", n)
		}
		if n := len(far.Calls("ListTunnels")); n < 20 {
			t.Errorf("another region was listed %d times in 10 s", n)
		}
		got := w.Snapshot()
		if len(got.Contexts) != 3 || len(got.Rows) != 3 || got.Rows[0].Key.Region != "us-east-1" {
			t.Errorf("snapshot = %+v", got)
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

func TestFactsOfAnEarlierRunAreShownAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	for _, found := range []string{"", "{not json", `{"version":99,"tunnels":[]}`} {
		if found != "" {
			if err := os.WriteFile(file, []byte(found), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			s := clienttest.New(where)
			fleet(s, 3)
			first, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = client.NewWatcher([]client.Service{s}, client.WatcherOptions{CacheFile: file}).Run(first)
			}()
			after(2 * time.Second)
			stop()
			<-ended
			s.FailAlways("DescribeTunnel", s.Failure("DescribeTunnel", client.KindDenied))
			w := watch(t, client.WatcherOptions{CacheFile: file}, s)
			after(time.Second)
			got := w.Snapshot()
			if len(got.Rows) != 3 {
				t.Fatalf("%d rows", len(got.Rows))
			}
			for _, row := range got.Rows {
				if row.Thing == "" || row.Lifetime == 0 || row.Described || row.Source.Known || !row.DescribedAt.IsZero() {
					t.Errorf("with %q found: %+v", found, row)
				}
			}
		})
	}
}

func TestFactsOfSeveralAreKeptTogether(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	synctest.Test(t, func(t *testing.T) {
		far := client.Context{Account: where.Account, Region: "us-east-1"}
		one, two := clienttest.New(where), clienttest.New(far)
		fleet(one, 1)
		fleet(two, 1)
		watch(t, client.WatcherOptions{CacheFile: file, Random: func() float64 { return 0.1 }}, one)
		watch(t, client.WatcherOptions{CacheFile: file, Random: func() float64 { return 0.9 }}, two)
		after(time.Minute)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, region := range []string{where.Region, far.Region} {
			if !strings.Contains(string(data), region) {
				t.Errorf("nothing of %s was kept: %s", region, data)
			}
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
		s.Before("DescribeTunnel", func(context.Context) error {
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
