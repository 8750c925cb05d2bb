package session

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"adit/client"
	"adit/tunnelconn"
)

const (
	// failedFast is how soon an ssh that ends is taken not to have come through at all.
	failedFast = 5 * time.Second
	// sshFailure is ssh's own exit status for a failure of its own.
	sshFailure = 255
	// endPatience is how long ssh may take to end when it is told to.
	endPatience = 3 * time.Second
)

// Shell is an ssh about to run. It has the form of tea.ExecCommand, so that the screen can hand the terminal over.
type Shell struct {
	sessions *Sessions
	program  string // ssh's path
	tunnel   client.Tunnel
	service  string
	user     string // "" for ssh's own choice
	probe    *probe
	lasting  context.Context

	stdin          io.Reader
	stdout, stderr io.Writer
	code           int
}

// makeShell prepares the last stage. Without an ssh on the computer the port and the command for other clients do.
func (a *Attempt) makeShell() (shell *Shell, note, text string) {
	t := a.tunnelNow()
	program, err := exec.LookPath(a.sessions.opts.SSH)
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err != nil {
		a.probe.close()
		return nil, a.otherClients(t), "no ssh on this computer"
	}
	return &Shell{
		sessions: a.sessions, program: program, tunnel: t, service: a.service, user: a.req.User, probe: a.probe, lasting: a.lasting,
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}, "", "shell"
}

// otherClients says how to go on without ssh.
func (a *Attempt) otherClients(t client.Tunnel) string {
	address := ""
	if src, ok := a.sessions.running(t.Key); ok {
		for _, service := range src.Status().Services {
			if service.Service == a.service {
				address = service.Address
			}
		}
	}
	host, port, _ := net.SplitHostPort(address)
	user := cmp.Or(a.req.User, a.sessions.user(t.Context), "USER")
	return fmt.Sprintf("There is no ssh on this computer. %s of %s is at %s; another client reaches it by: ssh -p %s %s@%s",
		client.Clean(a.service), a.target(), address, port, user, host)
}

// SetStdin replaces the process's own standard input.
func (s *Shell) SetStdin(r io.Reader) { s.stdin = r }

// SetStdout replaces the process's own standard output.
func (s *Shell) SetStdout(w io.Writer) { s.stdout = w }

// SetStderr replaces the process's own standard error.
func (s *Shell) SetStderr(w io.Writer) { s.stderr = w }

// ExitCode is ssh's, after Run: the remote command's own, 255 for a failure of ssh, -1 for one that did not run.
func (s *Shell) ExitCode() int { return s.code }

// Run prints the banner, runs ssh and holds the screen when it failed fast, so that the reason can be read. What ssh
// exits with is no error; that it could not be run is one.
func (s *Shell) Run() error {
	s.code = -1
	if !s.sessions.begin() {
		return &Failure{Text: "adit is closing: no shell is started."}
	}
	defer s.sessions.work.Done()
	place, err := s.prepare()
	if err != nil {
		return err
	}
	defer place.end()

	_, _ = fmt.Fprintln(s.stdout, s.banner(time.Now()))
	started := time.Now()
	err = s.ssh(place.ctx, place.config, s.sessions.opts.Store.Paths().Run)
	s.note(started, err)
	if s.code == sshFailure && time.Since(started) < failedFast && place.ctx.Err() == nil {
		_, _ = fmt.Fprintf(s.stderr, "\n%s\nenter to go back ", s.reason(place.gate.lastError()))
		s.awaitEnter(place.ctx)
	}
	return err
}

// user is ssh's default user in a context.
func (s *Sessions) user(where client.Context) string {
	if s.opts.User == nil {
		return ""
	}
	return s.opts.User(where)
}

// place is what one ssh needs: a directory with its configuration, and the socket to the device.
type place struct {
	ctx    context.Context
	config string
	gate   *gate
	// end takes it all away.
	end func()
}

// prepare makes the place. It lasts until its end, until the Shell's context is done, or the Sessions'.
func (s *Shell) prepare() (*place, error) {
	ctx, cancel := context.WithCancel(s.lasting)
	detach := context.AfterFunc(s.sessions.ctx, cancel)
	s.probe.keep()
	ends := []func(){cancel, func() { detach() }, s.probe.close}
	end := func() {
		for _, end := range slices.Backward(ends) {
			end()
		}
	}
	run := s.sessions.opts.Store.Paths().Run
	dir, err := newRunDir(run)
	if err != nil {
		end()
		return nil, err
	}
	ends = append(ends, dir.remove)
	config := filepath.Join(dir.path, "ssh_config")
	if err := s.writeConfig(config, dir.id); err != nil {
		end()
		return nil, err
	}
	find := func() (source, bool) { return s.sessions.running(s.tunnel.Key) }
	g, err := openGate(ctx, socketPath(run, dir.id), find, s.service, s.probe)
	if err != nil {
		end()
		return nil, err
	}
	ends = append(ends, g.close)
	return &place{ctx, config, g, end}, nil
}

