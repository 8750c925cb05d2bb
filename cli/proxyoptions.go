package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// proxyOptions are those of the reference local proxy and some of our own, as they were written.
type proxyOptions struct {
	listen, apps                         string
	region, endpoint, bind               string
	authorities, authority               string
	access, client                       secret
	tokenFile                            string
	mode, shape                          string
	verbose                              uint8
	config                               string
	logFormat, status                    string
	giveUp                               time.Duration
	unverified                           bool
	configDir, settingsJSON, exportsJSON string
	version                              bool

	// origin says where an option stands that is not on the command line.
	origin map[string]string
	// notes are warnings to give once there is a log.
	notes []string
}

const defaultVerbose = 4

func (o *proxyOptions) register(flags *pflag.FlagSet) {
	o.origin = map[string]string{}
	flags.VarP(&once{to: &o.listen}, "source-listen-port", "s", "be the source: listen on 5555, or SSH=5555,HTTP=8080; 0 takes a free port")
	flags.VarP(&once{to: &o.apps}, "destination-app", "d", "be the destination: connect to 22, host:22 or /unix/path, or SSH=22,HTTP=web:80")
	flags.VarP(&once{to: &o.mode}, "mode", "m", "source or destination, where neither -s nor -d says so")
	flags.VarP(&once{to: &o.region}, "region", "r", "region of the tunnel (AWSIOT_TUNNEL_REGION)")
	flags.VarP(&once{to: &o.endpoint}, "proxy-endpoint", "e", "data plane host[:port] instead of a region's (AWSIOT_TUNNEL_ENDPOINT)")
	flags.Var(&once{to: &o.tokenFile}, "token-file", "file with the access token in its first line, - for standard input")
	flags.VarP(&o.access, "access-token", "t", "access token (AWSIOT_TUNNEL_ACCESS_TOKEN); here every user of the machine can read it")
	flags.VarP(&o.client, "client-token", "i", "client token that makes the access token good for reconnects (AWSIOT_TUNNEL_CLIENT_TOKEN); made up without one")
	flags.VarP(&once{to: &o.bind}, "local-bind-address", "b", "source: address to listen on, loopback without it; destination: host of bare ports")
	flags.VarP(&once{to: &o.authorities}, "capath", "c", "directory of further certificate authorities in PEM form")
	flags.Var(&once{to: &o.authority}, "ca", "file of further certificate authorities in PEM form (ADIT_CA, with an endpoint)")
	flags.VarP(&once{to: &o.shape}, "destination-client-type", "y", "messages of the other side: V1, V2 or V3; recognised without it")
	flags.Var(&once{to: &o.config}, "config", "file of lines option = value, with long names")
	flags.DurationVar(&o.giveUp, "give-up-after", 0, "end when the service was out of reach for so long, such as 10m; 0 is never")
	flags.Uint8VarP(&o.verbose, "verbose", "v", defaultVerbose, "log 0 nothing, 1 errors, 3 warnings, 4 what happens, 5 details; up to 255")
	flags.StringVar(&o.logFormat, "log-format", "text", "text or json, on standard error")
	flags.StringVar(&o.status, "status", "", "show the state: a live line on a terminal; json for lines on standard output")
	flags.Lookup("status").NoOptDefVal = statusAuto
	flags.BoolVarP(&o.version, "version", "V", false, "print the version")

	flags.BoolVarP(&o.unverified, "no-ssl-host-verify", "k", false, "")
	flags.Var(&once{to: &o.configDir}, "config-dir", "")
	flags.Var(&once{to: &o.settingsJSON}, "settings-json", "")
	flags.Var(&once{to: &o.exportsJSON}, "export-default-settings", "")
	for _, name := range []string{"no-ssl-host-verify", "config-dir", "settings-json", "export-default-settings"} {
		flags.Lookup(name).Hidden = true
	}
	flags.SortFlags = false
}

// once is an option that may be given one time in a place. The library would take the last, and -s A=1 -s B=2 would leave
// A out without a word.
type once struct {
	to    *string
	given bool
}

var errTwice = errors.New("given twice")

func (o *once) Set(text string) error {
	if o.given {
		return errTwice
	}
	*o.to, o.given = text, true
	return nil
}

func (o *once) String() string { return "" }
func (o *once) Type() string   { return "string" }

// environment is the process's own, from outside so that a test has one of its own.
type environment struct {
	get   func(string) string
	unset func(string) error
}

