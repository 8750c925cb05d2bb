package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
)

// openSSH is `ssh -L` through a private sshd on loopback, with the cipher that the two agree on by themselves.
type openSSH struct {
	path
	client, server *process
	version        string
}

// errNoOpenSSH says how to get the peer.
var errNoOpenSSH = errors.New("the peer ssh -L needs ssh, ssh-keygen and sshd: on Debian and Ubuntu, apt-get install openssh-client openssh-server (the service need not run)")

// sshPrograms are the paths of OpenSSH's programs.
type sshPrograms struct{ client, keygen, server string }

func findOpenSSH() (sshPrograms, error) {
	var found sshPrograms
	for name, to := range map[string]*string{"ssh": &found.client, "ssh-keygen": &found.keygen, "sshd": &found.server} {
		program, err := exec.LookPath(name)
		if err != nil {
			// The directory of servers is on root's search path only.
			program, err = exec.LookPath("/usr/sbin/" + name)
		}
		if err != nil {
			return sshPrograms{}, fmt.Errorf("%w: %w", errNoOpenSSH, err)
		}
		*to = program
	}
	return found, nil
}

func startOpenSSH(ctx context.Context, programs sshPrograms, dir string, apps *applications) (_ *openSSH, err error) {
	s := &openSSH{path: path{name: "ssh -L"}}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.version, err = versionOf(ctx, programs.client, "-V"); err != nil {
		return nil, err
	}
	me, err := user.Current()
	if err != nil {
		return nil, err
	}
	if me.Uid == "0" {
		// sshd wants an empty directory of root's there, which the package's service makes when it starts.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			return nil, err
		}
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"host", "user"} {
		command := exec.CommandContext(ctx, programs.keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key))
		if text, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("make an ssh key: %w: %s", err, text)
		}
	}
	config := filepath.Join(dir, "sshd_config")
	lines := []string{
		"Port " + port, "ListenAddress 127.0.0.1", "HostKey " + filepath.Join(dir, "host"), "PidFile none",
		"AuthorizedKeysFile " + filepath.Join(dir, "user.pub"), "StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
	}
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return nil, err
	}
	if s.server, err = launch(ctx, "sshd", "", false, programs.server, "-D", "-e", "-f", config); err != nil {
		return nil, err
	}
	at := path{name: "sshd", addresses: map[string]string{echo: "127.0.0.1:" + port}}
	if err := s.server.await(ctx, func() error {
		conn, err := at.dial(ctx, echo)
		if err == nil {
			conn.Close()
		}
		return err
	}); err != nil {
		return nil, err
	}
	if err := s.listening(ctx); err != nil {
		return nil, err
	}
	args := []string{"-F", "none", "-N", "-p", port, "-i", filepath.Join(dir, "user"), "-l", me.Username}
	for _, option := range []string{"BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=" + filepath.Join(dir, "known_hosts"), "ExitOnForwardFailure=yes", "LogLevel=ERROR"} {
		args = append(args, "-o", option)
	}
	for service, address := range s.addresses {
		args = append(args, "-L", address+":"+apps.addresses[service])
	}
	if s.client, err = launch(ctx, "ssh -L", "", false, programs.client, append(args, "127.0.0.1")...); err != nil {
		return nil, err
	}
	return s, s.client.await(ctx, func() error { return s.answers(ctx) })
}

func (s *openSSH) stop() {
	for _, p := range []*process{s.client, s.server} {
		if p != nil {
			p.stop()
		}
	}
}

// versionOf is the first line that a program prints when asked for its version.
func versionOf(ctx context.Context, program string, args ...string) (string, error) {
	text, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("version of %s: %w", program, err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return first, nil
}
