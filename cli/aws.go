package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"adit/client"
	"adit/session"
	"adit/views"
)

// runAWS shows the tunnels of an account and region. Nothing is asked of AWS before the first frame.
func runAWS(ctx context.Context, flags *screenFlags, getenv func(string) string) error {
	if err := flags.settle(); err != nil {
		return err
	}
	kept := newRecords(flags.level())
	world, err := openWorld(false, flags, kept)
	if err != nil {
		return err
	}
	defer world.close()

	return runScreen(ctx, world, flags, views.Options{
		Trying:   flags.trying(),
		ReadOnly: flags.settings.For(flags.settings.Profile).ReadOnly,
		Command:  strings.Join(commandFlags(flags), " "),
		Connect: func(ctx context.Context) (*views.Backend, error) {
			profile, region := flags.place()
			service, err := client.Connect(ctx, client.ConnectOptions{
				Profile: profile, Region: region, EndpointURL: flags.endpointURL,
				ReadOnly: flags.settings.For(flags.settings.Profile).ReadOnly, Log: world.log,
				Journal: kept.journal,
			})
			if err != nil {
				return nil, err
			}
			return newBackend(ctx, backendConfig{
				service: service, paths: world.paths, executable: world.executable, flags: flags, log: world.log, journal: kept.journal,
				dataPlane: func(where client.Context) (session.DataPlane, error) {
					return session.ResolveDataPlane(session.DataPlaneInput{
						Context: where, FlagEndpoint: flags.dataEndpoint, FlagCA: flags.ca,
						EnvEndpoint: getenv("AWSIOT_TUNNEL_ENDPOINT"), EnvCA: getenv("ADIT_CA"),
					})
				},
			})
		},
		Demo: func(ctx context.Context) (*views.Backend, error) {
			demo, err := openWorld(true, flags, kept)
			if err != nil {
				return nil, err
			}
			return startDemo(ctx, demo, flags, demoFlags{seed: defaultSeed})
		},
	})
}

// commandFlags are the equivalent `aws` command's global options.
func commandFlags(flags *screenFlags) []string {
	profile, region := flags.place()
	var words []string
	for _, pair := range [][2]string{{"--profile", profile}, {"--region", region}, {"--endpoint-url", flags.endpointURL}} {
		if pair[1] != "" {
			words = append(words, pair[0], pair[1])
		}
	}
	return words
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
