package client

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"adit/pattern"
)

// The API's constraints (API reference, version 2018-10-05), so that a form can say what is wrong before it asks.
const (
	maxName        = 128
	maxDescription = 2048
	maxTagKey      = 128
	maxTagValue    = 256
	maxTags        = 200
	maxPageSize    = 100

	// MinLifetime and MaxLifetime bound what a tunnel can be opened for, in whole minutes.
	MinLifetime = time.Minute
	MaxLifetime = 720 * time.Minute
)

var (
	nameForm = pattern.Of(`^[a-zA-Z0-9:_-]+$`)
	idForm   = pattern.Of(`^[a-zA-Z0-9_\-+=:]{1,128}$`)
	// userForm keeps what would be an option or a second word out of ssh's configuration and command line.
	userForm = pattern.Of(`^[^-\s"'\x00-\x1f][^\s"'\x00-\x1f]*$`)
)

// ValidateThing tells what is wrong with a thing's name. No name is right: a tunnel needs no thing.
func ValidateThing(name string) error {
	if name == "" {
		return nil
	}
	return validateName("A thing's name", name)
}

// ValidateService tells what is wrong with a service's name, such as SSH.
func ValidateService(name string) error {
	if name == "" {
		return sentencef("A service needs a name, such as SSH.")
	}
	return validateName("A service's name", name)
}

// ValidateDestination tells what is wrong with the device's side of a tunnel: a thing needs at least one service, and a
// service can be named once only.
func ValidateDestination(thing string, services []string) error {
	if err := ValidateThing(thing); err != nil {
		return err
	}
	if thing != "" && len(services) == 0 {
		return sentencef("A tunnel to a thing needs at least one service, such as SSH.")
	}
	for i, service := range services {
		if err := ValidateService(service); err != nil {
			return err
		}
		if slices.Contains(services[:i], service) {
			return sentencef("The service %s is named twice.", service)
		}
	}
	return nil
}

// ValidateDescription tells what is wrong with a tunnel's description. None is right.
func ValidateDescription(text string) error {
	if n := utf8.RuneCountInString(text); n > maxDescription {
		return sentencef("A description may have up to %d characters; this one has %d.", maxDescription, n)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.C, r) }) {
		return sentencef("A description must be one line without control characters.")
	}
	return nil
}

// ValidateTag tells what is wrong with a tag. The value may be empty.
func ValidateTag(key, value string) error {
	switch {
	case key == "":
		return sentencef("A tag needs a key.")
	case utf8.RuneCountInString(key) > maxTagKey:
		return sentencef("A tag's key may have up to %d characters.", maxTagKey)
	case utf8.RuneCountInString(value) > maxTagValue:
		return sentencef("A tag's value may have up to %d characters.", maxTagValue)
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return sentencef("Keys that start with aws: are AWS's own.")
	}
	for _, part := range []string{key, value} {
		if i := strings.IndexFunc(part, notInTag); i >= 0 {
			r, _ := utf8.DecodeRuneInString(part[i:])
			return sentencef("A tag may have letters, digits, spaces and _ . : / = + - @, not %q.", r)
		}
	}
	return nil
}

// ValidateTags checks each tag and that no key is there twice.
func ValidateTags(tags []Tag) error {
	if len(tags) > maxTags {
		return sentencef("A tunnel may have up to %d tags.", maxTags)
	}
	seen := make(map[Text]bool, len(tags))
	for _, tag := range tags {
		if err := ValidateTag(tag.Key.Raw(), tag.Value.Raw()); err != nil {
			return err
		}
		if seen[tag.Key] {
			return sentencef("The tag %q is there twice.", tag.Key.String())
		}
		seen[tag.Key] = true
	}
	return nil
}

// ValidateLifetime tells what is wrong with a lifetime. Zero is right: it leaves the lifetime to the service (12 h).
func ValidateLifetime(d time.Duration) error {
	if d == 0 {
		return nil
	}
	if d < MinLifetime || d > MaxLifetime || d%time.Minute != 0 {
		return sentencef("A tunnel lives for 1 to 720 whole minutes (12 h).")
	}
	return nil
}

// ValidateUser tells what is wrong with the name of an ssh user. None is right: ssh chooses.
func ValidateUser(name string) error {
	if name != "" && !userForm.MatchString(name) {
		return sentencef("%q is not a user's name.", Clean(name))
	}
	return nil
}

func notInTag(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
}

func validateName(what, name string) error {
	if n := utf8.RuneCountInString(name); n > maxName {
		return sentencef("%s may have up to %d characters; this one has %d.", what, maxName, n)
	}
	if !nameForm.MatchString(name) {
		return sentencef("%s may have letters, digits and : _ - only.", what)
	}
	return nil
}

func validateID(id string) error {
	if !idForm.MatchString(id) {
		return sentencef("%q is not a tunnel's id.", Clean(id))
	}
	return nil
}

// sentencef makes an error that is shown as it is: it starts with a capital and ends with a full stop.
func sentencef(format string, args ...any) error { return fmt.Errorf(format, args...) }

func (in OpenInput) validate() error {
	if err := ValidateDestination(in.Thing, in.Services); err != nil {
		return err
	}
	if err := ValidateDescription(in.Description); err != nil {
		return err
	}
	if err := ValidateTags(in.Tags); err != nil {
		return err
	}
	return ValidateLifetime(in.Lifetime)
}

func (in RotateInput) validate() error {
	if err := validateID(in.ID); err != nil {
		return err
	}
	switch in.Mode {
	case ModeSource, ModeDestination, ModeAll:
	default:
		return sentencef("%q is not a side of a tunnel.", string(in.Mode))
	}
	return ValidateDestination(in.Thing, in.Services)
}
