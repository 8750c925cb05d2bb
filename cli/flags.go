package cli

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/settings"
)

// screenFlags are the options of the screen, for AWS and for the demo: the settings, and what stands on the command line
// alone.
type screenFlags struct {
	settings *settings.Settings
	keys     *keymap.Map
	given    map[string][]string

	// For AWS alone. An endpoint and whom to trust there are not for a file that is read every time.
	endpointURL, dataEndpoint, ca string
}

func (f *screenFlags) register(flags *pflag.FlagSet) {
	f.given = map[string][]string{}
	for _, field := range settings.Fields() {
		flags.Var(&settingFlag{field, f.given}, field.Flag(), field.Usage+" ("+strings.Join(field.Variables(), ", ")+")")
		if field.Switch() {
			flags.Lookup(field.Flag()).NoOptDefVal = "true"
		}
	}
}

func (f *screenFlags) registerAWS(flags *pflag.FlagSet) {
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "control plane other than AWS's (AWS_ENDPOINT_URL)")
	flags.StringVar(&f.dataEndpoint, "data-endpoint", "", "data plane host[:port] other than AWS's (AWSIOT_TUNNEL_ENDPOINT)")
	flags.StringVar(&f.ca, "ca", "", "file of further certificate authorities for the data plane (ADIT_CA)")
}

// settingFlag notes what the command line says of a setting; what it means is found out with the other sources.
type settingFlag struct {
	field settings.Field
	given map[string][]string
}

// Set keeps the text.
func (s *settingFlag) Set(text string) error {
	s.given[s.field.Key] = append(s.given[s.field.Key], text)
	return nil
}

// String is what holds without the flag.
func (s *settingFlag) String() string {
	switch d := s.field.Default(); d {
	case `""`, "{}", "false":
		return ""
	default:
		return d
	}
}

// Type is what the help shows behind the flag.
func (s *settingFlag) Type() string { return s.field.Form }

// settle reads the settings from every source.
func (f *screenFlags) settle() error {
	paths, err := session.DefaultPaths(false)
	if err != nil {
		return err
	}
	f.settings, err = settings.Load(settings.Input{Dir: paths.Config, Getenv: os.Getenv, Flags: f.given})
	if err == nil {
		f.keys, err = boundKeys(f.settings)
	}
	if err != nil {
		return fmt.Errorf("%w\nMend that, or move the file away to start with the defaults", err)
	}
	return nil
}

// level is how much is logged; it was checked when the settings were read.
func (f *screenFlags) level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.settings.LogLevel))
	return level
}

// defaults are what a context begins with.
func (f *screenFlags) defaults(where client.Context) settings.Defaults {
	d := f.settings.For(where.Profile)
	if where.Demo {
		d.SSHUser = demoUser
	}
	return d
}

// user is ssh's default user in a context.
func (f *screenFlags) user(where client.Context) string { return f.defaults(where).SSHUser }

// place is the profile and the region as adit has to name them: what the AWS environment says is left to the SDK, which
// reads it with the other variables that go with it.
func (f *screenFlags) place() (profile, region string) {
	s := f.settings
	if !strings.HasPrefix(s.OriginOf("", "profile", "").Variable, "AWS_") {
		profile = s.Profile
	}
	if !strings.HasPrefix(s.OriginOf(s.Profile, "region", "").Variable, "AWS_") {
		region = s.For(s.Profile).Region
	}
	return profile, region
}

// trying says in words what a connection is tried with.
func (f *screenFlags) trying() string {
	words := "the default profile"
	if f.settings.Profile != "" {
		words = "profile " + f.settings.Profile
	}
	if region := f.settings.For(f.settings.Profile).Region; region != "" {
		words += ", region " + region
	}
	return words
}
