//go:build unix

package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// emulation is a running adit emulate.
type emulation struct {
	cmd   *exec.Cmd
	ready emulateReady
	out   *bufio.Reader
	// stdout, behind the ready line, and stderr may be read after the end.
	stdout, stderr bytes.Buffer
	exited         func() int
}

type emulateReady struct {
	API, Data, MQTT, MQTTS, CA, Region, Account string
	Things                                      []string
	AdminSecret                                 string `json:"admin_secret"`
}

// startEmulate runs adit emulate until the test ends or end is called. It waits for the line on standard output.
func startEmulate(t *testing.T, h *home, args ...string) *emulation {
	t.Helper()
	e := launchEmulate(t, h, args...)
	line, err := e.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	e.parse(t, line)
	return e
}

func launchEmulate(t *testing.T, h *home, args ...string) *emulation {
	t.Helper()
	e := &emulation{cmd: exec.Command(binary, append([]string{"emulate"}, args...)...)}
	e.cmd.Env = h.environment()
	e.cmd.Stderr = &e.stderr
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e.out = bufio.NewReader(out)
	e.exited = sync.OnceValue(func() int {
		_, _ = e.out.WriteTo(&e.stdout)
		_ = e.cmd.Wait()
		return e.cmd.ProcessState.ExitCode()
	})
	t.Cleanup(func() {
		e.end(syscall.SIGTERM)
		h.checkRaces(t)
		if t.Failed() {
			t.Logf("standard error of adit emulate:\n%s", e.stderr.String())
		}
	})
	return e
}

func (e *emulation) parse(t *testing.T, line []byte) {
	t.Helper()
	if err := json.Unmarshal(line, &e.ready); err != nil {
		t.Fatalf("not JSON: %q: %v", line, err)
	}
}

// end sends a signal and returns the exit code.
func (e *emulation) end(signal syscall.Signal) int {
	_ = e.cmd.Process.Signal(signal)
	return e.exited()
}

// environment is what a shell has after the lines that adit emulate printed.
func (e *emulation) environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + e.ready.API, "AWSIOT_TUNNEL_ENDPOINT=" + e.ready.Data, "ADIT_CA=" + e.ready.CA,
		"AWS_REGION=" + e.ready.Region, "AWS_DEFAULT_REGION=" + e.ready.Region,
		"AWS_ACCESS_KEY_ID=" + e.ready.Account, "AWS_SECRET_ACCESS_KEY=emulator",
	}
}

