package session

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"adit/client"
)

// Window is where in tmux a shell opens.
type Window uint8

const (
	NewWindow Window = iota
	NewPane
)

const (
	// knockPatience is how long ssh may take to come to its socket once its window is open.
	knockPatience = time.Minute
	// tmuxLimit bounds how long tmux may take to open or close one.
	tmuxLimit = 10 * time.Second
	// statusEvery is the pause between two looks for ssh's exit status.
	statusEvery = 20 * time.Millisecond
	// statusUnknown stands for the exit status of an ssh that did not live to tell it.
	statusUnknown = -1
)

// windowScript shows the banner, runs ssh, leaves its exit status in a file, and keeps the window open where ssh failed, so
// that the reason can be read. The file's directory is gone where adit has gone.
const windowScript = `status=$1; printf '%s\n' "$2"; shift 2; "$@"; code=$?
{ printf '%s\n' "$code" >"$status.new" && mv "$status.new" "$status"; } 2>/dev/null
if [ "$code" = 255 ]; then printf '\nssh ended with 255; enter closes this window '; read -r _; fi
exit "$code"`

// Open runs the shell in a window or pane of tmux of its own, and returns once that is open; the screen stays. The way to
// the device is kept until ssh ends, or this process.
func (s *Shell) Open(where Window) error {
	tmux := s.sessions.opts.Tmux
	if tmux == "" {
		return &Failure{Text: "adit does not run in tmux, so that it cannot open a window.", Remedy: "Start adit inside of tmux, or take the shell here."}
	}
	if !s.sessions.begin() {
		return &Failure{Text: "adit is closing: no shell is started."}
	}
	place, err := s.prepare()
	if err != nil {
		s.sessions.work.Done()
		return err
	}
	ssh, err := s.arguments(place.config)
	if err != nil {
		place.end()
		s.sessions.work.Done()
		return err
	}
	started := time.Now()
	status := filepath.Join(filepath.Dir(place.config), "status")
	pane, err := runTmux(place.ctx, tmux, append(s.windowArgs(where, status), ssh...)...)
	if err != nil {
		place.end()
		s.sessions.work.Done()
		return &Failure{Text: "tmux opened no window: " + err.Error(), Err: err}
	}
	s.sessions.addWindow(window{s, pane})
	go func() {
		defer s.sessions.work.Done()
		place.gate.awaitEnd(knockPatience)
		s.code = exitStatus(place.ctx, status)
		s.sessions.dropWindow(s)
		s.note(started, place.gate.lastError())
		place.end()
	}()
	return nil
}

// windowArgs are tmux's, to be followed by ssh's: no token is among them, and none reaches the window's environment.
// tmux prints the pane's id, by which it knows the pane for as long as it runs.
func (s *Shell) windowArgs(where Window, status string) []string {
	args := []string{"new-window", "-n", Host(s.name())}
	if where == NewPane {
		args = []string{"split-window"}
	}
	return append(args, "-P", "-F", "#{pane_id}", "env", "-u", "AWSIOT_TUNNEL_ACCESS_TOKEN", "-u", "AWSIOT_TUNNEL_CLIENT_TOKEN",
		"ADIT_RUN_DIR="+s.sessions.opts.Store.Paths().Run, "sh", "-c", windowScript, "adit", status, s.banner(time.Now()), s.program)
}

// runTmux returns what tmux says.
func runTmux(ctx context.Context, tmux string, args ...string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, tmuxLimit)
	defer cancel()
	cmd := exec.CommandContext(limited, tmux, args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	said, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w %s", err, client.Clean(strings.TrimSpace(complaint.String())))
	}
	return strings.TrimSpace(string(said)), nil
}

// exitStatus is what ssh left in a file when it ended, which is a moment after its connection did; statusUnknown where its
// window was closed over it, or adit ends.
func exitStatus(ctx context.Context, path string) int {
	limited, cancel := context.WithTimeout(ctx, endPatience)
	defer cancel()
	for {
		if text, err := os.ReadFile(path); err == nil {
			if code, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
				return code
			}
		}
		if pause(limited, statusEvery) != nil {
			return statusUnknown
		}
	}
}

// window is a shell in a window or pane of its own, and tmux's id of the pane.
type window struct {
	shell *Shell
	pane  string
}

func (s *Sessions) addWindow(w window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows = append(s.windows, w)
}

func (s *Sessions) dropWindow(shell *Shell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows = slices.DeleteFunc(s.windows, func(w window) bool { return w.shell == shell })
}

// CloseWindows closes the panes that shells were opened in, and nothing else of tmux. What ran in them is hung up. It returns
// once tmux has closed them, with the first error of those that it did not; the others are closed all the same.
func (s *Sessions) CloseWindows(ctx context.Context) error {
	s.mu.Lock()
	windows := slices.Clone(s.windows)
	s.mu.Unlock()
	var failed error
	for _, w := range windows {
		if _, err := runTmux(ctx, s.opts.Tmux, "kill-pane", "-t", w.pane); err != nil && failed == nil {
			failed = &Failure{Text: "The window of the shell on " + thingOrTunnel(w.shell.tunnel) + " could not be closed: " + err.Error(), Err: err}
		}
	}
	return failed
}

// Windows are the devices to which a shell runs in a window of its own, clean, in the order they were opened.
func (s *Sessions) Windows() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	targets := make([]string, len(s.windows))
	for i, w := range s.windows {
		targets[i] = thingOrTunnel(w.shell.tunnel)
	}
	return targets
}
