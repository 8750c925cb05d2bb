package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"adit/client"
	"adit/emulator"
	"adit/emulator/fleet"
	"adit/session"
	"adit/tunnelconn/token"
	"adit/views"
)

// The demo's account: the emulator derives an account from an access key, and keeps accounts and regions apart.
const (
	demoRegion    = "eu-west-1"
	demoAccessKey = "AKIAADITDEMO"
	defaultSeed   = 1
)

type demoFlags struct {
	seed      uint64
	readyFile string
	api       string
}

func newDemoCommand() *cobra.Command {
	flags, demo := &screenFlags{}, demoFlags{}
	cmd := &cobra.Command{
		Use: "demo", Args: cobra.NoArgs,
		Short: "Run everything on an embedded service with a simulated fleet: no account, no network",
		Long: `Run adit on an embedded AWS IoT Secure Tunneling with a dozen simulated devices. It needs neither an account nor a
network, ignores the AWS environment and keeps state of its own. Other AWS clients may use the service as well:
--ready-file writes where it listens.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(flags.settle(), checkLoopback(demo.api)); err != nil {
				return err
			}
			world, err := openWorld(true, flags, newRecords(flags.level()))
			if err != nil {
				return err
			}
			return runScreen(cmd.Context(), world, flags, views.Options{
				Trying: "the demo", ReadOnly: flags.settings.For("").ReadOnly,
				Command: "--region " + demoRegion,
				Connect: func(ctx context.Context) (*views.Backend, error) { return startDemo(ctx, world, flags, demo) },
			})
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().Uint64Var(&demo.seed, "seed", defaultSeed, "what the simulated fleet is made from")
	cmd.Flags().StringVar(&demo.api, "api", "127.0.0.1:0", "address of the embedded API, for other clients")
	cmd.Flags().StringVar(&demo.readyFile, "ready-file", "", "file to write once the service is ready, with its addresses as JSON")
	return cmd
}

// demoUser is the name the simulated devices greet; they take any.
const demoUser = "demo"

// startDemo starts service and fleet, seeds tunnels, and connects to them as to AWS: over sockets. The world is the
// backend's from here on.
func startDemo(ctx context.Context, w *world, flags *screenFlags, demo demoFlags) (_ *views.Backend, err error) {
	lasting := context.WithoutCancel(ctx)
	var closers []func() error
	closeAll := sync.OnceValue(func() error {
		var failed error
		for i := len(closers) - 1; i >= 0; i-- {
			failed = errors.Join(failed, closers[i]())
		}
		return failed
	})
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll())
		}
	}()
	closers = append(closers, w.file.Close)

	// Two demos may run at a time, and each signs with an authority of its own.
	own, err := os.MkdirTemp(w.paths.State, "service-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the embedded service: %w", err)
	}
	closers = append(closers, func() error { return os.RemoveAll(own) })
	service, err := emulator.Start(lasting, emulator.Config{
		API: demo.api, Region: demoRegion, Dir: own, Things: thingNames(fleet.Demo()), Seed: demo.seed, Log: slog.New(quieter{w.log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("start the embedded service: %w", err)
	}
	closers = append(closers, service.Close)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(service.CAPEM())
	devices, err := fleet.Start(lasting, fleet.Config{
		MQTT: service.MQTTAddr(), Data: service.DataAddr(), Roots: roots, Seed: demo.seed, Log: slog.New(quieter{w.log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("start the simulated fleet: %w", err)
	}
	closers = append(closers, devices.Close)

	api, err := client.Connect(ctx, client.ConnectOptions{
		Region: demoRegion, EndpointURL: service.APIURL(), Demo: true, ReadOnly: flags.settings.For("").ReadOnly, Log: w.log,
		Journal: w.kept.journal,
		Static:  &client.StaticCredentials{AccessKeyID: demoAccessKey, SecretAccessKey: token.New("demo")},
	})
	if err != nil {
		return nil, err
	}
	if err := introduce(w.paths, api.Context(), devices); err != nil {
		return nil, err
	}
	if err := seedTunnels(service, api.Context().Account); err != nil {
		return nil, err
	}
	behind, err := openRooms(ctx, roomsConfig{
		paths: w.paths, executable: w.executable, flags: flags, log: w.log, journal: w.kept.journal, forgetful: true,
		dataPlane: func(client.Context) (session.DataPlane, error) {
			return session.DataPlane{Endpoint: service.DataAddr(), Roots: roots}, nil
		},
		close: closeAll,
	})
	if err != nil {
		return nil, err
	}
	backend, err := behind.show([]client.Service{client.NewLasting(api)})
	if err != nil {
		return nil, errors.Join(err, behind.close())
	}
	backend.Close, backend.Things = behind.close, thingNames(devices.Things())
	if behind.notice != "" {
		backend.Notices = []string{behind.notice}
	}
	backend.About = []string{
		"The demo's service for other clients: aws iotsecuretunneling list-tunnels --endpoint-url " + service.APIURL() + " --region " + demoRegion,
		"with AWS_ACCESS_KEY_ID=" + demoAccessKey + " and any AWS_SECRET_ACCESS_KEY.",
	}
	if demo.readyFile != "" {
		err = readyOf(service, devices.Things(), demoRegion, api.Context().Account, demoAccessKey).publish(demo.readyFile, nil)
	}
	if err != nil {
		err = errors.Join(err, backend.Close())
		return nil, err
	}
	return backend, nil
}

// checkLoopback keeps the demo to itself: its service lets everyone in.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--api %q is not of the form host:port", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--api %s: the demo serves this computer only; give a loopback address such as 127.0.0.1:4566", address)
	}
	return nil
}

// introduce writes the devices' host keys into the demo's known_hosts. They follow from the seed and the demo made them
// itself, so ssh's question about a stranger would have no answer to look up.
func introduce(paths session.Paths, where client.Context, devices *fleet.Fleet) error {
	var lines strings.Builder
	for _, thing := range devices.Things() {
		fmt.Fprintf(&lines, "%s %s\n", session.HostKeyAlias(where, thing.Name), devices.KnownHost(thing.Name))
	}
	if err := os.WriteFile(filepath.Join(paths.State, "known_hosts"), []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("write the demo's known_hosts: %w", err)
	}
	return nil
}
