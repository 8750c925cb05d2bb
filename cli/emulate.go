package cli

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"adit/emulator"
	"adit/emulator/fleet"
)

// emulateAccount is whom the printed credentials belong to. As an access key of twelve digits is its own account, signed
// and unsigned requests meet in it.
const emulateAccount = "000000000000"

// maxThings is the largest fleet: each thing listens on three ports.
const maxThings = 5000

type emulateFlags struct {
	api, data           string
	mqtt, mqtts         string
	listenBeyond        bool
	certificate, key    string
	ca                  string
	choices             []string
	choicesFile         string
	listChoices         bool
	region              string
	things              int
	seed                uint64
	faults              []string
	faultsFile          string
	dir, readyFile      string
	logFormat, logLevel string
}

func (f *emulateFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.api, "api", "127.0.0.1:0", "address of the API (HTTP); port 0 is a free one")
	flags.StringVar(&f.data, "data", "127.0.0.1:0", "address of the data plane (WebSocket over TLS)")
	flags.StringVar(&f.mqtt, "mqtt", "127.0.0.1:0", "address of the MQTT broker that notifies devices")
	flags.StringVar(&f.mqtts, "mqtts", "127.0.0.1:0", "address of the same broker over TLS")
	flags.StringVar(&f.certificate, "certificate", "", "PEM file of a certificate for --data and --mqtts (one for loopback, made for this run)")
	flags.StringVar(&f.key, "key", "", "PEM file of the certificate's private key")
	flags.StringVar(&f.ca, "ca", "", "PEM file of the authority that clients trust for it (the last certificate in its file)")
	flags.StringArrayVar(&f.choices, "choose", nil, "what to do where AWS's behaviour is unknown, such as rotate-closed=ok (--list-choices); may be repeated")
	flags.StringVar(&f.choicesFile, "choices", "", "file of such choices, one a line; --choose overrides it")
	flags.BoolVar(&f.listChoices, "list-choices", false, "print every choice with its default, as --choices reads it, and end")
	flags.BoolVar(&f.listenBeyond, "listen-beyond-loopback", false, "allow addresses that other machines can reach; nothing asks them for a password")
	flags.StringVar(&f.region, "region", "us-east-1", "region of requests that name none, and of what is printed")
	flags.IntVar(&f.things, "things", len(fleet.Demo()), "how many devices to simulate")
	flags.Uint64Var(&f.seed, "seed", defaultSeed, "what the simulated fleet is made from, and which requests a fault falls on")
	flags.StringArrayVar(&f.faults, "fault", nil, "what goes wrong, such as OpenTunnel=throttle,rate=0.5 (docs/emulator.md); may be repeated")
	flags.StringVar(&f.faultsFile, "faults", "", "file of faults, one a line")
	flags.StringVar(&f.dir, "dir", "", "directory for ca.pem (a temporary one, removed at the end)")
	flags.StringVar(&f.readyFile, "ready-file", "", "file to write once everything serves, removed at the end (a line on standard output)")
	flags.StringVar(&f.logFormat, "log-format", "text", "text or json; the log goes to standard error")
	flags.StringVar(&f.logLevel, "log-level", "info", "debug, info, warn or error")
}

func newEmulateCommand() *cobra.Command {
	flags := &emulateFlags{}
	cmd := &cobra.Command{
		Use: "emulate", Args: cobra.NoArgs,
		Short: "Serve AWS IoT Secure Tunneling on this machine, with a simulated fleet",
		Long: `Serve AWS IoT Secure Tunneling on this machine: the API, the data plane and the notification of devices, with a
simulated fleet and no tunnels. Any AWS client can use it, and agents of your own can subscribe at its broker.
It ends in order at Ctrl+C or a signal, with exit code 0.`,
		Example: `  adit emulate --api 127.0.0.1:4566 --ready-file ready.json
  adit emulate --things 200 --log-format json
  adit emulate --fault OpenTunnel=drop,times=1 --fault '*=slow,delay=2s,rate=0.1'
  adit emulate --choose rotate-closed=ok --choose keep-closed=1m`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.listChoices {
				_, err := io.WriteString(cmd.OutOrStdout(), emulator.ListChoices())
				return err
			}
			log, err := flags.logger(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := runEmulate(cmd.Context(), flags, log, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil {
				return err
			}
			// A supervisor's stop is the good end of a server, as it is for adit proxy.
			return &exitStatus{code: 0}
		},
	}
	flags.register(cmd.Flags())
	return cmd
}

// logger writes to standard error. Nothing the emulator logs has a token in it.
func (f *emulateFlags) logger(to io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level %q is none of debug, info, warn, error", f.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch f.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(to, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(to, options)), nil
	}
	return nil, fmt.Errorf("--log-format %q is neither text nor json", f.logFormat)
}

