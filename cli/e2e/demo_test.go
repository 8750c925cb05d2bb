//go:build unix

package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// ready is what adit demo writes to its ready file once it serves.
type ready struct {
	API    string `json:"api"`
	Data   string `json:"data"`
	CA     string `json:"ca"`
	Region string `json:"region"`
}

// startDemo runs adit demo and waits for its tunnels.
func startDemo(t *testing.T, columns, rows int, args ...string) (*terminal, *home, ready) {
	t.Helper()
	h := newHome(t)
	file := h.path("ready.json")
	term := start(t, h, columns, rows, append([]string{"demo", "--ready-file", file}, args...)...)
	term.see("DEMO", "THING", "DEVICE")
	var r ready
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatalf("ready file %q: %v", content, err)
	}
	return term, h, r
}

// aws runs the AWS CLI against the demo.
func (r ready) aws(t *testing.T, args ...string) string {
	t.Helper()
	out, err := r.run(t, args...)
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (r ready) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(need(t, "aws"), append([]string{"--endpoint-url", r.API, "--region", r.Region, "--output", "json", "iotsecuretunneling"}, args...)...)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIAADITDEMO", "AWS_SECRET_ACCESS_KEY=demo", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// tunnelID finds the newest tunnel of a thing through the AWS CLI.
func (r ready) tunnelID(t *testing.T, thing string) string {
	t.Helper()
	var answer struct {
		TunnelSummaries []struct{ TunnelID, Status string }
	}
	out := r.aws(t, "list-tunnels", "--thing-name", thing)
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("list-tunnels: %v in %s", err, out)
	}
	if len(answer.TunnelSummaries) == 0 {
		t.Fatalf("the AWS CLI sees no tunnel of %s: %s", thing, out)
	}
	return answer.TunnelSummaries[0].TunnelID
}

// prompt is the simulated device's, without the space that a screen's text does not show at the end of a line.
func prompt(thing string) string { return thing + ":~$" }

// openTunnel fills the form in: thing and description; everything else as it is offered, which is ssh.
func openTunnel(term *terminal, thing, description string) {
	term.t.Helper()
	term.press("o")
	term.see("Open a tunnel", "billed")
	term.press(ctrlU)
	term.write(thing)
	term.press(tab, tab, tab)
	term.write(description)
	term.press(ctrlS)
}

// TestTheMainJobFromListToShellAndBack is what a new user does with adit demo, from the first screen to the last.
func TestTheMainJobFromListToShellAndBack(t *testing.T) {
	need(t, "ssh")
	term, _, demo := startDemo(t, 160, 50)

	// The tunnels with the live state of both sides.
	term.see("SERVICES", "SOURCE", "LEFT", "AGE", "DESCRIPTION")
	term.row("pump-12", "connected")

	// A tunnel by the form; the device is seen to connect, and ssh follows.
	term.press("o")
	term.see("Open a tunnel", "billed")
	term.press(ctrlU)
	term.write("pump-07")
	term.press(tab)
	term.write(" HTTP")
	term.press(tab, ctrlU)
	term.write("45")
	term.press(tab)
	term.write("INC-4411 end to end")
	term.press(tab)
	term.write("team")
	term.press(tab)
	term.write("ops")
	term.press(ctrlS)
	term.see(prompt("pump-07"))
	term.write("echo hello from the device\r")
	term.until("the command and what the device echoed", func(screen string) bool {
		return strings.Count(screen, "hello from the device") == 2
	})
	term.write("exit 3\r")

	// Back on the same row, with what ssh ended with; the proxy is listed with its counters.
	term.row("▌", "pump-07", "you")
	term.see("exit status 3")
	term.press("2")
	address := loopback.FindString(term.row("pump-07", "HTTP", "127.0.0.1:", "connected"))
	sshAddress := loopback.FindString(term.row("pump-07", "SSH", "127.0.0.1:", "connected"))
	term.press("1")
	term.row("▌", "pump-07")

	// One key, and the shell is there again. It resizes, and the second service works at the same time.
	term.press(enter)
	term.see(prompt("pump-07"))
	term.resize(120, 40)
	asked := 0
	term.until("a window of 40 rows and 120 columns", func(screen string) bool {
		// The new size reaches the device some time after the window has it: ask again after each other answer.
		if len(windowSize.FindAllString(screen, -1)) == asked {
			asked++
			term.write("stty size\r")
		}
		return strings.Contains(screen, "\n40 120")
	})
	if body := httpGet(t, "http://"+address+"/status.json"); !strings.Contains(body, "pump-07") {
		t.Errorf("the device's status page says %q", body)
	}
	curl := exec.Command(need(t, "curl"), "--silent", "--show-error", "--fail", "--max-time", "30", "http://"+address+"/healthz")
	if out, err := curl.CombinedOutput(); err != nil {
		t.Errorf("curl through the second service: %v\n%s", err, out)
	}

	// The AWS CLI sees the same tunnel, with the parameters of the form.
	id := demo.tunnelID(t, "pump-07")
	described := demo.aws(t, "describe-tunnel", "--tunnel-id", id)
	for _, want := range []string{`"OPEN"`, "INC-4411 end to end", `"HTTP"`, `"maxLifetimeTimeoutMinutes": 45`, `"team"`} {
		if !strings.Contains(described, want) {
			t.Errorf("the AWS CLI does not see %s in %s", want, described)
		}
	}

	term.write("exit\r")
	term.see("THING")
	term.resize(160, 50)
	term.row("▌", "pump-07", "● connected")

	// The device's connection ends while the list is looked at, and DEVICE says so.
	reboot := ssh(t, sshAddress, "reboot")
	term.row("▌", "pump-07", "○ gone")
	reboot()

	// Closing says what it does and asks; so does deleting.
	term.press("x")
	term.see("cannot be reopened", "pump-07")
	term.press("y")
	term.row("pump-07", "closed")
	if out := demo.aws(t, "describe-tunnel", "--tunnel-id", id); !strings.Contains(out, `"CLOSED"`) {
		t.Errorf("the AWS CLI sees the tunnel after it was closed as %s", out)
	}
	term.press("X")
	term.see("record", "pump-07")
	term.press("y")
	term.until("a list without pump-07", func(screen string) bool { return lineWith(screen, "pump-07", "closed") == "" })
	if _, err := demo.run(t, "describe-tunnel", "--tunnel-id", id); err == nil {
		t.Error("the AWS CLI still sees the record of a tunnel that was deleted")
	}

	// Quitting leaves the terminal as it was, and nothing running.
	family := descendants(t, term.cmd.Process.Pid)
	term.press("q")
	if code := term.exit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	term.restored()
	for _, pid := range family {
		if running(pid) {
			t.Errorf("process %d of the run is still there", pid)
		}
	}
}

