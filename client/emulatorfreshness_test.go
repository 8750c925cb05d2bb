package client_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adit/client"
	"adit/emulator"
	"adit/tunnelconn/token"
)

// metered counts the calls of one operation of one adit, and those of them that were throttled.
type metered struct {
	client.Service
	lists, describes, refused atomic.Int64
}

func (m *metered) List(ctx context.Context, in client.ListInput) (client.Page, error) {
	page, err := m.Service.List(ctx, in)
	m.count(&m.lists, err)
	return page, err
}

func (m *metered) Describe(ctx context.Context, id string) (client.Tunnel, error) {
	tunnel, err := m.Service.Describe(ctx, id)
	m.count(&m.describes, err)
	return tunnel, err
}

func (m *metered) count(calls *atomic.Int64, err error) {
	calls.Add(1)
	if client.KindOf(err) == client.KindThrottled {
		m.refused.Add(1)
	}
}

// TestFreshnessOnTheEmulator is the other's sister by the clock of the wall and over sockets, against the emulator's own
// limit: ADIT_FRESHNESS is how many adits, how long they settle, and for how long their ages are taken. docs/freshness.md
// has the command and what it showed.
func TestFreshnessOnTheEmulator(t *testing.T) {
	var crowd int
	var settle, during string
	if n, _ := fmt.Sscan(os.Getenv("ADIT_FRESHNESS"), &crowd, &settle, &during); n != 3 {
		t.Skip(`ADIT_FRESHNESS="5 3m 10m" runs it`)
	}
	peer, err := emulator.Start(t.Context(), emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	service, err := client.Connect(t.Context(), client.ConnectOptions{Region: "eu-west-1", EndpointURL: peer.APIURL(), Demo: true,
		Static: &client.StaticCredentials{AccessKeyID: "123456789012", SecretAccessKey: token.New("any")}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if _, err := service.Open(t.Context(), client.OpenInput{Thing: fmt.Sprintf("pump-%d", i), Services: []string{"SSH"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := peer.SetFaults("DescribeTunnel=throttle,per-second=10", "ListTunnels=throttle,per-second=10"); err != nil {
		t.Fatal(err)
	}
	meters := make([]*metered, crowd)
	onlookers := make([]*onlooker, crowd)
	var ready sync.WaitGroup
	for i := range crowd {
		meters[i] = &metered{Service: service}
		o := &onlooker{first: 150 * i, watcher: client.NewWatcher([]client.Service{meters[i]}, client.WatcherOptions{})}
		onlookers[i] = o
		run(t, o.watcher)
		ready.Go(func() {
			for s := o.watcher.Snapshot(); len(s.Rows) < 1000; {
				if s, err = o.watcher.Next(t.Context(), s.Seq); err != nil {
					return
				}
			}
			for _, row := range o.watcher.Snapshot().Rows[o.first:][:40] {
				o.look.Visible = append(o.look.Visible, row.Key)
			}
			o.look.Selected = o.look.Visible[20]
			o.watcher.Look(o.look)
		})
	}
	ready.Wait()
	time.Sleep(duration(t, settle))
	for end := time.Now().Add(duration(t, during)); time.Now().Before(end); time.Sleep(700 * time.Millisecond) {
		for _, o := range onlookers {
			o.sample(t)
		}
	}
	var f figures
	var lists, describes, refused int64
	for i, o := range onlookers {
		f.selected = max(f.selected, percentile(o.selected, 0.95))
		f.visible = max(f.visible, percentile(o.visible, 0.95))
		lists, describes, refused = lists+meters[i].lists.Load(), describes+meters[i].describes.Load(), refused+meters[i].refused.Load()
	}
	t.Logf("%d at once: selected p95 %.1f s, visible p95 %.1f s, %d of %d calls throttled (%.2f %%)",
		crowd, f.selected.Seconds(), f.visible.Seconds(), refused, lists+describes, 100*float64(refused)/float64(lists+describes))
	selected, visible := 2500*time.Millisecond, 12*time.Second
	if crowd > 1 {
		selected, visible = 5*time.Second, 30*time.Second
	}
	if f.selected > selected || f.visible > visible {
		t.Errorf("selected p95 %v, visible p95 %v; want %v and %v", f.selected, f.visible, selected, visible)
	}
	if 100*refused >= lists+describes {
		t.Error("one call in a hundred or more was throttled")
	}
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