// begin counts a piece of work that Close waits for; false when it is too late.
func (s *Sessions) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Add(1)
	return true
}

func (s *Shell) writeConfig(path, id string) error {
	stdin, terminal := s.stdin.(*os.File)
	c := sshConfig{
		Executable: s.sessions.opts.Executable, Session: id,
		Alias:      HostKeyAlias(s.tunnel.Context, s.name()),
		KnownHosts: filepath.Join(s.sessions.opts.Store.Paths().State, "known_hosts"),
		User:       s.sessions.user(s.tunnel.Context),
		Unattended: !terminal || !term.IsTerminal(int(stdin.Fd())),
	}
	text, err := c.text()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("ssh's configuration could not be written: %w", err)
	}
	return nil
}

// name is what ssh knows the device by: its thing, or the tunnel where that names none.
func (s *Shell) name() string {
	if s.tunnel.Thing != "" {
		return s.tunnel.Thing.Raw()
	}
	return "tunnel:" + s.tunnel.Key.ID
}

// arguments are ssh's.
func (s *Shell) arguments(config string) ([]string, error) {
	args := []string{"-F", config}
	if s.user != "" {
		if err := client.ValidateUser(s.user); err != nil {
			return nil, err
		}
		args = append(args, "-l", s.user)
	}
	return append(args, "--", Host(s.name())), nil
}

func (s *Shell) ssh(ctx context.Context, config, run string) error {
	args, err := s.arguments(config)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.stdin, s.stdout, s.stderr
	cmd.Env = append(WithoutTokens(os.Environ()), "ADIT_RUN_DIR="+run)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return cmd.Process.Kill() // Windows has no SIGTERM
		}
		return nil
	}
	cmd.WaitDelay = endPatience
	err = cmd.Run()
	if cmd.ProcessState != nil {
		s.code = cmd.ProcessState.ExitCode()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) || errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s could not be run: %w", s.program, err)
	}
	return nil
}

// WithoutTokens drops the variables in which the reference local proxy takes a tunnel's tokens: ssh and what it starts
// have no use for them.
func WithoutTokens(environ []string) []string {
	kept := make([]string, 0, len(environ)+1)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "AWSIOT_TUNNEL_") && strings.HasSuffix(name, "_TOKEN") {
			continue
		}
		kept = append(kept, entry)
	}
	return kept
}

// banner says where the shell is, in one line that stays in the scrollback.
func (s *Shell) banner(now time.Time) string {
	c := s.tunnel.Context
	parts := []string{thingOrTunnel(s.tunnel)}
	switch {
	case c.Demo:
		parts = append(parts, "DEMO")
	case c.NotAWS():
		from := ""
		if c.EndpointFrom != "" {
			from = " (from " + c.EndpointFrom + ")"
		}
		parts = append(parts, "NOT AWS "+client.Clean(c.Endpoint)+from)
	default:
		if c.Profile != "" {
			parts = append(parts, "profile "+client.Clean(c.Profile))
		}
		parts = append(parts, c.Region)
	}
	if c.Production {
		parts = append(parts, "PRODUCTION")
	}
	if s.tunnel.Thing != "" {
		parts = append(parts, "tunnel "+shortTunnel(s.tunnel.Key.ID))
	}
	if ends := s.tunnel.Ends(); !ends.IsZero() {
		parts = append(parts, fmt.Sprintf("ends %s (%s left)", clock(ends), lasting(ends.Sub(now))))
	}
	return strings.Join(parts, " · ")
}

// reason is why ssh ended at once, as far as this side knows.
func (s *Shell) reason(err error) string {
	device := thingOrTunnel(s.tunnel)
	switch {
	case errors.Is(err, tunnelconn.ErrBusyPeer):
		return device + " speaks the old protocol: one connection at a time, and another window of yours has it."
	case errors.Is(err, tunnelconn.ErrReplaced):
		return "Someone else took the source of " + device + ". adit will not fight back."
	case errors.Is(err, tunnelconn.ErrTunnelClosed):
		return "The tunnel to " + device + " was closed."
	case errors.Is(err, tunnelconn.ErrClosed):
		return "The local proxy to " + device + " was stopped."
	}
	return "ssh ended at once (255); what it says stands above. Often the user or the key is not what the device expects: set them for Host " + Host(s.name()) + " in ~/.ssh/config."
}

// awaitEnter returns on a line's end, the end of input, or when the context ends.
func (s *Shell) awaitEnter(ctx context.Context) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		one := make([]byte, 1)
		for !bytes.ContainsAny(one, "\r\n") {
			if _, err := s.stdin.Read(one); err != nil {
				return
			}
		}
	}()
	select {
	case <-read:
	case <-ctx.Done():
	}
}
