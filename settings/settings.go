// Package settings is what a person chose: the values of one YAML file, each of which is also a flag and an environment
// variable, and which may differ by profile of the shared AWS configuration. It knows the values' names, what they may be
// and where each came from; what they mean is the business of those who read them.
//
// The order of precedence is flag, variable, the profile's part of the file, the file, default. A promise not to change
// anything (read_only) is kept whoever made it.
package settings

import (
	"slices"
	"time"

	"adit/client"
)

// Settings are the values in effect.
type Settings struct {
	// Profile chooses the account, "" leaves it to the AWS environment.
	Profile string
	// Theme is one of Themes.
	Theme                         string
	NoColor, ASCII, ReducedMotion bool
	// Notify is bell, osc9, osc777 or off.
	Notify string
	// PageSize is ListTunnels' maxResults, Pages how many of them are kept up to date at first.
	PageSize, Pages int
	// LogLevel is debug, info, warn or error.
	LogLevel string
	// Keys are the keys of actions, by the action's name.
	Keys map[string][]string
	// Filters are saved filters by name, in the order of the file.
	Filters []Named

	over     []layer          // flags and variables, the strongest first
	profiles map[string]layer // the file's part of each profile
	under    []layer          // the file and the defaults
	names    []string         // of the profiles, in the order of the file
}

// Named is a text by its name.
type Named struct{ Name, Text string }

// Defaults are what a profile begins with.
type Defaults struct {
	// Region is where to look, "" leaves it to the AWS environment.
	Region string
	// SSHUser is the user where ssh's own configuration names none.
	SSHUser string
	// Services of a new tunnel, never empty.
	Services []string
	// Ports are the local ports that services are bound to, by service; those that are not named take a free one.
	Ports map[string]int
	// Tags of a new tunnel.
	Tags []client.Tag
	// Lifetime of a new tunnel, whole minutes from 1 to 720; LifetimeChosen tells that somebody chose it.
	Lifetime       time.Duration
	LifetimeChosen bool
	// ReadOnly refuses every changing operation; Production marks the place by colour and word.
	ReadOnly, Production bool
}

// For are the defaults of a profile, "" for none.
func (s *Settings) For(profile string) Defaults {
	text := func(key string) string { return s.find(profile, key).data.(string) }
	d := Defaults{
		Region: text("region"), SSHUser: text("ssh_user"),
		Services: slices.Clone(s.find(profile, "services").data.([]string)),
		Ports:    map[string]int{},
		Lifetime: s.find(profile, "lifetime").data.(time.Duration), LifetimeChosen: s.OriginOf(profile, "lifetime", "") != Origin{},
		Production: s.find(profile, "production").data.(bool),
		ReadOnly:   s.find(profile, "read_only").data.(bool),
	}
	for _, p := range s.find(profile, "ports").data.([]pair) {
		d.Ports[p.name] = p.value.(int)
	}
	for _, p := range s.find(profile, "tags").data.([]pair) {
		d.Tags = append(d.Tags, client.Tag{Key: client.Text(p.name), Value: client.Text(p.value.(string))})
	}
	return d
}

// Profiles are the profiles that the file speaks of, in its order.
func (s *Settings) Profiles() []string { return slices.Clone(s.names) }

// general takes over what is the same for every profile.
func (s *Settings) general() {
	at := func(key string) any { return s.find("", key).data }
	s.Profile, s.Theme, s.LogLevel = at("profile").(string), at("theme").(string), at("log_level").(string)
	s.Notify = at("notify").(string)
	s.NoColor, s.ASCII, s.ReducedMotion = at("no_color").(bool), at("ascii").(bool), at("reduced_motion").(bool)
	s.PageSize, s.Pages = at("page_size").(int), at("pages").(int)
	s.Keys = map[string][]string{}
	for _, p := range at("keys").([]pair) {
		s.Keys[p.name] = p.value.([]string)
	}
	for _, p := range at("filters").([]pair) {
		s.Filters = append(s.Filters, Named{p.name, p.value.(string)})
	}
}
