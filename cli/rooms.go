package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
	"adit/views"
)

// roomsConfig is what differs between AWS and the demo.
type roomsConfig struct {
	dataPlane  func(client.Context) (session.DataPlane, error)
	executable string
	paths      session.Paths
	flags      *screenFlags
	log        *slog.Logger
	journal    *client.Journal
	// forgetful keeps nothing on disk of tunnels that end with their service, as the demo's.
	forgetful bool
	// close ends what stands behind the services, such as the emulator; nil for nothing.
	close func() error
}

// rooms are those behind the screen, for as long as the process works with them: contexts come and go in front of them.
type rooms struct {
	config   roomsConfig
	watcher  *client.Watcher
	roster   *client.Roster
	sessions *session.Sessions
	store    *session.Store
	// notice is what happened to the state on disk, "" for nothing.
	notice string
	close  func() error
}

// openRooms starts them. What runs lives until their close, not until ctx ends.
func openRooms(ctx context.Context, cfg roomsConfig) (*rooms, error) {
	store, err := session.OpenStore(cfg.paths)
	if err != nil {
		return nil, err
	}
	facts := filepath.Join(cfg.paths.State, "facts.json")
	if cfg.forgetful {
		facts = ""
	}
	watcher := client.NewWatcher(nil, client.WatcherOptions{
		PageSize: cfg.flags.settings.PageSize, Pages: cfg.flags.settings.Pages, CacheFile: facts, Log: cfg.log,
	})
	sessions, err := session.New(session.Options{
		Manager: tunnelconn.NewManager(), Watcher: watcher, Store: store,
		DataPlane: cfg.dataPlane, Executable: cfg.executable,
		User: cfg.flags.user, Owner: owner(), Log: cfg.log, Journal: cfg.journal, Tmux: tmuxAround(os.Getenv),
	})
	if err != nil {
		return nil, err
	}
	roster := client.NewRoster(nil, client.RosterOptions{Log: cfg.log})
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var polling sync.WaitGroup
		polling.Go(func() { _ = roster.Run(watching) })
		_ = watcher.Run(watching)
		polling.Wait()
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
	return &rooms{config: cfg, watcher: watcher, roster: roster, sessions: sessions, store: store, notice: store.Notice(), close: end}, nil
}

// show makes a backend of some contexts, arranged as the profile of the first was left. It has nothing to close: the rooms
// are shared.
func (r *rooms) show(services []client.Service) (*views.Backend, error) {
	profile := services[0].Context().Profile
	left, err := r.store.Arrangement(profile)
	if err != nil {
		return nil, err
	}
	r.watcher.Add(services...)
	r.roster.Add(services...)
	return &views.Backend{
		Services: services, Watcher: r.watcher, Roster: r.roster, Sessions: r.sessions, Defaults: r.config.flags.defaults,
		Arrangement: left, Arrange: func(edit func(*session.Arrangement)) error { return r.store.Arrange(profile, edit) },
	}, nil
}

// warnings are what a person should know of a context before a tunnel is billed: what is wrong with its data plane.
func (r *rooms) warnings(where client.Context) []string {
	switch plane, err := r.config.dataPlane(where); {
	case err != nil:
		return []string{err.Error()}
	case plane.Note != "":
		return []string{plane.Note}
	}
	return nil
}
