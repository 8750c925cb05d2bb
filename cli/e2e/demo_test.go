package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
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
	cmd := exec.Command(need(t, "aws"), append([]string{"--endpoint-url", r.API, "--region", r.Region, "--output", "json", "iotsecuretunneling"}, args...)...)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIAADITDEMO", "AWS_SECRET_ACCESS_KEY=demo", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
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

// prompt is the simulated device's.
func prompt(thing string) string { return thing + ":~$ " }

// openTunnel fills the form in: thing, services and description; everything else as it is offered.
func openTunnel(term *terminal, thing, services, description string) {
	term.t.Helper()
	term.press("o")
	term.see("Open a tunnel", "billed")
	term.press(ctrlU)
	term.write(thing)
	term.press(tab)
	term.write(services)
	term.press(tab, tab)
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
	term.write("pump-07")
	term.press(tab)
	term.write("SSH HTTP")
	term.press(tab, ctrlU)
	term.write("45")
	term.press(tab)
	term.write("INC-4411 end to end")
	term.press(tab)
	term.write("team=ops")
	term.press(ctrlS)
	term.see(prompt("pump-07"))

	// A real shell: it types, resizes and exits with what is asked.
	term.write("echo hello from $(hostname)\r")
	term.resize(120, 40)
	term.until("the shell's window is 40 rows of 120 columns", func(string) bool {
		term.write("stty size\r")
		time.Sleep(200 * time.Millisecond) // one try a moment: each line typed is one more on the screen
		return strings.Contains(term.screen(), "40 120")
	})

	// A second service at the same time.
	address := proxyAddress(t, demo, term)
	body := httpGet(t, "http://"+address+"/status.json")
	if !strings.Contains(body, "pump-07") {
		t.Errorf("the device's status page says %q", body)
	}
	curl := exec.Command(need(t, "curl"), "--silent", "--show-error", "--max-time", "30", "http://"+address+"/healthz")
	if out, err := curl.CombinedOutput(); err != nil {
		t.Errorf("curl through the second service: %v\n%s", err, out)
	}

	term.write("exit 3\r")
	row := term.row("▌", "pump-07", "INC-4411")
	term.resize(160, 50)
	term.see("exit")
	t.Logf("back on the row: %s", row)

	// The AWS CLI sees the same tunnel, with the parameters of the form.
	id := demo.tunnelID(t, "pump-07")
	described := demo.aws(t, "describe-tunnel", "--tunnel-id", id)
	for _, want := range []string{`"OPEN"`, "INC-4411 end to end", `"HTTP"`, `"maxLifetimeTimeoutMinutes": 45`, `"team"`} {
		if !strings.Contains(described, want) {
			t.Errorf("the AWS CLI does not see %s in %s", want, described)
		}
	}
}

var loopback = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// proxyAddress reads the HTTP listener's address from the state the program keeps for other tools to see.
func proxyAddress(t *testing.T, _ ready, term *terminal) string {
	t.Helper()
	address := loopback.FindString(lineWith(term.output(), "HTTP", "127.0.0.1:"))
	if address == "" {
		t.Fatal("no address of the HTTP service was ever shown")
	}
	return address
}

func httpGet(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Timeout: patience}
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
