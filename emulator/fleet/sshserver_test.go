package fleet

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// applications is a device without an agent.
func applications(t *testing.T, name string) *device {
	t.Helper()
	d, err := newDevice(Thing{Name: name}, withDefaults(Config{Seed: 7}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	if err := d.startApplications(); err != nil {
		t.Fatal(err)
	}
	return d
}

// logIn connects as a user and trusts no key but the thing's.
func logIn(t *testing.T, d *device, user string) *ssh.Client {
	t.Helper()
	client, err := ssh.Dial("tcp", d.targets["SSH"], &ssh.ClientConfig{User: user, HostKeyCallback: ssh.FixedHostKey(d.hostKey.PublicKey())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func session(t *testing.T, client *ssh.Client) *ssh.Session {
	t.Helper()
	s, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func exitStatus(t *testing.T, err error) int {
	t.Helper()
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitStatus()
	default:
		t.Fatalf("the command did not end in order: %v", err)
		return -1
	}
}

func TestExecReturnsTheExactStatusAndKeepsTheStreamsApart(t *testing.T) {
	client := logIn(t, applications(t, "pump-07"), "root")
	for _, c := range []struct {
		command, out, err string
		status            int
	}{
		{"echo hi", "hi\n", "", 0},
		{"hostname && whoami", "pump-07\nroot\n", "", 0},
		{"exit 42", "", "", 42},
		{"exit 255", "", "", 255},
		{"false", "", "", 1},
		{"frobnicate", "", "sh: frobnicate: not found\n", 127},
		{"echo out; echo err >&2; exit 3", "out\n", "err\n", 3},
	} {
		s := session(t, client)
		var out, stderr bytes.Buffer
		s.Stdout, s.Stderr = &out, &stderr
		if status := exitStatus(t, s.Run(c.command)); status != c.status || out.String() != c.out || stderr.String() != c.err {
			t.Errorf("%s: status %d, out %q, err %q", c.command, status, out.String(), stderr.String())
		}
	}
}

func TestCatCarries100MiBBothWays(t *testing.T) {
	const size = 100 << 20
	s := session(t, logIn(t, applications(t, "pump-07"), "root"))
	want, got := sha256.New(), sha256.New()
	s.Stdin, s.Stdout = io.TeeReader(Blob(size), want), got
	if err := s.Run("cat"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Sum(nil), got.Sum(nil)) {
		t.Error("what came back is not what was sent")
	}
}

// terminal is an interactive session; what it shows is read up to a wanted text.
type terminal struct {
	*ssh.Session
	t      *testing.T
	keys   io.Writer
	screen io.Reader
}

func openTerminal(t *testing.T, client *ssh.Client) *terminal {
	t.Helper()
	s := session(t, client)
	keys, err := s.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	screen, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.RequestPty("xterm", 24, 80, ssh.TerminalModes{}), s.Shell()); err != nil {
		t.Fatal(err)
	}
	return &terminal{s, t, keys, screen}
}

// until reads the screen up to a text.
func (s *terminal) until(text string) string {
	s.t.Helper()
	var shown strings.Builder
	one := make([]byte, 1)
	for !strings.HasSuffix(shown.String(), text) {
		if _, err := s.screen.Read(one); err != nil {
			s.t.Fatalf("read the screen: %v; shown: %q", err, shown.String())
		}
		shown.Write(one)
	}
	return shown.String()
}

// enter types a line and returns what is shown up to the next prompt.
func (s *terminal) enter(line string) string {
	s.t.Helper()
	if _, err := io.WriteString(s.keys, line+"\r"); err != nil {
		s.t.Fatal(err)
	}
	s.until("\r\n")
	return s.until(":~# ")
}

func TestShellHasATerminalThatIsResized(t *testing.T) {
	s := openTerminal(t, logIn(t, applications(t, "pump-07"), "root"))
	s.until("pump-07:~# ")
	if got := s.enter("stty size"); !strings.HasPrefix(got, "24 80\r\n") {
		t.Errorf("at first: %q", got)
	}
	if err := s.WindowChange(50, 120); err != nil {
		t.Fatal(err)
	}
	eventually(t, "stty size says 50 120", func() bool { return strings.HasPrefix(s.enter("stty size"), "50 120\r\n") })
	if got := s.enter("echo $TERM"); !strings.HasPrefix(got, "xterm\r\n") {
		t.Errorf("TERM: %q", got)
	}
	if _, err := io.WriteString(s.keys, "exit 9\r"); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, s.Wait()); status != 9 {
		t.Errorf("status %d", status)
	}
}

func TestCtrlCEndsACommandOnTheTerminal(t *testing.T) {
	s := openTerminal(t, logIn(t, applications(t, "pump-07"), "root"))
	s.until("pump-07:~# ")
	if _, err := io.WriteString(s.keys, "sleep 100000\r"); err != nil {
		t.Fatal(err)
	}
	s.until("sleep 100000\r\n")
	if _, err := io.WriteString(s.keys, "\x03"); err != nil {
		t.Fatal(err)
	}
	s.until("^C\r\npump-07:~# ")
	if got := s.enter("echo $?"); !strings.HasPrefix(got, "130\r\n") {
		t.Errorf("status: %q", got)
	}
}

func TestLinesOnTheInputAreAScript(t *testing.T) {
	s := session(t, logIn(t, applications(t, "pump-07"), "root"))
	var out bytes.Buffer
	s.Stdin, s.Stdout = strings.NewReader("echo one\nexit 4\n"), &out
	if err := s.Shell(); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, s.Wait()); status != 4 || out.String() != "one\n" {
		t.Errorf("status %d, output %q", status, out.String())
	}
}

// runs tells whether a function is on any goroutine's stack.
func runs(function string) bool {
	stacks := make([]byte, 4<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte(function))
}

func TestAClosedChannelEndsItsCommandAndNotTheConnection(t *testing.T) {
	client := logIn(t, applications(t, "pump-07"), "root")
	s := session(t, client)
	if err := s.Start("sleep 100000"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the command runs", func() bool { return runs("world.sleep(") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the command has ended", func() bool { return !runs("world.sleep(") })
	if out, err := session(t, client).Output("hostname"); err != nil || string(out) != "pump-07\n" {
		t.Errorf("the next session: %q, %v", out, err)
	}
}

func TestForwardingAndSubsystemsAreRefused(t *testing.T) {
	d := applications(t, "pump-07")
	client := logIn(t, d, "root")
	if conn, err := client.Dial("tcp", d.targets["ECHO"]); err == nil {
		_ = conn.Close()
		t.Error("a connection was forwarded to the host")
	}
	if listener, err := client.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = listener.Close()
		t.Error("a port was opened on the host")
	}
	for _, subsystem := range []string{"sftp", "netconf"} {
		if err := session(t, client).RequestSubsystem(subsystem); err == nil {
			t.Errorf("subsystem %s was accepted", subsystem)
		}
	}
	if out, err := session(t, client).Output("echo alive"); err != nil || string(out) != "alive\n" {
		t.Errorf("after the refusals: %q, %v", out, err)
	}
}

func TestAUserNameCannotDrawOnTheTerminal(t *testing.T) {
	for name, want := range map[string]string{"alice": "alice", "a\x1b[2Jb": "a[2Jb", "\r\n": "service", "../x": "..x"} {
		if got := printable(name); got != want {
			t.Errorf("printable(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestTheSameSeedGivesTheSameHostKeys(t *testing.T) {
	key := func(seed uint64, thing string) string {
		signer, err := hostKey(seed, thing)
		if err != nil {
			t.Fatal(err)
		}
		return publicLine(signer)
	}
	if first, again := key(1, "pump-07"), key(1, "pump-07"); first != again {
		t.Error("a thing's key changes from run to run")
	}
	seen := map[string]string{}
	for _, seed := range []uint64{1, 2} {
		for _, thing := range Demo() {
			line, name := key(seed, thing.Name), fmt.Sprint(seed, thing.Name)
			if other, ok := seen[line]; ok {
				t.Errorf("%s and %s have one key", name, other)
			}
			seen[line] = name
		}
	}
}
