// Package session takes a user from a thing, or from a tunnel, to a shell on the device or to a local port, in stages
// that anyone can follow; and it remembers what adit opened.
//
// A tunnel has one source side, and whoever connects as source throws the present one off. So one process of a user, the
// holder, has the source of a tunnel and serves everyone else's connections: here that is the process of the screen. ssh
// reaches it through `adit connect`, which joins ssh's standard streams to the holder's Unix socket.
//
// Rotating a token is free, opening a tunnel is billed: a session reuses what is open where it can, opens only when told
// to, and never opens twice because an answer was lost. The package draws nothing.
package session

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

// DataPlane is where a context's local proxies connect.
type DataPlane struct {
	// Endpoint is host[:port].
	Endpoint string
	// Roots are the authorities to trust, nil for the system's.
	Roots *x509.CertPool
}

// Options are what Sessions are made of.
type Options struct {
	Manager *tunnelconn.Manager
	Watcher *client.Watcher
	Store   *Store
	// DataPlane tells where a context's data plane is (see ResolveDataPlane for the trust rule).
	DataPlane func(client.Context) (DataPlane, error)
	// Executable is the absolute path of adit, for ssh's ProxyCommand.
	Executable string
	// SSH is the ssh program to look up, "ssh" by default; User its default user, "" for ssh's own choice.
	SSH, User string
	// Owner is written to the tags of what adit opens and holds, such as alice@bastion3.
	Owner string
	Log   *slog.Logger
}

// Then is what follows once the device is connected.
type Then uint8

const (
	ThenShell Then = iota
	ThenProxy
	ThenNothing
)

// Request asks for a way to a device.
type Request struct {
	Service client.Service
	// Key is the tunnel to use; a zero Key looks for one of Thing that can be reused.
	Key   client.Key
	Thing string
	// Open opens a new tunnel, billed, with these parameters instead.
	Open *client.OpenInput
	Then Then
	// Name is the service of the tunnel that the shell goes to, "" for SSH or else the only one.
	Name string
	// Bind is the local address of the proxy by service, such as 127.0.0.1:5555; a missing one is 127.0.0.1:0.
	Bind map[string]string
	// TakeOver allows to throw a present source off that is not this adit.
	TakeOver bool
	// Peer is the protocol the device speaks, Auto to use what was learnt.
	Peer tunnelconn.Version
}

// StageID names a stage of an Attempt, in their order.
type StageID string

const (
	StageTunnel StageID = "tunnel" // reuse or open
	StageToken  StageID = "token"  // rotate
	StageDevice StageID = "device" // the destination is connected
	StageProxy  StageID = "proxy"  // the local proxy is connected and listens
	StageAnswer StageID = "answer" // the device's ssh answered
	StageShell  StageID = "shell"
)

// StageState is how far a stage is.
type StageState uint8

const (
	StagePending StageState = iota
	StageRunning
	StageDone
	StageFailed
)

// Stage is one step, in words.
type Stage struct {
	ID    StageID
	State StageState
	// Text says what is done, or what happened; Remedy what to do about a failure.
	Text, Remedy   string
	Started, Ended time.Time
}

// Progress is a snapshot of an Attempt.
type Progress struct {
	Seq    uint64
	Target string // the thing, or the tunnel's id without one
	Key    client.Key
	Stages []Stage
	// Done: nothing more will change. Err says why it failed.
	Done bool
	Err  error
	// Shell is ready to be run, when Done without Err and a shell was asked for and ssh exists.
	Shell *Shell
	// Note is a sentence for the user that is no failure, such as that there is no ssh and which address to use.
	Note string
	// ResendAfter is when the device's token may be sent again (Attempt.Resend); zero when that makes no sense.
	ResendAfter time.Time
}

// Sessions runs attempts. It is safe for concurrent use.
type Sessions struct{}

// New makes the Sessions of a process.
func New(opts Options) (*Sessions, error) { panic("not built") }

// Start begins an attempt; ctx ends it.
func (s *Sessions) Start(ctx context.Context, req Request) *Attempt { panic("not built") }

// Attempt is one way from a thing or tunnel to a shell or port.
type Attempt struct{}

// Progress is the present state.
func (a *Attempt) Progress() Progress { panic("not built") }

// Next blocks until the progress differs from seen.
func (a *Attempt) Next(ctx context.Context, seen uint64) (Progress, error) { panic("not built") }

// Resend rotates the destination's token, so that the device is told again; at most every 30 s.
func (a *Attempt) Resend(ctx context.Context) error { panic("not built") }

// Cancel gives up. What runs already, the local proxy, stays.
func (a *Attempt) Cancel() { panic("not built") }

// Proxy is a running local proxy with what it is for.
type Proxy struct {
	tunnelconn.Status
	Tunnel client.Key
	Thing  string
}

// Proxies lists them in the order they were started.
func (s *Sessions) Proxies() []Proxy { panic("not built") }

// StopProxy ends the local proxy of a tunnel; the tunnel stays open.
func (s *Sessions) StopProxy(key client.Key) error { panic("not built") }

// Mine tells whether this adit opened the tunnel or holds its source.
func (s *Sessions) Mine(key client.Key) bool { panic("not built") }

// Close stops every proxy and removes the sockets and per-run files.
func (s *Sessions) Close() error { panic("not built") }

// Shell is an ssh about to run. It has the form of tea.ExecCommand, so that the screen can hand the terminal over.
type Shell struct{}

func (s *Shell) SetStdin(r io.Reader)  { panic("not built") }
func (s *Shell) SetStdout(w io.Writer) { panic("not built") }
func (s *Shell) SetStderr(w io.Writer) { panic("not built") }

// Run prints the banner, runs ssh and holds the screen when it failed fast, so that the reason can be read.
func (s *Shell) Run() error { panic("not built") }

// ExitCode is ssh's, after Run.
func (s *Shell) ExitCode() int { panic("not built") }
