package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"adit/client"
	"adit/session"
	"adit/views"
)

// runAWS shows the tunnels of an account and region, and goes to a shell by itself where it is given an aim. Nothing is asked of AWS before the first frame.
func runAWS(ctx context.Context, flags *screenFlags, getenv func(string) string, aim *views.Aim) error {
	if err := flags.settle(); err != nil {
		return err
	}
	if aim != nil && len(flags.places()) > 1 {
		return errors.New("a shell is in one place: name one profile and one region")
	}
	kept := newRecords(flags.level())
	world, err := openWorld(false, flags, kept)
	if err != nil {
		return err
	}
	defer world.close()

	contexts := newHall(roomsConfig{
		paths: world.paths, executable: world.executable, flags: flags, log: world.log, journal: kept.journal,
		dataPlane: func(where client.Context) (session.DataPlane, error) {
			return session.ResolveDataPlane(session.DataPlaneInput{
				Context: where, FlagEndpoint: flags.dataEndpoint, FlagCA: flags.ca,
				EnvEndpoint: getenv("AWSIOT_TUNNEL_ENDPOINT"), EnvCA: getenv("ADIT_CA"),
			})
		},
	}, flags.endpointURL)
	return runScreen(ctx, world, flags, views.Options{
		Trying: flags.trying(), Aim: aim,
		Connect: func(ctx context.Context) (*views.Backend, error) { return contexts.open(ctx, flags.places()) },
		Contexts: &views.Contexts{
			Open: contexts.open, Profiles: client.Profiles, Production: contexts.production, Questions: contexts.questions,
			Login: logins{ctx: ctx, keys: flags.interrupts, browser: hasBrowser(runtime.GOOS, getenv)}.prepare,
		},
		Demo: func(ctx context.Context) (*views.Backend, error) {
			demo, err := openWorld(true, flags, kept)
			if err != nil {
				return nil, err
			}
			return startDemo(ctx, demo, flags, demoFlags{seed: defaultSeed})
		},
	}, contexts.close)
}

// world is where one adit keeps its files and writes its log.
type world struct {
	paths      session.Paths
	executable string
	log        *slog.Logger
	file       *os.File
	kept       records
}

// records are what one process remembers of what it did and logged, whichever world it did it in.
type records struct {
	journal *client.Journal
	log     ringHandler
}

// newRecords keeps the log from info up, or from level where that is lower.
func newRecords(level slog.Level) records {
	return records{client.NewJournal(), ringHandler{ring: &logRing{}, level: min(level, slog.LevelInfo)}}
}

func openWorld(demo bool, flags *screenFlags, kept records) (*world, error) {
	paths, err := session.DefaultPaths(demo)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(paths.State, 0o700); err != nil {
		return nil, fmt.Errorf("the state directory %s cannot be made: %w", paths.State, err)
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find adit's own path: %w", err)
	}
	log, file, err := openLog(paths.State, flags.level(), kept.log)
	if err != nil {
		return nil, err
	}
	return &world{paths: paths, executable: executable, log: log, file: file, kept: kept}, nil
}

func (w *world) close() { _ = w.file.Close() }
