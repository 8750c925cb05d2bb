package cli

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/views"
)

// fakeAWS puts an aws program of a version before all others. It writes down what it was asked, and does what body says.
func fakeAWS(t *testing.T, version, body string) (calls func() string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'aws-cli/" + version + " Python/3.13 Linux'; exit 0; fi\n" +
		"echo \"$*\" >>'" + dir + "/calls'\n" + body + "\n"
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() string {
		content, _ := os.ReadFile(filepath.Join(dir, "calls"))
		return strings.TrimSpace(string(content))
	}
}

// logIn logs in as the screen does it, with somebody who types.
func logIn(t *testing.T, l logins, typed string, words ...string) (string, error) {
	t.Helper()
	l.ctx, l.keys = t.Context(), &interrupts{}
	login := l.prepare(words)
	if login.Run == nil {
		return login.Note, errors.New("it cannot be run")
	}
	var out bytes.Buffer
	login.Run.SetStdin(strings.NewReader(typed))
	login.Run.SetStdout(&out)
	login.Run.SetStderr(io.Discard)
	err := login.Run.Run()
	return login.Note + "\n" + out.String(), err
}

func TestLoginSpeaksAsTheInstalledCLIDoes(t *testing.T) {
	sso, console := []string{"sso", "login", "--profile", "prod"}, []string{"login", "--profile", "prod"}
	for _, c := range []struct {
		version string
		browser bool
		words   []string
		asked   string
	}{
		{"2.31.4", true, sso, "sso login --profile prod"},
		{"2.31.4", false, sso, "sso login --profile prod --no-browser --use-device-code"},
		{"2.22.0", false, sso, "sso login --profile prod --no-browser --use-device-code"},
		{"2.15.30", false, sso, "sso login --profile prod --no-browser"},
		{"2.31.4", true, console, "login --profile prod"},
		{"2.31.4", false, console, "login --profile prod --remote"},
		{"1.45.11", true, sso, ""},
	} {
		calls := fakeAWS(t, c.version, "")
		out, err := logIn(t, logins{browser: c.browser}, "\n", c.words...)
		if calls() != c.asked || (err == nil) != (c.asked != "") {
			t.Errorf("%s, browser %v: asked %q, %v", c.version, c.browser, calls(), err)
		}
		if c.asked == "" && !strings.Contains(out, "install version 2") || c.asked != "" && !strings.Contains(out, "adit: aws "+c.asked) {
			t.Errorf("%s said %q", c.version, out)
		}
		if strings.Contains(out, "code for a browser elsewhere") == c.browser {
			t.Errorf("browser %v, and it says %q", c.browser, out)
		}
	}
}

func TestLoginThatFailsIsHeldUntilItWasRead(t *testing.T) {
	fakeAWS(t, "2.31.4", "echo 'the reason'; exit 3")
	// A file, as the terminal is: the program has it as its own.
	in, hand, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = in.Close(), hand.Close() }()
	l := logins{ctx: t.Context(), keys: &interrupts{}, browser: true}
	login := l.prepare([]string{"sso", "login"})
	shownUp := make(chan string, 9)
	login.Run.SetStdin(in)
	login.Run.SetStdout(writerFunc(func(p []byte) (int, error) { shownUp <- string(p); return len(p), nil }))
	login.Run.SetStderr(io.Discard)
	ended := make(chan error, 1)
	go func() { ended <- login.Run.Run() }()
	var out string
	for !strings.Contains(out, "exit status 3. Enter goes back.") {
		out += <-shownUp
	}
	select {
	case err := <-ended:
		t.Fatalf("it went away at once: %v", err)
	default:
	}
	if !l.keys.childs.Load() || !strings.Contains(out, "the reason") {
		t.Errorf("ctrl+c would end adit, or the reason is not there: %q", out)
	}
	_, _ = hand.Write([]byte("\n"))
	select {
	case err := <-ended:
		if err == nil || l.keys.childs.Load() {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("enter did not end it")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestWithoutTheCLIOnlyTheCommandIsShown(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if out, err := logIn(t, logins{}, "", "sso", "login"); err == nil || !strings.Contains(out, "not installed here") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestBrowserIsWhereItsUserIs(t *testing.T) {
	for _, c := range []struct {
		system string
		env    map[string]string
		want   bool
	}{
		{"darwin", nil, true},
		{"windows", nil, true},
		{"linux", nil, false},
		{"linux", map[string]string{"DISPLAY": ":0"}, true},
		{"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
		{"linux", map[string]string{"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, false},
		{"darwin", map[string]string{"SSH_TTY": "/dev/ttys001"}, false},
	} {
		if got := hasBrowser(c.system, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s %v: %v", c.system, c.env, got)
		}
	}
}

// The whole way: no login, the aws program that mends it, and the tunnels.
func TestExpiredLoginIsMendedByTheCLIAndTriedAgain(t *testing.T) {
	l := newLaptop(t, "")
	_, err := l.open(t.Context(), []views.Place{{Profile: "corp"}})
	var missing *client.Error
	if !errors.As(err, &missing) || strings.Join(missing.Login, " ") != "sso login --profile corp" {
		t.Fatalf("without a login: %v", err)
	}
	sum := sha1.Sum([]byte("corp"))
	cache := filepath.Join(l.home, ".aws", "sso", "cache")
	calls := fakeAWS(t, "2.31.4", "mkdir -p '"+cache+"'\necho '"+`{"accessToken":"a","expiresAt":"2099-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://corp.awsapps.com/start"}`+
		"' >'"+filepath.Join(cache, hex.EncodeToString(sum[:])+".json")+"'")
	if out, err := logIn(t, logins{browser: true}, "", missing.Login...); err != nil || calls() != "sso login --profile corp" {
		t.Fatalf("%v: %s", err, out)
	}
	b := l.goTo(views.Place{Profile: "corp"})
	if page, err := b.Services[0].List(t.Context(), client.ListInput{}); err != nil || len(page.Tunnels) != 0 || shown(b) != "corp 333333333333 eu-west-1" {
		t.Errorf("after it: %v, %s", err, shown(b))
	}
}
