package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
)

// Profile is an entry of the shared AWS configuration: its name, and what helps to choose it. It holds no secret.
type Profile struct {
	Name string
	// Region is the profile's own, "" for none.
	Region string
	// Login says in a word how its credentials come about: "SSO", "aws login", "role", "process" or "keys"; "" where the
	// files do not tell.
	Login string
}

// Profiles are those of the shared configuration and credentials files (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else
// in ~/.aws), in the order in which they stand there. A file that is not there is no error. The SDK lists none itself.
func Profiles() ([]Profile, error) {
	var found profiles
	for _, file := range []struct {
		variable, otherwise string
		configuration       bool
	}{
		{"AWS_CONFIG_FILE", config.DefaultSharedConfigFilename(), true},
		{"AWS_SHARED_CREDENTIALS_FILE", config.DefaultSharedCredentialsFilename(), false},
	} {
		name := os.Getenv(file.variable)
		if name == "" {
			name = file.otherwise
		}
		if err := found.readFile(name, file.configuration); err != nil {
			return nil, fmt.Errorf("the AWS profiles in %s cannot be read: %w", Clean(name), err)
		}
	}
	return found.list, nil
}

// longestLine is what a line of the files may have in bytes; no name and no region is nearly that long.
const longestLine = 64 << 10

// profiles are those found so far.
type profiles struct{ list []Profile }

func (p *profiles) readFile(name string, configuration bool) error {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errors.Unwrap(err)
	}
	defer func() { _ = file.Close() }()
	return p.read(file, configuration)
}

// read takes the names and what stands beside them of a file. It goes line by line and keeps no value of a key that it
// does not know, so that no secret is held longer than its line.
func (p *profiles) read(file io.Reader, configuration bool) error {
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 4<<10), longestLine)
	current := -1
	for lines.Scan() {
		line := lines.Text()
		text := strings.TrimSpace(line)
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '[':
			current = -1
			if name, ok := sectionProfile(text, configuration); ok {
				current = p.index(name)
				if !configuration && p.list[current].Login == "" {
					p.list[current].Login = "keys"
				}
			}
		case current < 0 || line[0] == ' ' || line[0] == '\t':
			// Of no profile, or a part of the value above.
		default:
			p.list[current].take(text)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("a line is longer than %d bytes", longestLine)
	}
	return lines.Err()
}

// sectionProfile is the name of the profile that a section's first line begins, false for other sections, such as
// [sso-session x]. The credentials file has bare names, the configuration file all but the default behind a word.
func sectionProfile(line string, configuration bool) (string, bool) {
	head, _, closed := strings.Cut(line[1:], "]")
	if !closed {
		return "", false
	}
	head = strings.TrimSpace(head)
	if configuration && head != "default" {
		rest, is := strings.CutPrefix(head, "profile")
		if !is || strings.TrimLeft(rest, " \t") == rest {
			return "", false
		}
		head = strings.TrimSpace(rest)
	}
	if len(head) > 1 && (head[0] == '"' || head[0] == '\'') && head[len(head)-1] == head[0] {
		head = head[1 : len(head)-1]
	}
	return head, head != ""
}

// index finds a profile, or adds it.
func (p *profiles) index(name string) int {
	if i := slices.IndexFunc(p.list, func(known Profile) bool { return known.Name == name }); i >= 0 {
		return i
	}
	p.list = append(p.list, Profile{Name: name})
	return len(p.list) - 1
}

// take reads one line of a profile. A role says more than the login that it begins with, which it may name as well.
func (p *Profile) take(line string) {
	key, value, _ := strings.Cut(line, "=")
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "region":
		value, _, _ = strings.Cut(value, " #")
		value, _, _ = strings.Cut(value, " ;")
		if value = strings.TrimSpace(value); regionForm.MatchString(value) {
			p.Region = value
		}
	case "role_arn":
		p.Login = "role"
	case "sso_session", "sso_start_url":
		p.login("SSO")
	case "login_session":
		p.login("aws login")
	case "credential_process":
		p.login("process")
	case "aws_access_key_id":
		p.login("keys")
	}
}

func (p *Profile) login(how string) {
	if p.Login != "role" {
		p.Login = how
	}
}

// Regions are those in which AWS offers secure tunneling, as far as this adit knows.
func Regions() []string {
	return []string{
		"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
		"ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-southeast-5",
		"il-central-1", "me-central-1", "me-south-1",
		"cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1",
	}
}