// check refuses what would serve to strangers, or not at all.
func (f *emulateFlags) check() error {
	if f.things < 0 || f.things > maxThings {
		return fmt.Errorf("--things %d is not between 0 and %d", f.things, maxThings)
	}
	if f.region == "" { // which would mean the default, and be printed as none
		return errors.New("--region is empty: leave it out, or name one such as us-east-1")
	}
	for _, address := range [][2]string{{"--api", f.api}, {"--data", f.data}, {"--mqtt", f.mqtt}, {"--mqtts", f.mqtts}} {
		host, _, err := net.SplitHostPort(address[1])
		if err != nil {
			return fmt.Errorf("%s %q is not of the form host:port", address[0], address[1])
		}
		if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() && !f.listenBeyond {
			return fmt.Errorf("%s %s can be reached from other machines, and nothing there asks for a password. Use 127.0.0.1, or add --listen-beyond-loopback if that is what you want", address[0], address[1])
		}
	}
	return nil
}

// withFile are the lines of a file, if there is one, then those of the command line.
func withFile(path string, lines []string) ([]string, error) {
	if path == "" {
		return lines, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what the emulator is to do: %w", err)
	}
	return append([]string{string(content)}, lines...), nil
}

// runEmulate serves until ctx ends, which is a good end.
func runEmulate(ctx context.Context, flags *emulateFlags, log *slog.Logger, stdout, stderr io.Writer) (err error) {
	if err := flags.check(); err != nil {
		return err
	}
	faults, err := withFile(flags.faultsFile, flags.faults)
	if err != nil {
		return err
	}
	chosen, err := withFile(flags.choicesFile, flags.choices)
	if err != nil {
		return err
	}
	dir := flags.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "adit-emulate-"); err != nil {
			return fmt.Errorf("make a directory for the certificate authority: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("find the directory %s: %w", flags.dir, err)
	}
	if err := prepareReady(flags.readyFile); err != nil {
		return err
	}

	things := fleet.Generated(flags.things, flags.seed)
	names := make([]string, len(things))
	for i, thing := range things {
		names[i] = thing.Name
	}
	secret := rand.Text()
	// What serves must outlive the signal until the fleet has left it in order.
	service, err := emulator.Start(context.WithoutCancel(ctx), emulator.Config{
		API: flags.api, Data: flags.data, MQTT: flags.mqtt, MQTTS: flags.mqtts,
		Certificate: flags.certificate, Key: flags.key, CA: flags.ca,
		Region: flags.region, Account: emulateAccount, Things: names, Faults: faults, Seed: flags.seed, AdminSecret: secret,
		Choices: chosen, Dir: dir, Log: log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(closingLimit, "the emulator", log, service.Close)) }()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(service.CAPEM())
	devices, err := fleet.Start(ctx, fleet.Config{
		MQTT: service.MQTTAddr(), Data: service.DataAddr(), Roots: roots,
		Things: things, Seed: flags.seed, Log: log,
	})
	if err != nil {
		return fmt.Errorf("start the simulated fleet: %w", err)
	}
	defer func() { err = errors.Join(err, within(closingLimit, "the fleet", log, devices.Close)) }()

	ready := readyOf(service, devices.Things(), flags.region, emulateAccount, emulateAccount)
	ready.AdminSecret = secret
	if flags.logFormat == "json" {
		log.Info("ready", "environment", ready.environment(), "profile", ready.profile())
	} else if _, err := io.WriteString(stderr, ready.guide()); err != nil {
		return fmt.Errorf("print how to use the emulator: %w", err)
	}
	if err := ready.publish(flags.readyFile, stdout); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ready.withdraw(flags.readyFile)) }()
	<-ctx.Done()
	log.Info("the emulator ends")
	return nil
}
