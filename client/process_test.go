package client

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A credential process that reads the terminal would take the screen's keys, and one that writes to it would draw over it.
func TestCredentialProcessHasNoTerminal(t *testing.T) {
	sts := identity(t, "1")
	script := filepath.Join(t.TempDir(), "vault")
	text := "#!/bin/sh\necho noise-canary >&2\nread line && exit 9\n" +
		`echo '{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"s"}'` + "\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	machine(t, "[profile base]\nregion = eu-west-1\ncredential_process = "+script+" --for adit # a comment\n"+
		"[profile ops]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n",
		map[string]string{"AWS_ENDPOINT_URL_STS": sts.URL})
	screen, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	typed, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write.WriteString("q\n"); err != nil {
		t.Fatal(err)
	}
	stdin, stderr := os.Stdin, os.Stderr
	os.Stdin, os.Stderr = typed, screen
	defer func() {
		os.Stdin, os.Stderr = stdin, stderr
		for _, f := range []*os.File{screen, typed, write} {
			_ = f.Close()
		}
	}()
	for _, profile := range []string{"base", "ops"} {
		service, err := Connect(t.Context(), ConnectOptions{Profile: profile, EndpointURL: sts.URL, MFA: func(context.Context, string) (string, error) { return "123456", nil }})
		if err != nil || service.Context().Profile != profile {
			t.Errorf("%s: %v", profile, err)
		}
	}
	if drawn, err := os.ReadFile(screen.Name()); err != nil || strings.Contains(string(drawn), "noise-canary") {
		t.Errorf("the process wrote to the screen: %s, %v", drawn, err)
	}
}