// aws runs the AWS CLI in a home.
func (h *home) aws(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(need(t, "aws"), append([]string{"--output", "json"}, args...)...)
	cmd.Env = h.environment()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("aws %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func TestTheAWSCLIUsesTheEmulatorByVariablesAndByProfile(t *testing.T) {
	need(t, "aws")
	h := newHome(t)
	first := startEmulate(t, h, "--region", "eu-west-1")
	if len(first.ready.Things) != 12 || first.ready.Things[0] != "pump-07" || first.ready.Region != "eu-west-1" {
		t.Errorf("ready: %+v", first.ready)
	}

	h.extra = first.environment()
	h.aws(t, "iotsecuretunneling", "open-tunnel", "--description", "from a script",
		"--destination-config", "thingName=pump-07,services=SSH")
	var identity struct{ Account string }
	if err := json.Unmarshal([]byte(h.aws(t, "sts", "get-caller-identity")), &identity); err != nil || identity.Account != first.ready.Account {
		t.Errorf("get-caller-identity tells account %q (%v), the ready line %q", identity.Account, err, first.ready.Account)
	}

	var connectivity struct{ Connected bool }
	for thing, want := range map[string]bool{"pump-07": true, "pump-19": false} {
		// The AWS CLI of Debian 12 does not know this operation yet.
		response, err := http.Post(first.ready.API+"/things/"+thing+"/connectivity-data", "application/json", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.NewDecoder(response.Body).Decode(&connectivity); err != nil || connectivity.Connected != want {
			t.Errorf("connectivity of %s: %v %v, want %v", thing, connectivity.Connected, err, want)
		}
		_ = response.Body.Close()
	}

	// A second one beside it has other ports and other tunnels.
	second := startEmulate(t, newHome(t))
	if second.ready.API == first.ready.API || second.ready.Data == first.ready.Data || second.ready.MQTT == first.ready.MQTT {
		t.Errorf("the second instance shares an address: %+v, %+v", first.ready, second.ready)
	}
	h.extra = second.environment()
	if out := h.aws(t, "iotsecuretunneling", "list-tunnels"); strings.Contains(out, "from a script") {
		t.Errorf("the second instance knows the first one's tunnel: %s", out)
	}

	// The profile is what the guide has from its section on; it must do without the variables.
	if code := second.end(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d after SIGTERM, want 0", code)
	}
	startEmulate(t, newHome(t), "--api", strings.TrimPrefix(second.ready.API, "http://"))
	_, profile, found := strings.Cut(second.stderr.String(), "\n[profile ")
	profile, _, closed := strings.Cut(profile, "\n\n")
	if !found || !closed {
		t.Fatalf("no profile in\n%s", second.stderr.String())
	}
	name, _, _ := strings.Cut(profile, "]")
	h.extra = nil
	if err := os.WriteFile(h.path("aws-config"), []byte("[profile "+profile+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := h.aws(t, "--profile", name, "iotsecuretunneling", "list-tunnels"); !strings.Contains(out, "tunnelSummaries") {
		t.Errorf("list-tunnels: %s", out)
	}
}

func TestAditReachesAShellOnTheEmulator(t *testing.T) {
	need(t, "ssh")
	h := newHome(t)
	e := startEmulate(t, h)
	h.extra = e.environment()
	term := start(t, h, 120, 40, "--ssh-user", "demo")
	term.see("NOT AWS", "us-east-1")
	openTunnel(term, "pump-07", "by the ready line")
	term.see("authenticity", "pump-07") // and no question: the registry knows that the thing is online
	term.write("yes\r")
	term.see(prompt("pump-07"))
}

func TestTheEmulatorWritesItsReadyFileAndCleansUp(t *testing.T) {
	h := newHome(t)
	h.extra = []string{"TMPDIR=" + h.path("run")}
	file := h.path("ready.json")
	e := launchEmulate(t, h, "--ready-file", file, "--log-format", "json", "--things", "2")
	// It comes whole, so the first read that finds it has all of it.
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		content, err := os.ReadFile(file)
		if err == nil {
			e.parse(t, content)
			break
		}
		if time.Now().After(end) {
			t.Fatalf("no ready file: %v", err)
		}
	}
	h.extra = append(h.extra, e.environment()...)
	if _, err := exec.LookPath("aws"); err == nil {
		h.aws(t, "iotsecuretunneling", "open-tunnel", "--destination-config", "thingName=pump-07,services=SSH")
	}
	ca, err := os.ReadFile(e.ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	for _, address := range []string{e.ready.Data, e.ready.MQTTS} {
		conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots})
		if err != nil {
			t.Errorf("TLS at %s with the authority of the ready file: %v", address, err)
			continue
		}
		_ = conn.Close()
	}
	for secret, want := range map[string]int{e.ready.AdminSecret: http.StatusOK, "another": http.StatusUnauthorized} {
		request, err := http.NewRequest(http.MethodPut, e.ready.API+"/_adit/faults", strings.NewReader("ListTunnels=throttle"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+secret)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("the admin API answers %s, want %d", response.Status, want)
		}
	}
	if code := e.end(syscall.SIGINT); code != 0 {
		t.Errorf("exit code %d after SIGINT, want 0", code)
	}
	if e.stdout.Len() != 0 {
		t.Errorf("standard output has %q beside the ready file", e.stdout.String())
	}
	for line := range strings.Lines(e.stderr.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line of the log is not JSON: %s", line)
		}
	}
	if log := e.stderr.String(); strings.Contains(log, "adit-emulator-not-an-aws-token") || strings.Contains(log, e.ready.AdminSecret) {
		t.Error("the log has a secret in it")
	}
	for _, left := range []string{file, e.ready.CA} {
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("%s is left behind: %v", left, err)
		}
	}
	entries, err := os.ReadDir(h.path("run"))
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the temporary directory: %v %v", entries, err)
	}
}
