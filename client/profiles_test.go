package client

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sharedConfiguration = `# mine
[default]
region = eu-west-1
output = json

[profile prod]
sso_session = corp
sso_account_id = 123456789012
region=us-east-1   # where it is
[sso-session corp]
sso_region = eu-central-1
region = ap-east-1
[profile   "field ops" ] ; quoted
role_arn = arn:aws:iam::1:role/r
source_profile = prod
s3 =
  region = not-this-one
[profile vault]
credential_process = /opt/vault secret
[profile console]
login_session = arn:aws:iam::1:user/me
[profile]
[profilex]
[services local]
[unclosed
region = eu-north-1
`

const sharedCredentials = `[keys]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = secret-canary
[prod]
aws_access_key_id = AKIDEXAMPLE
`

func TestProfilesAreReadFromTheSharedFiles(t *testing.T) {
	machine(t, sharedConfiguration, nil)
	if err := os.WriteFile(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), []byte(sharedCredentials), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Profiles()
	want := []Profile{
		{"default", "eu-west-1", ""}, {"prod", "us-east-1", "keys"}, {"field ops", "", "role"}, {"vault", "", "process"},
		{"console", "", "aws login"}, {"keys", "", "keys"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if strings.Contains(fmt.Sprintf("%+v", got), "canary") {
		t.Error("a secret was kept")
	}
}

func TestProfilesOfAMachineWithoutThem(t *testing.T) {
	machine(t, "", map[string]string{"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none")})
	if got, err := Profiles(); len(got) != 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir())
	if _, err := Profiles(); err == nil || !strings.Contains(err.Error(), os.Getenv("AWS_CONFIG_FILE")) {
		t.Errorf("a directory in place of the file: %v", err)
	}
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[profile a]\nx = "+strings.Repeat("y", longestLine)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	if _, err := Profiles(); err == nil {
		t.Error("a line without end was read")
	}
}

// FuzzProfiles reads whatever stands in the files, and keeps nothing of it but names, regions and one of five words.
func FuzzProfiles(f *testing.F) {
	f.Add(sharedConfiguration, true)
	f.Add(sharedCredentials, false)
	f.Add("[\"\n[']\n[profile ']\n[ default ]\nregion\nregion==\n", true)
	f.Fuzz(func(t *testing.T, text string, configuration bool) {
		const canary = "secret-canary-71"
		if strings.Contains(text, canary) {
			t.Skip()
		}
		var found profiles
		if found.read(strings.NewReader(text+"\naws_secret_access_key = "+canary+"\naws_session_token="+canary+"\n"), configuration) != nil {
			return
		}
		names := map[string]bool{}
		for _, p := range found.list {
			if p.Name == "" || names[p.Name] || !strings.Contains(text, p.Name) {
				t.Errorf("a profile %q that is empty, there twice or made up", p.Name)
			}
			names[p.Name] = true
			if p.Region != "" && !regionForm.MatchString(p.Region) {
				t.Errorf("region %q", p.Region)
			}
			switch p.Login {
			case "", "SSO", "aws login", "role", "process", "keys":
			default:
				t.Errorf("login %q", p.Login)
			}
			if strings.Contains(fmt.Sprint(p), canary) {
				t.Errorf("a secret was kept: %v", p)
			}
		}
	})
}
