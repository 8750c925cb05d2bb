package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
	"adit/views"
)

// backendConfig is what differs between AWS and the demo.
type backendConfig struct {
	service    client.Service
	dataPlane  func(client.Context) (session.DataPlane, error)
	executable string
	paths      session.Paths
	flags      *screenFlags
	about      []string
	things     []string
	log        *slog.Logger
	journal    *client.Journal
	// close ends what stands behind the service, such as the emulator; nil for nothing.
	close func() error
}

// newBackend joins the rooms behind the screen. What it starts lives until its Close, not until ctx ends.
func newBackend(ctx context.Context, cfg backendConfig) (*views.Backend, error) {
	store, err := session.OpenStore(cfg.paths)
	if err != nil {
		return nil, err
	}
	profile := cfg.service.Context().Profile
	left, err := store.Arrangement(profile)
	if err != nil {
		return nil, err
	}
	facts := filepath.Join(cfg.paths.State, "facts.json")
	if cfg.service.Context().Demo {
		facts = "" // its tunnels end with it
	}
	watcher := client.NewWatcher([]client.Service{cfg.service}, client.WatcherOptions{
		PageSize: cfg.flags.settings.PageSize, Pages: cfg.flags.settings.Pages, CacheFile: facts, Log: cfg.log,
	})
	sessions, err := session.New(session.Options{
		Manager: tunnelconn.NewManager(), Watcher: watcher, Store: store,
		DataPlane: cfg.dataPlane, Executable: cfg.executable,
		User: cfg.flags.user, Owner: owner(), Log: cfg.log, Journal: cfg.journal,
	})
	if err != nil {
		return nil, err
	}
	var notices []string
	if notice := store.Notice(); notice != "" {
		notices = append(notices, notice)
	}
	// What is wrong with the data plane is better known before a tunnel is billed.
	switch plane, err := cfg.dataPlane(cfg.service.Context()); {
	case err != nil:
		notices = append(notices, err.Error())
	case plane.Note != "":
		notices = append(notices, plane.Note)
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = watcher.Run(watching)
	}()
	end := sync.OnceValue(func() error {
		err := sessions.Close()
		stop()
		<-ended
		if cfg.close != nil {
			err = errors.Join(err, cfg.close())
		}
		return err
	})
	return &views.Backend{
		Services: []client.Service{cfg.service}, Watcher: watcher, Sessions: sessions,
		Close: end, About: cfg.about, Notices: notices, Things: cfg.things, Defaults: cfg.flags.defaults,
		Arrangement: left, Arrange: func(edit func(*session.Arrangement)) error { return store.Arrange(profile, edit) },
	}, nil
}

// owner is who opens and holds tunnels here, as the tags tell it: alice@bastion3.
func owner() string {
	name := "unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	host, _, _ = strings.Cut(host, ".")
	return fmt.Sprintf("%s@%s", name, host)
}
