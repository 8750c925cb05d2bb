package cli

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"golang.org/x/term"

	"adit/settings"
	"adit/ui"
	"adit/views"
)

// runScreen gives the terminal to the screen until the user or a signal ends it, and then closes every backend that was
// made for it, and what else is to end.
func runScreen(ctx context.Context, w *world, flags *screenFlags, opts views.Options, ends ...func() error) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return errors.New("adit draws a screen and needs a terminal on standard input and output")
	}
	watch, err := newGuard(w.executable, w.paths.State)
	if err != nil {
		return err
	}

	var made backends
	drawn := make(chan struct{})
	opts.Connect = after(drawn, made.keeping(opts.Connect))
	if opts.Demo != nil {
		opts.Demo = made.keeping(opts.Demo)
	}
	chosen := flags.settings
	opts.Keys, opts.Filters = flags.keys, chosen.Filters
	opts.Now = time.Now
	opts.Journal, opts.Log, opts.Save = w.kept.journal, w.kept.log.ring, saver(w.paths.State)
	opts.Copy, opts.Notify = clipboardFor(runtime.GOOS, os.Getenv), chosen.Notify
	opts.Tmux = tmuxAround(os.Getenv) != ""
	opts.Browse = browser(runtime.GOOS, os.Getenv)
	opts.Look, opts.FollowTerminal = look(chosen)

	// The signals are adit's own (withSignals), and so are panics: the guard restores the terminal for those of every
	// goroutine, not only the program's.
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithoutCatchPanics()}
	if opts.Look.NoColor {
		// The library reads NO_COLOR as a boolean; no-color.org says any value counts.
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	screen, cancel := context.WithCancel(ctx)
	defer cancel()
	model := newScreen(screen, w, opts)
	ended := false
	defer func() {
		if !ended { // by a panic of the event loop, perhaps before there is somebody to give the terminal back
			_ = watch.start()
		}
	}()
	debug.SetGCPercent(-1)
	first := time.AfterFunc(firstFrame, func() {
		debug.SetGCPercent(garbage)
		close(drawn)
		if err := watch.start(); err != nil {
			w.log.Error("a crash would leave the terminal as the screen has it", "error", err)
		}
	})
	defer first.Stop()
	err = views.Run(model, options...)
	ended = true
	cancel()
	err = errors.Join(ignoreKilled(ctx, err), within(closingLimit, "adit", w.log, func() error {
		failed := made.close()
		for _, end := range ends {
			failed = errors.Join(failed, end())
		}
		return failed
	}))
	// Not by a defer: a panic of the event loop, which is this goroutine's, would run it on its way out, and the guard would
	// take the crash for an orderly end.
	watch.release()
	return err
}

// firstFrame is how long nothing is begun that the first screen does not show: a connection, the crash guard's process and
// a garbage collection would take the processors from it. The library does not tell when it has drawn; half of this is enough mostly.
const firstFrame = 50 * time.Millisecond

// garbage is how much of the memory in use may lie about unused, in percent, before it is collected: half of what Go takes
// for granted, as thousands of tunnels stay in use for hours and little garbage comes of them. GOGC does not count here.
const garbage = 50

// after makes a backend once something has happened.
func after(event <-chan struct{}, makeOne makeBackend) makeBackend {
	return func(ctx context.Context) (*views.Backend, error) {
		select {
		case <-event:
			return makeOne(ctx)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look is what the screen is drawn for. All themes but dark and light go with the terminal's background.
func look(chosen *settings.Settings) (l ui.Look, follow bool) {
	l = ui.Look{Dark: chosen.Theme != "light", ASCII: chosen.ASCII, NoColor: chosen.NoColor, ReducedMotion: chosen.ReducedMotion}
	l.Colours = map[string]ui.Colours{"high-contrast": ui.HighContrast, "16-colour": ui.Sixteen, "colour-blind": ui.ColourBlind}[chosen.Theme]
	return l, chosen.Theme != "dark" && chosen.Theme != "light"
}

// ignoreKilled drops the error of a program that ended because its context did.
func ignoreKilled(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) {
		return nil
	}
	return err
}

// backends remembers what the screen made, so that all of it is closed, also what was made too late to be shown.
type backends struct {
	mu     sync.Mutex
	closed bool
	all    []*views.Backend
}

type makeBackend = func(context.Context) (*views.Backend, error)

func (b *backends) keeping(makeOne makeBackend) makeBackend {
	return func(ctx context.Context) (*views.Backend, error) {
		backend, err := makeOne(ctx)
		if err != nil || backend.Close == nil {
			return backend, err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.closed {
			return nil, errors.Join(context.Canceled, backend.Close())
		}
		b.all = append(b.all, backend)
		return backend, nil
	}
}

func (b *backends) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	var failed error
	for _, backend := range b.all {
		failed = errors.Join(failed, backend.Close())
	}
	return failed
}
