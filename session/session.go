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
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"adit/client"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
)

// DataPlane is where a context's local proxies connect.
type DataPlane struct {
	// Endpoint is host[:port].
	Endpoint string
	// Roots are the authorities to trust, nil for the system's.
	Roots *x509.CertPool
	// Note is a sentence for the user about a setting that was not followed, "" for none.
	Note string
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
	// SSH is the ssh program to look up, "ssh" by default.
	SSH string
	// User is ssh's default user for a context's tunnels, "" for ssh's own choice; nil for that everywhere.
	User func(client.Context) string
	// Owner is written to a tag of the tunnels whose source adit has, for as long as it has it, such as alice@bastion3.
	Owner string
	Log   *slog.Logger
	// Tmux is the tmux program, where this process runs inside of it; "" for none.
	Tmux string
	// Journal notes the local proxies and shells, nil for nothing.
	Journal *client.Journal
}

// closeGrace is how long Close waits for an open or a rotation that is under way, as its answer is worth money, and for
// the holder tags to be taken away.
const closeGrace = 3 * time.Second

// Sessions runs attempts. It is safe for concurrent use.
type Sessions struct {
	opts    Options
	manager proxyManager
	watcher watcher
	log     *slog.Logger

	// ctx lasts as long as the Sessions. Calls whose answer must be recorded hang on it rather than on an attempt.
	ctx  context.Context
	stop context.CancelFunc
	// parting lasts a little longer, for what is tidied up after the proxies have stopped.
	parting context.Context
	part    context.CancelFunc
	// work counts the goroutines of attempts, shells and proxies.
	work sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	attempts map[*Attempt]struct{}
	// tokens are source tokens that were issued to us and not used yet.
	tokens map[client.Key]token.Token
	// sent tells when a tunnel's device was last sent its token by us, whichever attempt it was.
	sent map[client.Key]time.Time
	// turns let one attempt at a time see to the source of a tunnel.
	turns map[client.Key]chan struct{}
	// held are the tunnels whose source this process started.
	held map[client.Key]holding
	// lost are the tunnels whose source somebody else took from this process, once their proxy is forgotten.
	lost map[client.Key]bool
	// marks are the last holder tags of this process's.
	marks map[client.Key]*mark
	// windows are the shells in windows of their own.
	windows []window
	// released tells of the sources that this process gave back.
	released map[client.Key]release
	// opened are the tunnels this process opened and has not closed; earlier are those of the Store when it started.
	opened  []OpenedTunnel
	earlier map[client.Key]bool
}

// holding is what a running proxy is for.
type holding struct {
	thing string
	name  string // the Manager's key
	// guesses: nothing was known of the device's protocol when the proxy started.
	guesses bool
	// cut is set while a rotation of our own may end the proxy.
	cut bool
}

// release is a source given back: when by our clock, and since when it was connected by the service's, zero where the
// service had not told yet.
type release struct{ at, since time.Time }

// New makes the Sessions of a process.
func New(opts Options) (*Sessions, error) {
	if opts.Manager == nil || opts.Watcher == nil || opts.Store == nil || opts.DataPlane == nil {
		return nil, errors.New("session: Manager, Watcher, Store and DataPlane must be given")
	}
	return newSessions(opts, manager{opts.Manager}, opts.Watcher)
}

func newSessions(opts Options, m proxyManager, w watcher) (*Sessions, error) {
	if !filepath.IsAbs(opts.Executable) {
		return nil, fmt.Errorf("session: the path of adit must be absolute, and %q is not", opts.Executable)
	}
	if opts.SSH == "" {
		opts.SSH = "ssh"
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	run := opts.Store.Paths().Run
	if err := privateDir(run); err != nil {
		return nil, err
	}
	before, err := opts.Store.read()
	if err != nil {
		return nil, err
	}
	earlier := map[client.Key]bool{}
	for _, o := range before.Opened {
		earlier[o.Key] = true
	}
	ctx, stop := context.WithCancel(context.Background())
	parting, part := context.WithCancel(context.Background())
	removeAbandoned(run)
	return &Sessions{
		opts: opts, manager: m, watcher: w, log: opts.Log, ctx: ctx, stop: stop, parting: parting, part: part,
		attempts: map[*Attempt]struct{}{},
		tokens:   map[client.Key]token.Token{},
		sent:     map[client.Key]time.Time{},
		turns:    map[client.Key]chan struct{}{},
		held:     map[client.Key]holding{},
		lost:     map[client.Key]bool{},
		marks:    map[client.Key]*mark{},
		released: map[client.Key]release{},
		earlier:  earlier,
	}, nil
}

// Start begins an attempt; ctx ends it, and the Shell that comes out of it.
func (s *Sessions) Start(ctx context.Context, req Request) *Attempt {
	a := newAttempt(ctx, s, req)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		a.cancel()
		a.board.finish(&Failure{Text: "adit is closing: nothing new is started."}, nil, "")
		return a
	}
	s.attempts[a] = struct{}{}
	s.work.Go(func() {
		a.run()
		s.mu.Lock()
		delete(s.attempts, a)
		s.mu.Unlock()
	})
	return a
}

// Close stops every proxy and removes the sockets, the per-run files and the holder tags. An open or a rotation under way
// gets three seconds to answer, and with it what is tidied up at the service; an open that is cut off stays in the Store as an intent.
func (s *Sessions) Close() error {
	s.mu.Lock()
	s.closed = true
	attempts := slices.Collect(maps.Keys(s.attempts))
	s.mu.Unlock()
	cutOff := time.AfterFunc(closeGrace, func() {
		s.stop()
		s.part()
	})
	defer cutOff.Stop()
	for _, a := range attempts {
		a.cancel()
	}
	for _, a := range attempts {
		<-a.ended
	}
	s.stop()
	err := s.manager.Close()
	s.work.Wait()
	s.part()
	return err
}
