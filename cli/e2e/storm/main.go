// Command storm is adit's screen before a service in memory in which a thousand things change every second. It exists to
// measure what that costs; the network and the API's quota would not let a real service do it.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/client/clienttest"
	"adit/keymap"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
	"adit/views"
)

// tunnelCount is how many tunnels there are, and how many events come each second.
const tunnelCount = 1000

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	err := run(ctx)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	where := client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}
	service := clienttest.New(where)
	watcher := client.NewWatcher([]client.Service{service}, client.WatcherOptions{PageSize: 100, Pages: 10, ListRate: 100})
	var keys []client.Key
	for i := range tunnelCount {
		t := service.Put(client.Tunnel{
			Key: client.Key{ID: fmt.Sprintf("%08d", i)}, Thing: client.Text(fmt.Sprintf("pump-%04d", i)), Services: []client.Text{"SSH"},
			CreatedAt: time.Now().Add(-time.Duration(i) * time.Second), Lifetime: client.MaxLifetime,
		})
		keys = append(keys, t.Key)
	}
	paths, err := session.DefaultPaths(false)
	if err != nil {
		return err
	}
	store, err := session.OpenStore(paths)
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	sessions, err := session.New(session.Options{
		Manager: tunnelconn.NewManager(), Watcher: watcher, Store: store, Executable: executable,
		DataPlane: func(client.Context) (session.DataPlane, error) { return session.DataPlane{}, nil },
	})
	if err != nil {
		return err
	}
	go func() { _ = watcher.Run(ctx) }()
	go rage(ctx, watcher, keys)
	model := views.New(ctx, views.Options{
		Keys: keymap.Default(), Look: ui.Look{Dark: true}, Now: time.Now, Trying: "a service in memory",
		Connect: func(context.Context) (*views.Backend, error) {
			return &views.Backend{Services: []client.Service{service}, Watcher: watcher, Sessions: sessions, Close: sessions.Close}, nil
		},
	})
	return views.Run(model, tea.WithContext(ctx))
}

// rage lets a side of one tunnel after another come and go, evenly over each second.
func rage(ctx context.Context, watcher *client.Watcher, keys []client.Key) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case at := <-ticker.C:
			for range tunnelCount / 100 {
				watcher.Observe(keys[n%len(keys)], client.ModeDestination, n/len(keys)%2 == 0, at)
				n++
			}
		}
	}
}
