//go:build unix

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"

	"adit/emulator"
)

// tunnels is a service on which a test opens tunnels for local proxies of its own.
type tunnels struct {
	*emulator.Emulator
	home *home
	sdk  *iotsecuretunneling.Client
}

func startTunnels(t *testing.T) *tunnels {
	t.Helper()
	h := newHome(t)
	e, err := emulator.Start(context.Background(), emulator.Config{Region: "eu-west-1", Dir: h.path("authority")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	t.Cleanup(func() { h.checkRaces(t) })
	transport := &http.Transport{DisableKeepAlives: true}
	return &tunnels{e, h, iotsecuretunneling.New(iotsecuretunneling.Options{
		BaseEndpoint: aws.String(e.APIURL()), Region: "eu-west-1", HTTPClient: &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider("AKIAPROXY", "secret", ""),
	})}
}

func (s *tunnels) open(t *testing.T, services ...string) *iotsecuretunneling.OpenTunnelOutput {
	t.Helper()
	in := &iotsecuretunneling.OpenTunnelInput{}
	if len(services) > 0 {
		in.DestinationConfig = &types.DestinationConfig{Services: services}
	}
	out, err := s.sdk.OpenTunnel(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// file writes a file that only its user may read.
func (s *tunnels) file(t *testing.T, name, content string) string {
	t.Helper()
	path := s.home.path(name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is a running adit proxy that tells its status as JSON.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan report
	ended  chan struct{}
	stdout bytes.Buffer
	stderr bytes.Buffer
}

// report is what a test reads of a line of --status json.
type report struct {
	State      string
	Reconnects int
	Services   []struct {
		Service, Address string
		Total            int
		Sent, Received   uint64
	}
}

// at runs adit proxy with a token, for the service.
func (s *tunnels) at(t *testing.T, token string, args ...string) *process {
	t.Helper()
	return s.launch(t, nil, []string{"AWSIOT_TUNNEL_ACCESS_TOKEN=" + token}, append(args, "-e", s.DataAddr(), "--ca", s.CAFile())...)
}

// launch runs adit proxy with variables of its own.
func (s *tunnels) launch(t *testing.T, stdin io.Reader, env []string, args ...string) *process {
	t.Helper()
	args = append([]string{"proxy", "--status", "json", "--log-format", "json", "-v", "5"}, args...)
	p := &process{t: t, cmd: exec.Command(binary, args...), lines: make(chan report, 1000), ended: make(chan struct{})}
	p.cmd.Env = append(s.home.environment(), env...)
	p.cmd.Stdin = stdin
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		defer close(p.lines)
		lines := json.NewDecoder(io.TeeReader(stdout, &p.stdout))
		for {
			var line report
			if lines.Decode(&line) != nil {
				break
			}
			p.lines <- line
		}
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("adit %s\n%s%s", strings.Join(args, " "), p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// until waits for a line of the status.
func (p *process) until(what string, is func(report) bool) report {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("the proxy ended before it was %s", what)
			}
			if is(line) {
				return line
			}
		case <-timeout:
			p.t.Fatalf("the proxy was never %s", what)
		}
	}
}

func (p *process) connected() report {
	p.t.Helper()
	return p.until("connected", func(r report) bool { return r.State == "connected" })
}

// exit waits for the end, checks that the log is whole JSON, and gives exit code and log.
func (p *process) exit() (int, string) {
	p.t.Helper()
	go func() {
		for range p.lines {
		}
	}()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the proxy does not end")
	}
	log := p.stderr.String()
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			p.t.Errorf("a line of the log is not JSON: %s", line)
		}
	}
	return p.cmd.ProcessState.ExitCode(), log
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// holds looks for secrets in what anybody may read of a running process.
func (p *process) holds(file string, secrets ...string) {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), file))
	if err != nil {
		p.t.Fatal(err)
	}
	if len(content) == 0 {
		p.t.Fatalf("%s is empty", file)
	}
	for _, secret := range secrets {
		if bytes.Contains(content, []byte(secret)) {
			p.t.Errorf("%s of the process holds a token", file)
		}
	}
}

// startEcho is an application that sends back what it gets until its client has no more.
func startEcho(t *testing.T, network, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return listener
}

// echoed sends random bytes to an address and compares the sums of what went and what came back.
func echoed(address string, size int) error {
	payload := make([]byte, size)
	_, _ = rand.Read(payload)
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(payload)
		sent <- err
	}()
	back := sha256.New()
	if _, err := io.CopyN(back, conn, int64(size)); err != nil {
		return errors.Join(err, conn.Close(), <-sent)
	}
	if err := <-sent; err != nil {
		return err
	}
	if want := sha256.Sum256(payload); !bytes.Equal(back.Sum(nil), want[:]) {
		return fmt.Errorf("%d bytes came back as others", size)
	}
	return nil
}
