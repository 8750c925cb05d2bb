package session

import (
	"fmt"
	"strings"
)

// sshConfig is a per-run ssh_config. ssh takes the first value it meets: what stands before the includes is forced, what
// stands after them is a default that the user's own configuration overrides.
type sshConfig struct {
	Executable, Session string // ProxyCommand's
	Alias               string // HostKeyAlias
	KnownHosts          string // adit's own file; new keys go there
	User                string // "" for ssh's choice
	// Unattended: nobody can be asked about an unknown host key, so it is accepted and noted. A changed one never is.
	Unattended bool
}

// text renders it. A connection shared by a ControlPath of the user's is refused by force: many are keyed by host and
// port alone, and would lead to another device.
func (c sshConfig) text() (string, error) {
	known, err := sshPath(c.KnownHosts)
	if err != nil {
		return "", err
	}
	command, err := shellWord(c.Executable)
	if err != nil {
		return "", err
	}
	lines := []string{
		"ProxyCommand " + command + " connect --session " + c.Session,
		"HostKeyAlias " + c.Alias,
		"UserKnownHostsFile " + known + " ~/.ssh/known_hosts ~/.ssh/known_hosts2",
		"ControlMaster no",
		"ControlPath none",
		"ForwardAgent no",
		"ForwardX11 no",
		"Include ~/.ssh/config",
		"Include /etc/ssh/ssh_config",
		"Match all",
		"  ServerAliveInterval 15",
		"  ServerAliveCountMax 3",
		"  ConnectTimeout 60",
	}
	if c.User != "" {
		user, err := sshPath(c.User)
		if err != nil {
			return "", err
		}
		lines = append(lines, "  User "+user)
	}
	if c.Unattended {
		lines = append(lines, "  StrictHostKeyChecking accept-new")
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// sshPath quotes a word of ssh_config. There is no way to write a quote, a line end or a literal ${ in one.
func sshPath(word string) (string, error) {
	if strings.ContainsAny(word, "\"\n\r\x00") || strings.Contains(word, "${") {
		return "", fmt.Errorf("%q cannot be written in an ssh configuration: quotes, line ends and ${ have no place there", word)
	}
	return `"` + strings.ReplaceAll(word, "%", "%%") + `"`, nil
}

// shellWord quotes a program for ProxyCommand, which ssh expands (%) and gives to the user's shell.
func shellWord(program string) (string, error) {
	if strings.ContainsAny(program, "\n\r\x00") {
		return "", fmt.Errorf("the path of adit, %q, cannot be written in an ssh configuration: it has a line end", program)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`", "%", "%%").Replace(program) + `"`, nil
}
