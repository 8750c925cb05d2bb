package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSSHConfigIsAsAgreed(t *testing.T) {
	got, err := sshConfig{Executable: "/abs/adit", Session: "0123456789abcdef", Alias: "pump-07.eu-west-1.1", KnownHosts: "/state/known_hosts", User: "pi"}.text()
	want := `ProxyCommand "/abs/adit" connect --session 0123456789abcdef
HostKeyAlias pump-07.eu-west-1.1
UserKnownHostsFile "/state/known_hosts" ~/.ssh/known_hosts ~/.ssh/known_hosts2
ControlMaster no
ControlPath none
ForwardAgent no
ForwardX11 no
Include ~/.ssh/config
Include /etc/ssh/ssh_config
Match all
  ServerAliveInterval 15
  ServerAliveCountMax 3
  ConnectTimeout 60
  User "pi"
`
	if err != nil || got != want {
		t.Errorf("%v, got:\n%s", err, got)
	}
}

func TestSSHItselfReadsTheConfigAsMeant(t *testing.T) {
	ssh := mustSSH(t)
	dir := t.TempDir()
	for _, odd := range []string{`a b`, "100%", `q"uo`, "do$HOME", "`id`", `back\slash`} {
		program := filepath.Join(dir, odd, "adit")
		if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
			t.Fatal(err)
		}
		ran := filepath.Join(dir, "ran")
		if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$@\" >'"+ran+"'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		text, err := sshConfig{Executable: program, Session: "0123456789abcdef", Alias: "x.y", KnownHosts: dir + "/a b 100%/known_hosts"}.text()
		if err != nil {
			t.Fatal(err)
		}
		config := filepath.Join(dir, "ssh_config")
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.Command(ssh, "-F", config, "--", "pump-07").CombinedOutput() // it fails: nobody answers
		if got, _ := os.ReadFile(ran); string(got) != "connect --session 0123456789abcdef\n" {
			t.Errorf("%s: ProxyCommand got %q; ssh said %s", odd, got, out)
		}
		_ = os.Remove(ran)
		effective, err := exec.Command(ssh, "-G", "-F", config, "--", "pump-07").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"\nuserknownhostsfile " + dir + "/a b 100%/known_hosts ", "\nhostkeyalias x.y\n", "\ncontrolmaster false\n", "\nserveraliveinterval 15\n"} {
			if !strings.Contains(string(effective), want) {
				t.Errorf("ssh -G lacks %q", want)
			}
		}
	}
}

func TestSSHConfigRefusesWhatItCannotSay(t *testing.T) {
	for _, c := range []sshConfig{
		{Executable: "/a\nProxyCommand evil", KnownHosts: "/k"}, {Executable: "/a", KnownHosts: "/k\"x"},
		{Executable: "/a", KnownHosts: "/${HOME}"}, {Executable: "/a", KnownHosts: "/k", User: "x\nLocalCommand evil"},
	} {
		if text, err := c.text(); err == nil {
			t.Errorf("%+v became %q", c, text)
		}
	}
}

// mustSSH finds the machine's ssh; in CI its absence is a failure.
func mustSSH(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("ssh")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no ssh on this machine")
	}
	if err != nil {
		t.Skip("there is no ssh on this machine")
	}
	return path
}