// gather fills in from the configuration file, then from the environment, what the command line leaves open.
func (o *proxyOptions) gather(flags *pflag.FlagSet, env environment) error {
	if flags.Changed("access-token") && flags.Changed("token-file") {
		return usage("-t and --token-file both give the access token: leave one out")
	}
	for _, pair := range [][2]string{
		{"access-token", "--token-file or AWSIOT_TUNNEL_ACCESS_TOKEN"}, {"client-token", "--config or AWSIOT_TUNNEL_CLIENT_TOKEN"},
	} {
		if flags.Changed(pair[0]) {
			o.note(fmt.Sprintf("the %s stands on the command line, where every user of this machine can read it: use %s", pair[0], pair[1]))
		}
	}
	if err := o.readConfig(flags); err != nil {
		return err
	}
	for _, pair := range [][2]string{
		{"access-token", "AWSIOT_TUNNEL_ACCESS_TOKEN"}, {"client-token", "AWSIOT_TUNNEL_CLIENT_TOKEN"},
		{"proxy-endpoint", "AWSIOT_TUNNEL_ENDPOINT"}, {"region", "AWSIOT_TUNNEL_REGION"},
	} {
		name, variable := pair[0], pair[1]
		value := env.get(variable)
		// No process that this one starts, and no crash report, needs them.
		if err := env.unset(variable); err != nil {
			return fmt.Errorf("take %s out of the environment: %w", variable, err)
		}
		if value == "" || flags.Changed(name) || name == "access-token" && flags.Changed("token-file") {
			continue
		}
		if err := o.set(flags, name, value, variable); err != nil {
			return err
		}
	}
	return nil
}

func (o *proxyOptions) readConfig(flags *pflag.FlagSet) error {
	if o.config == "" {
		return nil
	}
	file, err := os.Open(o.config)
	if err != nil {
		return usage("the configuration file %s cannot be read: %w", o.config, cause(err))
	}
	defer file.Close()
	settings, err := parseSettings(file)
	if err != nil {
		return usage("the configuration file %s cannot be used: %w", o.config, cause(err))
	}
	hasToken := flags.Changed("access-token") || flags.Changed("token-file")
	for _, s := range settings {
		where := fmt.Sprintf("line %d of %s", s.line, o.config)
		switch s.name {
		case "config", "help", "version":
			return usage("%s: the option %s stands on the command line only", where, s.name)
		case "access-token", "client-token":
			o.note(readableByAll(file))
		}
		isToken := s.name == "access-token" || s.name == "token-file"
		switch {
		case flags.Lookup(s.name) == nil:
			return usage("%s: there is no option %s", where, s.name)
		case isToken && hasToken, flags.Changed(s.name) && o.origin[s.name] == "":
			continue // the command line has said it
		case isToken && (flags.Changed("access-token") || flags.Changed("token-file")):
			return usage("%s: access-token and token-file both give the access token: leave one out", where)
		}
		if err := o.set(flags, s.name, s.value, where); err != nil {
			return err
		}
	}
	return nil
}

func (o *proxyOptions) set(flags *pflag.FlagSet, name, value, where string) error {
	if err := flags.Set(name, value); err != nil {
		return usage("%s: %w", where, plainFlagError(err))
	}
	o.origin[name] = where
	return nil
}

// note keeps a warning, once.
func (o *proxyOptions) note(text string) {
	if text != "" && !slices.Contains(o.notes, text) {
		o.notes = append(o.notes, text)
	}
}

// from says where an option was given, for a sentence.
func (o *proxyOptions) from(name, short string) string {
	return fmt.Sprintf("%s (%s)", short, cmp.Or(o.origin[name], "on the command line"))
}

// plainFlagError words the library's errors for the command line. It repeats no value, since that may be a token.
func plainFlagError(err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return fmt.Errorf("there is no option -%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return fmt.Errorf("there is no option --%s", optionOrNothing(unknown.GetSpecifiedName()))
	case errors.As(err, &missing):
		return fmt.Errorf("the option --%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid) && errors.Is(err, errTwice):
		return fmt.Errorf("the option --%s is given twice", invalid.GetFlag().Name)
	case errors.As(err, &invalid):
		wants := map[string]string{"uint8": "a number from 0 to 255", "duration": "a time such as 90s or 10m", "bool": "true or false"}
		return fmt.Errorf("the option --%s wants %s", invalid.GetFlag().Name, wants[invalid.GetFlag().Value.Type()])
	}
	return errors.New("an option is not written as -x VALUE or --name VALUE")
}

func optionOrNothing(name string) string {
	if len(name) <= 40 && optionName.MatchString(name) {
		return name
	}
	return "…"
}

func proxyFlagError(_ *cobra.Command, err error) error {
	return &exitStatus{exitUsage, fmt.Errorf("%w; adit proxy --help lists them all", plainFlagError(err))}
}
