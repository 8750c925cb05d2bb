package client_test

import (
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

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
