package cli

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/atotto/clipboard"
)

// copyLimit bounds how long a clipboard may take.
const copyLimit = 3 * time.Second

// clipboardFor is the way to the clipboard where this process runs: tmux's own inside of tmux, which passes it on to the
// terminal; the desktop's where there is one; nil for neither, and over ssh, where the terminal's own sequence (OSC 52) is the
// way. What is copied goes through standard input: a command line is there for all to read.
func clipboardFor(system string, getenv func(string) string) func(text string) error {
	if tmux := tmuxAround(getenv); tmux != "" {
		return func(text string) error { return tmuxCopy(tmux, text) }
	}
	switch {
	case getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != "":
		return nil
	case system == "linux" && getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "":
		return nil
	case clipboard.Unsupported:
		return nil
	}
	return clipboard.WriteAll
}

// tmuxAround is the tmux program, where this process runs inside of it; "" for none.
func tmuxAround(getenv func(string) string) string {
	if getenv("TMUX") == "" {
		return ""
	}
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		return ""
	}
	return tmux
}

// tmuxCopy fills tmux's buffer, which -w (tmux 3.2) also hands to the terminal's clipboard.
func tmuxCopy(tmux, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), copyLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, tmux, "load-buffer", "-w", "-")
	cmd.Stdin = strings.NewReader(text)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("tmux load-buffer: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}
