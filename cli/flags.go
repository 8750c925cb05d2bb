package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"adit/session"
)

// screenFlags are the options of the screen, for AWS and for the demo.
type screenFlags struct {
	theme           string
	ascii, readOnly bool
	pageSize, pages int
	logLevel        string
	lifetime        time.Duration // of a tunnel to open, from the settings

	// For AWS alone.
	profile, region, endpointURL, dataEndpoint, ca, user string
}

func (f *screenFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.theme, "theme", "auto", "colours for a dark or light terminal, or auto to follow it")
	flags.BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
	flags.BoolVar(&f.readOnly, "read-only", false, "refuse everything that changes a tunnel")
	flags.IntVar(&f.pageSize, "page-size", 100, "tunnels asked for at once, 1 to 100")
	flags.IntVar(&f.pages, "pages", 10, "pages of tunnels to keep up to date at first")
	flags.StringVar(&f.logLevel, "log-level", "info", "debug, info, warn or error; the log is adit.log in the state directory")
}

func (f *screenFlags) registerAWS(flags *pflag.FlagSet) {
	flags.StringVar(&f.profile, "profile", "", "profile of the shared AWS configuration (AWS_PROFILE)")
	flags.StringVar(&f.region, "region", "", "AWS region (AWS_REGION)")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "control plane other than AWS's (AWS_ENDPOINT_URL)")
	flags.StringVar(&f.dataEndpoint, "data-endpoint", "", "data plane host[:port] other than AWS's (AWSIOT_TUNNEL_ENDPOINT)")
	flags.StringVar(&f.ca, "ca", "", "file of further certificate authorities for the data plane (ADIT_CA)")
	flags.StringVar(&f.user, "ssh-user", "", "user for ssh where your ssh configuration names none")
}

// settle fills in from the settings file what the command line leaves open.
func (f *screenFlags) settle(given *pflag.FlagSet) error {
	paths, err := session.DefaultPaths(false)
	if err != nil {
		return err
	}
	settings, err := session.LoadSettings(paths)
	if err != nil {
		return fmt.Errorf("%w\nMend that line, or move the file away to start with the defaults", err)
	}
	set := func(name string) bool { return given.Changed(name) }
	if !set("theme") {
		f.theme = settings.Theme
	}
	if !set("ascii") {
		f.ascii = settings.ASCII
	}
	if !set("page-size") {
		f.pageSize = settings.PageSize
	}
	// Read-only in the settings is a promise that no flag takes back.
	f.readOnly = f.readOnly || settings.ReadOnly
	f.lifetime = settings.Lifetime
	if f.profile == "" && os.Getenv("AWS_PROFILE") == "" {
		f.profile = settings.Profile
	}
	if f.region == "" && os.Getenv("AWS_REGION") == "" && os.Getenv("AWS_DEFAULT_REGION") == "" {
		f.region = settings.Region
	}
	if f.user == "" {
		f.user = settings.SSHUser
	}
	return f.check()
}

// check refuses what would only show later, as a list that stays empty or a colour that is not there.
func (f *screenFlags) check() error {
	switch {
	case f.theme != "auto" && f.theme != "dark" && f.theme != "light":
		return fmt.Errorf("--theme %q is none of auto, dark, light", f.theme)
	case f.pageSize < 1 || f.pageSize > 100:
		return fmt.Errorf("--page-size %d: a page has 1 to 100 tunnels", f.pageSize)
	case f.pages < 1:
		return fmt.Errorf("--pages %d: at least one page is listed", f.pages)
	}
	if _, err := f.level(); err != nil {
		return fmt.Errorf("--log-level %q is none of debug, info, warn, error", f.logLevel)
	}
	return nil
}

func (f *screenFlags) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(f.logLevel))
	return level, err
}

// trying says in words what a connection is tried with.
func (f *screenFlags) trying(getenv func(string) string) string {
	profile := cmp.Or(f.profile, getenv("AWS_PROFILE"))
	region := cmp.Or(f.region, getenv("AWS_REGION"), getenv("AWS_DEFAULT_REGION"))
	var words []string
	if profile != "" {
		words = append(words, "profile "+profile)
	} else {
		words = append(words, "the default profile")
	}
	if region != "" {
		words = append(words, "region "+region)
	}
	return strings.Join(words, ", ")
}
