package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"adit/client"
	"adit/session"
	"adit/views"
)

// logins are the AWS CLI's, run in the terminal.
type logins struct {
	ctx  context.Context
	keys *interrupts
	// browser tells whether there is one here; else the login shows a code for one elsewhere.
	browser bool
}

// prepare finds the AWS CLI; the words are those behind `aws`.
func (l logins) prepare(words []string) views.Login {
	program, err := exec.LookPath("aws")
	if err != nil {
		return views.Login{Note: "The AWS CLI (aws) is not installed here, so adit cannot run this."}
	}
	login := views.Login{Run: &awsLogin{logins: l, program: program, words: words, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}}
	if !l.browser {
		login.Note = "No browser is seen here: the login will show an address and a code for a browser elsewhere."
	}
	return login
}

// hasBrowser tells whether a login could open a browser that its user sees.
func hasBrowser(system string, getenv func(string) string) bool {
	if getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != "" {
		return false
	}
	if system == "darwin" || system == "windows" {
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != "" || getenv("BROWSER") != ""
}

// awsLogin has the form of tea.ExecCommand, so that the screen can hand the terminal over.
type awsLogin struct {
	logins
	program string
	words   []string

	stdin          io.Reader
	stdout, stderr io.Writer
}

func (l *awsLogin) SetStdin(r io.Reader)  { l.stdin = r }
func (l *awsLogin) SetStdout(w io.Writer) { l.stdout = w }
func (l *awsLogin) SetStderr(w io.Writer) { l.stderr = w }

// Run logs in. When that fails it holds the screen, so that the reason can be read.
func (l *awsLogin) Run() error {
	return l.keys.leave(func() error {
		err := l.login()
		if err != nil && l.ctx.Err() == nil {
			fmt.Fprintf(l.stdout, "\nadit: %v Enter goes back.\n", err)
			awaitLine(l.ctx, l.stdin)
		}
		return err
	})
}

func (l *awsLogin) login() error {
	words, err := l.fitting()
	if err != nil {
		return err
	}
	fmt.Fprintf(l.stdout, "adit: aws %s\n\n", client.Clean(strings.Join(words, " ")))
	cmd := l.command(words...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = l.stdin, l.stdout, l.stderr
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return fmt.Errorf("The login did not come through: aws ended with exit status %d.", exit.ExitCode())
	case err != nil:
		return fmt.Errorf("The login did not come through: %w.", err)
	}
	return nil
}

// aws is a program of a person's, and knows what their browser needs: it gets their environment, without what adit alone
// may know.
func (l *awsLogin) command(words ...string) *exec.Cmd {
	cmd := exec.CommandContext(l.ctx, l.program, words...)
	cmd.Env = session.WithoutTokens(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 3 * time.Second
	return cmd
}

// deviceCode is the first AWS CLI of version 2 that asks for the device code by an option; those before always use one.
const deviceCode = 22

// fitting adds what the login needs where there is no browser, in the words of the AWS CLI that is installed.
func (l *awsLogin) fitting() ([]string, error) {
	var out bytes.Buffer
	ask := l.command("--version")
	ask.Stdout = &out
	if err := ask.Run(); err != nil {
		return nil, fmt.Errorf("The AWS CLI does not run: %w.", err)
	}
	awsVersion := regexp.MustCompile(`^aws-cli/(\d+)\.(\d+)\.`)
	major, minor := 2, deviceCode
	if found := awsVersion.FindSubmatch(out.Bytes()); found != nil {
		major, _ = strconv.Atoi(string(found[1]))
		minor, _ = strconv.Atoi(string(found[2]))
	}
	switch {
	case major < 2:
		return nil, errors.New("The AWS CLI installed here is version 1, which cannot log in: install version 2.")
	case l.browser:
		return l.words, nil
	case l.words[0] == "login":
		return append(l.words[:len(l.words):len(l.words)], "--remote"), nil
	case minor >= deviceCode:
		return append(l.words[:len(l.words):len(l.words)], "--no-browser", "--use-device-code"), nil
	}
	return append(l.words[:len(l.words):len(l.words)], "--no-browser"), nil
}

// awaitLine returns on a line's end, the end of input, or when the context ends.
func awaitLine(ctx context.Context, from io.Reader) {
	read := make(chan struct{})
	go func() {
		defer close(read)
		one := make([]byte, 1)
		for one[0] != '\n' && one[0] != '\r' {
			if _, err := from.Read(one); err != nil {
				return
			}
		}
	}()
	select {
	case <-read:
	case <-ctx.Done():
	}
}
