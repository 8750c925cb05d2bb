package session

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
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
	// tmuxLimit bounds how long tmux may take to open one.
	tmuxLimit = 10 * time.Second
)

// windowScript shows the banner, runs ssh, and keeps the window open where ssh failed, so that the reason can be read.
const windowScript = `printf '%s\n' "$1"; shift; "$@"; code=$?
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
	limited, cancel := context.WithTimeout(place.ctx, tmuxLimit)
	defer cancel()
	if said, err := exec.CommandContext(limited, tmux, append(s.windowArgs(where), ssh...)...).CombinedOutput(); err != nil {
		place.end()
		s.sessions.work.Done()
		return &Failure{Text: fmt.Sprintf("tmux opened no window: %v %s", err, client.Clean(strings.TrimSpace(string(said)))), Err: err}
	}
	s.sessions.addWindow(s)
	go func() {
		defer s.sessions.work.Done()
		place.gate.awaitEnd(knockPatience)
		s.sessions.dropWindow(s)
		s.code = 0
		s.note(started, place.gate.lastError())
		place.end()
	}()
	return nil
}

// windowArgs are tmux's, to be followed by ssh's: no token is among them, and none reaches the window's environment.
func (s *Shell) windowArgs(where Window) []string {
	args := []string{"new-window", "-n", Host(s.name())}
	if where == NewPane {
		args = []string{"split-window"}
	}
	return append(args, "env", "-u", "AWSIOT_TUNNEL_ACCESS_TOKEN", "-u", "AWSIOT_TUNNEL_CLIENT_TOKEN",
		"ADIT_RUN_DIR="+s.sessions.opts.Store.Paths().Run, "sh", "-c", windowScript, "adit", s.banner(time.Now()), s.program)
}

func (s *Sessions) addWindow(w *Shell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows = append(s.windows, w)
}

func (s *Sessions) dropWindow(w *Shell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.windows = slices.DeleteFunc(s.windows, func(other *Shell) bool { return other == w })
}

// Windows are the devices to which a shell runs in a window of its own, clean, in the order they were opened.
func (s *Sessions) Windows() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	targets := make([]string, len(s.windows))
	for i, w := range s.windows {
		targets[i] = thingOrTunnel(w.tunnel)
	}
	return targets
}
