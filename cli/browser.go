package cli

import (
	"fmt"
	"os/exec"
)

// browser is what opens a URL on this computer, nil where nobody would see it: over ssh, or without a desktop.
func browser(system string, getenv func(string) string) func(url string) error {
	var program string
	var args []string
	switch {
	case getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != "":
		return nil
	case system == "darwin":
		program = "open"
	case system == "windows":
		program, args = "rundll32", []string{"url.dll,FileProtocolHandler"}
	case getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "":
		program = "xdg-open"
	default:
		return nil
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil
	}
	return func(url string) error {
		// It has no part in the terminal, which the screen has, and may live on when adit ends.
		cmd := exec.Command(path, append(args, url)...)
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
		go func() { _ = cmd.Wait() }()
		return nil
	}
}
