package client_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

// quota is a hard limit of calls in any second; what is beyond is throttled and does not count against it.
type quota struct {
	perSecond int
	random    func() float64
	failure   error

	mu             sync.Mutex
	granted        []time.Time
	calls, refused int
}

// call takes as long as a call to another continent does.
func (q *quota) call(context.Context, clienttest.Call) error {
	time.Sleep(40*time.Millisecond + time.Duration(q.random()*float64(80*time.Millisecond)))
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.granted = slices.DeleteFunc(q.granted, func(at time.Time) bool { return now.Sub(at) >= time.Second })
	q.calls++
	if len(q.granted) >= q.perSecond {
		q.refused++
		return q.failure
	}
	q.granted = append(q.granted, now)
	return nil
}

// throttled is the part of the calls so far that were refused, in percent.
func (q *quota) throttled() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return 100 * float64(q.refused) / float64(q.calls)
}

// chance is a source of numbers for many goroutines that is the same in each run.
func chance(seed uint64) func() float64 {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(seed, seed))
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return source.Float64()
	}
}

// onlooker is one adit with a screen of 40 rows, and the ages of what was on it.
type onlooker struct {
	watcher           *client.Watcher
	first             int // row of the list on the screen
	look              client.Attention
	selected, visible []time.Duration
}

func (o *onlooker) sample(t *testing.T) {
	now := time.Now()
	for _, row := range o.watcher.Snapshot().Rows[o.first:][:len(o.look.Visible)] {
		if row.DescribedAt.IsZero() {
			t.Fatalf("%s is on the screen and was not described", row.Key.ID)
		}
		age := now.Sub(row.DescribedAt)
		if row.Key == o.look.Selected {
			o.selected = append(o.selected, age)
		} else {
			o.visible = append(o.visible, age)
		}
	}
}

func percentile(ages []time.Duration, part float64) time.Duration {
	sorted := slices.Sorted(slices.Values(ages))
	return sorted[int(part*float64(len(sorted)-1))]
}

// figures are what a crowd of adits sees of 1,000 tunnels. Ages are the 95th percentile of the one that fares worst.
type figures struct {
	selected, visible time.Duration
	// described counts the tunnels that the one which knows least has described at the end.
	described      int
	list, describe *quota
}

// throttled is the part of the calls that were, in percent, of the operation that had more of it.
func (f figures) throttled() float64 {
	return max(f.list.throttled(), f.describe.throttled())
}

// watchTogether runs adits that know nothing of each other, each with its own 40 rows on the screen. All calls count;
// ages do once they have settled for three minutes.
func watchTogether(t *testing.T, crowd, perSecond int, during time.Duration, seed uint64) (f figures) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := clienttest.New(where)
		fleet(s, 1000)
		limit := func(operation string, seed uint64) *quota {
			q := &quota{perSecond: perSecond, random: chance(seed), failure: s.Failure(operation, client.KindThrottled)}
			s.Before(operation, q.call)
			return q
		}
		f.list, f.describe = limit("ListTunnels", seed+100), limit("DescribeTunnel", seed+200)
		pause := chance(seed + 300)
		var onlookers []*onlooker
		for i := range crowd {
			o := &onlooker{first: 150 * i, watcher: client.NewWatcher([]client.Service{s}, client.WatcherOptions{Random: chance(seed + uint64(i))})}
			for row := range 40 {
				o.look.Visible = append(o.look.Visible, where.Key(fmt.Sprintf("t%d", 1000-o.first-row)))
			}
			o.look.Selected = o.look.Visible[20]
			o.watcher.Look(o.look)
			run(t, o.watcher)
			onlookers = append(onlookers, o)
			after(time.Duration(pause() * float64(10*time.Second)))
		}
		after(3 * time.Minute)
		for range during / (700 * time.Millisecond) {
			after(700 * time.Millisecond)
			for _, o := range onlookers {
				o.sample(t)
			}
		}
		f.described = 1000
		for _, o := range onlookers {
			f.selected = max(f.selected, percentile(o.selected, 0.95))
			f.visible = max(f.visible, percentile(o.visible, 0.95))
			f.described = min(f.described, described(o.watcher.Snapshot()))
		}
	})
	return f
}

func described(s *client.Snapshot) (n int) {
	for _, row := range s.Rows {
		if row.Described {
			n++
		}
	}
	return n
}

func TestFreshnessUnderAHardQuota(t *testing.T) {
	for _, c := range []struct {
		crowd             int
		during            time.Duration
		selected, visible time.Duration
		described         int
	}{
		{1, crowdFor, 2500 * time.Millisecond, 12 * time.Second, 300},
		{5, crowdFor, 5 * time.Second, 30 * time.Second, 40},
	} {
		f := watchTogether(t, c.crowd, 10, c.during, 1)
		t.Logf("%d at once, 1,000 tunnels, 10 calls a second: selected p95 %.1f s, visible p95 %.1f s, throttled %d of %d lists and %d of %d describes (%.2f %%), described %d in %v",
			c.crowd, f.selected.Seconds(), f.visible.Seconds(), f.list.refused, f.list.calls, f.describe.refused, f.describe.calls, f.throttled(), f.described, c.during)
		if f.selected > c.selected || f.visible > c.visible {
			t.Errorf("%d at once: p95 of the selected row %v, of the visible ones %v; want %v and %v", c.crowd, f.selected, f.visible, c.selected, c.visible)
		}
		if f.throttled() >= 1 {
			t.Errorf("%d at once: %.2f %% of the calls were throttled, want less than 1", c.crowd, f.throttled())
		}
		if f.described < c.described {
			t.Errorf("%d at once: %d tunnels were described, want %d", c.crowd, f.described, c.described)
		}
	}
}

// One adit on three regions has a quota in each, and its screen shows rows of all of them.
func TestFreshnessOfSeveralContextsUnderAHardQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var services []client.Service
		var quotas []*quota
		for i, region := range []string{"eu-west-1", "us-east-1", "ap-south-1"} {
			s := clienttest.New(client.Context{Account: where.Account, Region: region})
			fleet(s, 400)
			for _, operation := range []string{"ListTunnels", "DescribeTunnel"} {
				q := &quota{perSecond: 10, random: chance(uint64(100 * (i + 1))), failure: s.Failure(operation, client.KindThrottled)}
				s.Before(operation, q.call)
				quotas = append(quotas, q)
			}
			services = append(services, s)
		}
		o := &onlooker{watcher: client.NewWatcher(services, client.WatcherOptions{Random: chance(7)})}
		run(t, o.watcher)
		after(20 * time.Second)
		regions := map[string]int{}
		for _, row := range o.watcher.Snapshot().Rows[:40] {
			o.look.Visible = append(o.look.Visible, row.Key)
			regions[row.Key.Region]++
		}
		o.look.Selected = o.look.Visible[20]
		o.watcher.Look(o.look)
		after(time.Minute)
		for range 400 {
			after(700 * time.Millisecond)
			o.sample(t)
		}
		selected, visible := percentile(o.selected, 0.95), percentile(o.visible, 0.95)
		t.Logf("one adit on %d regions: selected p95 %.1f s, visible p95 %.1f s", len(regions), selected.Seconds(), visible.Seconds())
		if len(regions) != 3 || selected > 2500*time.Millisecond || visible > 12*time.Second {
			t.Errorf("on %d regions: p95 of the selected row %v, of the visible ones %v", len(regions), selected, visible)
		}
		for _, q := range quotas {
			if part := q.throttled(); part >= 1 {
				t.Errorf("%.2f %% of the calls were throttled", part)
			}
		}
	})
}
