package session

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// withSSH gives the bench a script in place of ssh.
func (b *bench) withSSH(script string) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "ssh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		b.t.Fatal(err)
	}
	b.opts.SSH = path
}

// shell takes a thing called name to the point where its shell can run.
func (b *bench) shell(name string) *Shell {
	b.t.Helper()
	key := b.service.add("8f2c9a14-aaaa", name, func(u *client.Tunnel) { connected(&u.Destination) })
	p := b.run(Request{Key: key})
	if p.Err != nil || p.Shell == nil {
		b.t.Fatalf("no shell: %v %q", p.Err, p.Note)
	}
	return p.Shell
}

func TestShellRunsSSHWithAPrivateConfiguration(t *testing.T) {
	t.Setenv("AWSIOT_TUNNEL_ACCESS_TOKEN", "canary-token")
	b := newBench(t)
	b.withSSH(`printf '%s\n' "$@"; cat "$2"; ls -ld "$2" "$(dirname "$2")" "$(dirname "$2")/s"; env; exit 3`)
	shell := b.shell("pump-07")
	var out, errs bytes.Buffer
	shell.SetStdin(strings.NewReader(""))
	shell.SetStdout(&out)
	shell.SetStderr(&errs)
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	if shell.ExitCode() != 3 {
		t.Errorf("exit code %d, want ssh's 3", shell.ExitCode())
	}
	text := out.String()
	for _, want := range []string{
		"pump-07 · profile prod · eu-west-1 · tunnel 8f2c9a14 · ends ", "\n--\npump-07\n",
		`ProxyCommand "/opt/adit" connect --session `, "HostKeyAlias pump-07.eu-west-1.123456789012\n", "ControlPath none\n",
		"  User \"pi\"\n", "StrictHostKeyChecking accept-new\n", "\n-rw------- ", "\ndrwx------ ", "\nsrw------- ", "ADIT_RUN_DIR=" + b.paths.Run + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "canary-token") {
		t.Error("a token reached ssh's environment")
	}
	if errs.Len() != 0 {
		t.Errorf("an ssh that ran was followed by %q", errs.String())
	}
	b.mustBeClean()
}

func TestShellLogsInAsTheUserThatWasAskedFor(t *testing.T) {
	b := newBench(t)
	b.withSSH(`printf '%s\n' "$@"`)
	for user, want := range map[string]string{"root": "\n-l\nroot\n--\npump-07\n", "-oProxyCommand=x": ""} {
		key := b.service.add("8f2c9a14-aaaa", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key, User: user})
		var out bytes.Buffer
		p.Shell.SetStdin(strings.NewReader(""))
		p.Shell.SetStdout(&out)
		p.Shell.SetStderr(&out)
		err := p.Shell.Run()
		if (err == nil) != (want != "") || !strings.Contains(out.String(), want) || want == "" && strings.Contains(out.String(), user) {
			t.Errorf("user %q: %v, ssh got %q", user, err, out.String())
		}
	}
	b.mustBeClean()
}

// mustBeClean fails when a session left something behind.
func (b *bench) mustBeClean() {
	b.t.Helper()
	entries, err := os.ReadDir(b.paths.Run)
	if err != nil || len(entries) != 0 {
		b.t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestShellThatFailedFastShowsTheReasonUntilEnter(t *testing.T) {
	b := newBench(t)
	b.withSSH("exit 255")
	shell := b.shell("pump-07")
	typed := strings.NewReader("x\nrest")
	var out, errs bytes.Buffer
	shell.SetStdin(typed)
	shell.SetStdout(&out)
	shell.SetStderr(&errs)
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(errs.String(), "(255)") || !strings.Contains(errs.String(), "enter to go back") {
		t.Errorf("it says %q", errs.String())
	}
	if shell.ExitCode() != 255 {
		t.Errorf("exit code %d", shell.ExitCode())
	}
}

func TestShellEndsWithTheProgram(t *testing.T) {
	b := newBench(t)
	started := filepath.Join(t.TempDir(), "started")
	b.withSSH(`trap 'exit 9' TERM; : >'` + started + `'; while :; do sleep 0.05; done`)
	shell := b.shell("pump-07")
	shell.SetStdin(strings.NewReader(""))
	shell.SetStdout(&bytes.Buffer{})
	shell.SetStderr(&bytes.Buffer{})
	ended := make(chan error, 1)
	go func() { ended <- shell.Run() }()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(started); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("ssh was not started")
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if shell.ExitCode() != 9 {
		t.Errorf("exit code %d, want 9: it was not asked to end", shell.ExitCode())
	}
	b.mustBeClean()
	if err := shell.Run(); err == nil {
		t.Error("a shell started after the end")
	}
}

func TestShellUsesTheConnectionThatProvedTheAnswer(t *testing.T) {
	b := newBench(t)
	b.opts.Executable = mustExecutable(t)
	t.Setenv(asConnect, "1")
	// It reads the device's first line and has what it sends echoed, twice over, each through a ProxyCommand of its own.
	b.withSSH(`cmd=$(sed -n 's/^ProxyCommand //p' "$2")
for word in one two; do echo $word | eval "$cmd" | head -n 2; done`)
	shell := b.shell("pump-07")
	src := b.proxies.sources[proxyName(shell.tunnel.Key)]
	if n := src.attachments(); n != 1 {
		t.Fatalf("%d connections before ssh, want 1", n)
	}
	var out, errs bytes.Buffer
	shell.SetStdin(strings.NewReader(""))
	shell.SetStdout(&out)
	shell.SetStderr(&errs)
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	if want := "SSH-2.0-fake\r\none\nSSH-2.0-fake\r\ntwo\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("ssh saw %q, %s; want %q", out.String(), errs.String(), want)
	}
	if n := src.attachments(); n != 2 {
		t.Errorf("%d connections for two users, want 2: the first has to take the one that was there", n)
	}
}

func mustExecutable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBannerNamesWhatIsNotAWS(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 49, 0, 0, time.Local)
	tunnel := client.Tunnel{Key: client.Key{ID: "8f2c9a14-aaaa"}, Thing: "pump\x1b[2J07", CreatedAt: now.Add(-8 * time.Minute), Lifetime: time.Hour}
	for want, c := range map[string]client.Context{
		" · NOT AWS http://127.0.0.1:4566 (from AWS_ENDPOINT_URL) · tunnel 8f2c9a14 · ends 11:41 (52 min left)": {Region: "eu-west-1", Endpoint: "http://127.0.0.1:4566", EndpointFrom: "AWS_ENDPOINT_URL"},
		" · DEMO · tunnel 8f2c9a14 · ends 11:41 (52 min left)":                                                  {Region: "eu-west-1", Endpoint: "http://127.0.0.1:1", Demo: true},
		" · eu-west-1 · tunnel 8f2c9a14 · ends 11:41 (52 min left)":                                             {Region: "eu-west-1"},
	} {
		tunnel.Context = c
		got := (&Shell{tunnel: tunnel}).banner(now)
		if !strings.HasSuffix(got, want) || strings.ContainsRune(got, 0x1b) {
			t.Errorf("banner %q, want …%q", got, want)
		}
	}
}
