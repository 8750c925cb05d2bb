package client_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

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
