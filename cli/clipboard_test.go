package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClipboardIsChosenByWhereAditRunsAndTakesTextByStdin(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"$@\" > " + dir + "/args\ncat > " + dir + "/text\n"
	if err := os.WriteFile(filepath.Join(dir, "tmux"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	env := map[string]string{"SSH_TTY": "/dev/pts/3"}
	getenv := func(name string) string { return env[name] }
	if clipboardFor("linux", getenv) != nil {
		t.Error("over ssh the clipboard is not the terminal's")
	}
	delete(env, "SSH_TTY")
	if clipboardFor("linux", getenv) != nil {
		t.Error("without a desktop the clipboard is not the terminal's")
	}
	env["TMUX"] = "/tmp/tmux-0/default,1,0"
	copyText := clipboardFor("linux", getenv)
	if copyText == nil {
		t.Fatal("tmux's clipboard is not used")
	}
	if err := copyText("s3cret"); err != nil {
		t.Fatal(err)
	}
	args, _ := os.ReadFile(filepath.Join(dir, "args"))
	text, _ := os.ReadFile(filepath.Join(dir, "text"))
	if strings.TrimSpace(string(args)) != "load-buffer -w -" || string(text) != "s3cret" {
		t.Errorf("tmux %q was given %q", args, text)
	}
	if err := os.WriteFile(filepath.Join(dir, "tmux"), []byte("#!/bin/sh\necho no server >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := copyText("x"); err == nil || !strings.Contains(err.Error(), "no server") {
		t.Errorf("a tmux that refuses: %v", err)
	}
}