// TestALocalProxyOnAPortOfTheUsersChoiceIsListedWithItsCounters starts one, uses it, and stops it.
func TestALocalProxyOnAPortOfTheUsersChoiceIsListedWithItsCounters(t *testing.T) {
	term, _, _ := startDemo(t, 160, 50)
	term.row("pump-12", "● connected")
	port := freePort(t)
	term.press("G", "p")
	term.see("Local proxy", "pump-12")
	term.press(tab, ctrlU) // SSH, then HTTP, each with its port
	term.write(port)
	term.press(ctrlS)
	term.row("pump-12", "you")
	term.see("The local proxy to pump-12 runs")
	term.press("2")
	before := term.row("pump-12", "HTTP", "127.0.0.1:"+port, "● connected", "0 B")
	if body := httpGet(t, "http://127.0.0.1:"+port+"/blob?bytes=150000"); len(body) != 150000 {
		t.Errorf("%d bytes through the proxy, want 150000", len(body))
	}
	term.row("pump-12", "HTTP", "127.0.0.1:"+port, "150 kB")
	t.Logf("before: %s", before)
	term.press("x")
	term.see("Stop", "pump-12")
	term.press("y")
	term.gone("127.0.0.1:" + port)
	if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
		_ = conn.Close()
		t.Error("the port of a stopped proxy is still served")
	}
}

// freePort is a port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// TestTagsNarrowingAndPages edits the tags of a tunnel, narrows the list to one thing on the server, and pages.
func TestTagsNarrowingAndPages(t *testing.T) {
	term, _, demo := startDemo(t, 120, 40, "--page-size", "2", "--pages", "1")
	term.row("pump-19")
	if screen := term.screen(); strings.Contains(screen, "pump-12") {
		t.Fatalf("one page of two tunnels shows more:\n%s", screen)
	}
	term.press("m")
	term.row("cam-11")
	term.press("m")
	term.row("pump-12")

	term.press("n")
	term.see("Narrow")
	term.press(ctrlU)
	term.write("pump-12")
	term.press(enter)
	term.gone("pump-19", "cam-11")
	term.row("▌", "pump-12", "SSH HTTP")

	id := demo.tunnelID(t, "pump-12")
	term.press("t")
	term.see("Tags of pump-12", "team")
	term.write("incident")
	term.press(tab)
	term.write("4411")
	term.see("+ incident = 4411")
	term.press(ctrlS)
	term.see("Change the tags")
	term.press("y")
	term.see("incident=4411")
	if tags := demo.aws(t, "describe-tunnel", "--tunnel-id", id); !strings.Contains(tags, `"4411"`) || !strings.Contains(tags, `"ops"`) {
		t.Errorf("the AWS CLI sees after adding a tag: %s", tags)
	}
	term.press("t")
	term.see("Tags of pump-12", "team")
	term.press(up, up, ctrlD)
	term.see("- team")
	term.press(ctrlS)
	term.see("Change the tags")
	term.press("y")
	term.gone("team=ops")
	if tags := demo.aws(t, "describe-tunnel", "--tunnel-id", id); strings.Contains(tags, `"ops"`) || !strings.Contains(tags, `"4411"`) {
		t.Errorf("the AWS CLI sees after removing a tag: %s", tags)
	}
	term.press("q")
	if code := term.exit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	term.restored()
}

// windowSize is a line of stty's answer.
var windowSize = regexp.MustCompile(`(?m)^\d+ \d+\s*$`)

var loopback = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// ssh runs a command on a device through a local proxy, as any other client of it would, and does not wait for its end.
// The function it returns ends it: a device that reboots says no goodbye.
func ssh(t *testing.T, address, command string) (end func()) {
	t.Helper()
	host, port, _ := strings.Cut(address, ":")
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, need(t, "ssh"), "-F", "none", "-p", port, "-o", "UserKnownHostsFile=/dev/null",
		"-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR", "demo@"+host, command)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() { cancel(); _ = cmd.Wait() }
}

func httpGet(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
