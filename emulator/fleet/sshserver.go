package fleet

import (
	"context"
	"net"
	"strings"
	"sync"

	"charm.land/ssh"
	gossh "golang.org/x/crypto/ssh"

	"adit/emulator/fleet/world"
)

// sshServer lets anybody log in to a machine's shell: it listens on loopback, and what it leads to is made up. It opens
// sessions alone; port forwarding, subsystems such as sftp and everything else is refused.
type sshServer struct {
	*ssh.Server
	machine *world.Machine
	tasks   *tasks
}

func newSSHServer(d *device) *sshServer {
	s := &sshServer{machine: d.machine, tasks: &d.tasks}
	s.Server = &ssh.Server{
		Version:                "dropbear_2022.83",
		HostSigners:            []ssh.Signer{d.hostKey},
		Handler:                s.login,
		PtyHandler:             attachTerminal,
		SessionRequestCallback: admit,
		ChannelHandlers:        map[string]ssh.ChannelHandler{"session": s.session},
	}
	return s
}

func (s *sshServer) Serve(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		s.tasks.spawn(func() { s.HandleConn(conn) })
	}
}

// login is one session, handed to the library as the session's context. The library's own context lives as long as the
// connection, which may carry several sessions.
type login struct {
	ssh.Context
	// open ends with the session's channel.
	open context.Context
	// tty is nil without a terminal; it is set before the handler runs.
	tty  *world.TTY
	term string
	// running counts the session's goroutines.
	running sync.WaitGroup
}

// session serves one session channel until it is closed and its goroutines are gone.
func (s *sshServer) session(srv *ssh.Server, conn *gossh.ServerConn, channel gossh.NewChannel, ctx ssh.Context) {
	s.tasks.run(func() {
		open, end := context.WithCancel(ctx)
		l := &login{Context: ctx, open: open}
		// It returns when the client has closed the channel or the connection is lost.
		ssh.DefaultSessionHandler(srv, conn, channel, l)
		end()
		if l.tty != nil {
			l.tty.Hangup()
		}
		l.running.Wait()
	})
}

// attachTerminal makes the terminal of a session. The request loop calls it, before the handler and before any window
// change, so the window cannot change under its hands.
func attachTerminal(ctx ssh.Context, session ssh.Session, pty ssh.Pty) (func() error, error) {
	l := ctx.(*login)
	_, windows, _ := session.Pty()
	l.term = pty.Term
	l.tty = world.NewTTY(session, pty.Window.Width, pty.Window.Height)
	l.running.Go(func() {
		for window := range windows {
			l.tty.Resize(window.Width, window.Height)
		}
	})
	return func() error { return nil }, nil
}

// admit counts the handler that the request loop is about to start. There are no subsystems.
func admit(session ssh.Session, request string) bool {
	if request == "subsystem" {
		return false
	}
	session.Context().(*login).running.Add(1)
	return true
}

// login runs the command or the shell of a session and hands its status to the client.
func (s *sshServer) login(session ssh.Session) {
	l := session.Context().(*login)
	defer l.running.Done()
	s.machine.Log("dropbear", "%s logged in", printable(session.User()))
	var shell *world.Shell
	if l.tty != nil {
		l.running.Go(l.tty.Pump)
		defer l.tty.Hangup()
		shell = world.NewTerminalShell(s.machine, printable(session.User()), l.term, l.tty)
	} else {
		shell = world.NewShell(s.machine, printable(session.User()), world.Streams{In: session, Out: session, Err: session.Stderr()})
	}
	for _, variable := range session.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		shell.Set(name, value)
	}
	_ = session.Exit(l.run(shell, session.RawCommand()))
}

// run runs the command of a session, or its shell when there is none.
func (l *login) run(shell *world.Shell, command string) int {
	switch {
	case command != "":
		return shell.Exec(l.open, command)
	case l.tty != nil:
		return shell.Interact(l.open)
	default:
		return shell.Script(l.open)
	}
}

// printable keeps what a client calls itself from drawing on a terminal.
func printable(user string) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '/' {
			return -1
		}
		return r
	}, user)
	if clean == "" {
		return "service"
	}
	return clean
}
