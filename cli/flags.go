package cli

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/settings"
	"adit/views"
)

// screenFlags are the options of the screen, for AWS and for the demo: the settings, and what stands on the command line
// alone.
type screenFlags struct {
	settings *settings.Settings
	keys     *keymap.Map
	given    map[string][]string

	// For AWS alone. An endpoint and whom to trust there are not for a file that is read every time.
	endpointURL, dataEndpoint, ca string
	interrupts                    *interrupts
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
	if f.settings != nil {
		// All mistakes are told at once.
		keys, wrong := boundKeys(f.settings)
		f.keys, err = keys, errors.Join(err, wrong)
	}
	if err != nil && strings.Contains(err.Error(), paths.Config) { // A flag's or a variable's mistake has no file to move.
		return fmt.Errorf("%w\nMend that, or move the file away to start with the defaults", err)
	}
	return err
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

// places are the profiles and regions to begin with, each profile in each region. What the AWS environment says is left to
// the SDK, which reads it with the other variables that go with it.
func (f *screenFlags) places() []views.Place {
	profiles := []string{""}
	if s := f.settings; s.Profile != "" && !fromAWS(s.OriginOf("", "profile", "")) {
		profiles = listed(s.Profile)
	}
	var places []views.Place
	for _, profile := range profiles {
		for _, region := range f.regions(cmp.Or(profile, f.settings.Profile)) {
			places = append(places, views.Place{Profile: profile, Region: region})
		}
	}
	return places
}

// regions are those of a profile by the settings; "" alone leaves it to the SDK.
func (f *screenFlags) regions(profile string) []string {
	region := f.settings.For(profile).Region
	if region == "" || fromAWS(f.settings.OriginOf(profile, "region", "")) {
		return []string{""}
	}
	return listed(region)
}

func fromAWS(origin settings.Origin) bool { return strings.HasPrefix(origin.Variable, "AWS_") }

// listed are the names in a text with commas.
func listed(text string) []string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
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
