package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Settings are what settings.yaml may say; flags and variables override them.
type Settings struct {
	// Profile and Region choose the account, "" leaves them to the AWS environment.
	Profile, Region string
	// SSHUser is the user where ssh's own configuration names none.
	SSHUser string
	// Lifetime of a tunnel that adit opens [1 h].
	Lifetime time.Duration
	// ReadOnly refuses every changing operation.
	ReadOnly bool
	// PageSize is ListTunnels' maxResults [100].
	PageSize int
	// Theme is dark, light or auto [auto].
	Theme string
	ASCII bool
}

// settingsVersion grows when an older adit could misread the file.
const settingsVersion = 1

// settingsFile is the form of settings.yaml, version 1.
type settingsFile struct {
	Version  int    `yaml:"version"`
	Profile  string `yaml:"profile"`
	Region   string `yaml:"region"`
	SSHUser  string `yaml:"ssh_user"`
	Lifetime string `yaml:"lifetime"`
	ReadOnly bool   `yaml:"read_only"`
	PageSize int    `yaml:"page_size"`
	Theme    string `yaml:"theme"`
	ASCII    bool   `yaml:"ascii"`
}

// LoadSettings reads settings.yaml in the configuration directory. No file is no error and gives the defaults; a key
// that is not known, or a value that cannot be, is an error that shows the line.
func LoadSettings(paths Paths) (Settings, error) {
	name := filepath.Join(paths.Config, "settings.yaml")
	data, err := os.ReadFile(name)
	if missing(err) {
		data, err = nil, nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("the settings cannot be read: %w", err)
	}
	settings, err := parseSettings(data)
	if err != nil {
		return Settings{}, fmt.Errorf("%s: %w", name, err)
	}
	return settings, nil
}

func parseSettings(data []byte) (Settings, error) {
	defaults := settingsFile{Version: settingsVersion, Lifetime: "1h", PageSize: 100, Theme: "auto"}
	file := defaults
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return Settings{}, errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if file == (settingsFile{}) {
		file = defaults // a document with nothing in it empties what it is decoded into
	}
	lifetime, err := time.ParseDuration(file.Lifetime)
	switch {
	case file.Version != settingsVersion:
		return Settings{}, wrongValue(data, "version", fmt.Sprintf("this adit knows version %d of the settings", settingsVersion))
	case err != nil || lifetime%time.Minute != 0 || lifetime < time.Minute || lifetime > 12*time.Hour:
		return Settings{}, wrongValue(data, "lifetime", "must be whole minutes from 1m to 12h, such as 90m")
	case file.PageSize < 1 || file.PageSize > 100:
		return Settings{}, wrongValue(data, "page_size", "must be from 1 to 100")
	case file.Theme != "dark" && file.Theme != "light" && file.Theme != "auto":
		return Settings{}, wrongValue(data, "theme", "must be dark, light or auto")
	case file.Region != "" && !regionName.MatchString(file.Region):
		return Settings{}, wrongValue(data, "region", "is not the name of an AWS region, such as eu-west-1")
	case file.SSHUser != "" && !userName.MatchString(file.SSHUser):
		return Settings{}, wrongValue(data, "ssh_user", "is not a user's name")
	}
	return Settings{
		Profile: file.Profile, Region: file.Region, SSHUser: file.SSHUser, Lifetime: lifetime,
		ReadOnly: file.ReadOnly, PageSize: file.PageSize, Theme: file.Theme, ASCII: file.ASCII,
	}, nil
}

// userName keeps what would be an option or a second word out of ssh's configuration.
var userName = regexp.MustCompile(`^[^-\s"'\x00-\x1f][^\s"'\x00-\x1f]*$`)

// wrongValue shows the value in its line.
func wrongValue(data []byte, key, why string) error {
	path, err := yaml.PathString("$." + key)
	if err != nil {
		return fmt.Errorf("%s %s", key, why)
	}
	source, err := path.AnnotateSource(data, false)
	if err != nil {
		return fmt.Errorf("%s %s", key, why)
	}
	return fmt.Errorf("%s %s\n%s", key, why, strings.TrimRight(string(source), "\n"))
}
