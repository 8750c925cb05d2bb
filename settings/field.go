package settings

import (
	"errors"
	"strings"
	"time"

	"adit/client"
	"adit/filter"
	"adit/pattern"
)

// Field is a value of the settings: how it is named in the file, as a flag and as a variable, and what it is for.
type Field struct {
	// Key is its name in the file.
	Key string
	// Usage says in a few words what it does; Form shows what it looks like on a command line, "" for a switch.
	Usage, Form string
	// PerProfile tells that a profile may have its own.
	PerProfile bool

	// elsewhere are variables of others that count as well, after our own; their values are taken as they are.
	elsewhere []string
	kind      kind
	otherwise any
	// joined: a stronger layer adds to a weaker one instead of replacing it.
	joined bool
}

// Flag is the field's name on a command line, without the dashes.
func (f Field) Flag() string { return strings.ReplaceAll(f.Key, "_", "-") }

// Switch tells whether the flag stands alone.
func (f Field) Switch() bool { _, ok := f.kind.(toggle); return ok }

// Many tells whether the flag may be repeated.
func (f Field) Many() bool {
	switch f.kind.(type) {
	case list, table:
		return true
	}
	return false
}

// Variables are the environment's, the strongest first.
func (f Field) Variables() []string {
	return append([]string{"ADIT_" + strings.ToUpper(f.Key)}, f.elsewhere...)
}

// Default is the value where nobody chose one, as text; "" for the zero Field.
func (f Field) Default() string {
	if f.otherwise == nil {
		return ""
	}
	return show(f.otherwise)
}

// notifications are the ways to notify: the terminal's bell, or a notification of the desktop by OSC 9 or OSC 777.
func notifications() []string { return []string{"bell", "osc9", "osc777", "off"} }

// Themes are what the theme may be.
func Themes() []string {
	return []string{"auto", "dark", "light", "high-contrast", "16-colour", "colour-blind"}
}

// mostServices is how many a tunnel may have that adit opens, mostTags how many tags: the service takes 50, and adit puts
// its own beside them.
const (
	mostServices = 3
	mostTags     = 45
)

// Fields are all the settings, in the order in which they are shown.
func Fields() []Field {
	return []Field{
		{Key: "profile", Usage: "profile of the shared AWS configuration, or several with commas", Form: "NAME", kind: text{}, otherwise: "",
			elsewhere: []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}},
		{Key: "region", Usage: "region of AWS, or several with commas", Form: "REGION", PerProfile: true, kind: text{checkRegions}, otherwise: "",
			elsewhere: []string{"AWS_REGION", "AWS_DEFAULT_REGION"}},
		{Key: "ssh_user", Usage: "user for ssh where your ssh configuration names none", Form: "USER", PerProfile: true, kind: text{checkUser}, otherwise: ""},
		{Key: "services", Usage: "services of a new tunnel, one to three", Form: "SSH,HTTP", PerProfile: true,
			kind: list{most: mostServices, check: client.ValidateService}, otherwise: []string{"SSH"}},
		{Key: "ports", Usage: "local ports of services", Form: "SSH=2222,HTTP=8080", PerProfile: true,
			kind: table{value: number{1, 65535}, check: client.ValidateService}, otherwise: []pair(nil)},
		{Key: "tags", Usage: "tags of a new tunnel", Form: "KEY=VALUE,...", PerProfile: true,
			kind: table{value: text{}, most: mostTags, checkPair: client.ValidateTag}, otherwise: []pair(nil)},
		{Key: "lifetime", Usage: "lifetime of a new tunnel, whole minutes from 1m to 12h; where none is set, one for a shell alone lives 4h", Form: "90m", PerProfile: true, kind: span{}, otherwise: time.Hour},
		{Key: "read_only", Usage: "refuse everything that changes a tunnel", PerProfile: true, kind: toggle{}, otherwise: false},
		{Key: "production", Usage: "mark the account as production by colour and word", PerProfile: true, kind: toggle{}, otherwise: false},
		{Key: "theme", Usage: "colours: " + strings.Join(Themes(), ", ") + "; auto follows the terminal", Form: "THEME", kind: choice(Themes()), otherwise: "auto"},
		{Key: "no_color", Usage: "draw without colours", kind: toggle{}, otherwise: false, elsewhere: []string{noColor}},
		{Key: "ascii", Usage: "draw with ASCII characters only", kind: toggle{}, otherwise: false},
		{Key: "notify", Usage: "how to reach you when you look elsewhere: " + strings.Join(notifications(), ", "), Form: "WAY", kind: choice(notifications()), otherwise: "bell"},
		{Key: "reduced_motion", Usage: "nothing on the screen turns or blinks", kind: toggle{}, otherwise: false},
		{Key: "page_size", Usage: "tunnels asked for at once, 1 to 100", Form: "N", kind: number{1, 100}, otherwise: 100},
		{Key: "pages", Usage: "pages of tunnels to keep up to date at first", Form: "N", kind: number{1, 1000}, otherwise: 10},
		{Key: "log_level", Usage: "debug, info, warn or error; the log is adit.log in the state directory", Form: "LEVEL",
			kind: choice{"debug", "info", "warn", "error"}, otherwise: "info"},
		{Key: "keys", Usage: "keys of actions: adit config keys prints the defaults", Form: "ACTION=KEY,...",
			kind: table{value: list{}}, otherwise: []pair(nil), joined: true},
		{Key: "filters", Usage: "saved filters by name", Form: "NAME=FILTER", kind: table{value: text{checkFilter}, whole: true}, otherwise: []pair(nil), joined: true},
	}
}

// noColor is everybody's variable (no-color.org): any value but the empty one counts.
const noColor = "NO_COLOR"

func checkRegions(s string) error {
	if s == "" {
		return nil
	}
	for name := range strings.SplitSeq(s, ",") {
		if !pattern.Region.MatchString(strings.TrimSpace(name)) {
			return errors.New("is not the name of an AWS region, such as eu-west-1, nor several with commas")
		}
	}
	return nil
}

func checkUser(s string) error {
	if client.ValidateUser(s) != nil {
		return errors.New("is not a user's name")
	}
	return nil
}

func checkFilter(text string) error {
	_, err := filter.Parse(text)
	return err
}
