//go:build unix

package e2e

import (
	"bytes"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"

	"adit/emulator"
)

func TestProxiesOfBothSidesCarryBytesAndEndInOrder(t *testing.T) {
	s := startTunnels(t)
	tunnel := s.open(t, "SSH", "HTTP")
	source, destination := aws.ToString(tunnel.SourceAccessToken), aws.ToString(tunnel.DestinationAccessToken)
	const clientToken = "canary-client-token-0123456789-0123456789"
	tcp := startEcho(t, "tcp", "127.0.0.1:0")
	unix := startEcho(t, "unix", s.home.path("app.sock"))

	// The destination gets its token by a file, its client token by another; the source by standard input.
	place := []string{"-e", s.DataAddr(), "--ca", s.CAFile()}
	far := s.launch(t, nil, nil, append(place, "-d", "SSH="+tcp.Addr().String()+",HTTP="+unix.Addr().String(),
		"--token-file", s.file(t, "token", destination+"\n"), "--config", s.file(t, "proxy.ini", "client-token = "+clientToken+"\n"))...)
	near := s.launch(t, strings.NewReader(source+"\n"), nil, append(place, "-s", "SSH=0,HTTP=0", "--token-file", "-")...)
	far.connected()
	addresses := map[string]string{}
	for _, service := range near.connected().Services {
		addresses[service.Service] = service.Address
	}
	if runtime.GOOS == "linux" {
		for _, p := range []*process{far, near} {
			p.holds("cmdline", source, destination, clientToken)
			p.holds("environ", source, destination, clientToken)
		}
	}
	const size = 3 << 20
	failed := make(chan error)
	for range 2 {
		for _, service := range []string{"SSH", "HTTP"} {
			go func() { failed <- echoed(addresses[service], size) }()
		}
	}
	for range 4 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	near.signal(syscall.SIGTERM)
	far.signal(syscall.SIGINT)
	for _, p := range []*process{near, far} {
		code, log := p.exit()
		if code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		for _, secret := range []string{source, destination, clientToken} {
			if strings.Contains(log, secret) || strings.Contains(p.stdout.String(), secret) {
				t.Error("a token was printed")
			}
		}
	}
}

func TestAProxyTakesEverythingFromTheEnvironmentAsTheReferenceDoes(t *testing.T) {
	s := startTunnels(t)
	tunnel := s.open(t)
	_, port, err := net.SplitHostPort(startEcho(t, "tcp", "127.0.0.1:0").Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	launch := func(token *string, args ...string) *process {
		return s.launch(t, nil, []string{
			"AWSIOT_TUNNEL_ACCESS_TOKEN=" + aws.ToString(token), "AWSIOT_TUNNEL_ENDPOINT=" + s.DataAddr(), "ADIT_CA=" + s.CAFile(),
		}, args...)
	}
	launch(tunnel.DestinationAccessToken, "-d", port, "-y", "V1").connected()
	near := launch(tunnel.SourceAccessToken, "-s", "0", "-y", "V1")
	if err := echoed(near.connected().Services[0].Address, 1<<20); err != nil {
		t.Error(err)
	}
}

func TestARefusedTokenEndsWithTheServicesOwnWords(t *testing.T) {
	s := startTunnels(t)
	used := aws.ToString(s.open(t).SourceAccessToken)
	s.at(t, used, "-s", "0").connected()
	for token, says := range map[string]string{
		"no-token-of-this-service": "Invalid access-token",
		used:                       "client token does not match",
	} {
		code, log := s.at(t, token, "-s", "0").exit()
		if code != 3 {
			t.Errorf("exit code %d, want 3", code)
		}
		for _, want := range []string{says, `"channel_id":"`, "rotate", `"exit_code":3`} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %q: %s", want, log)
			}
		}
		if strings.Contains(log, token) {
			t.Errorf("the log holds the token: %s", log)
		}
	}
}

func TestAReplacedProxyEndsAndItsSuccessorCarriesOn(t *testing.T) {
	s := startTunnels(t)
	tunnel := s.open(t, "ECHO")
	echo := startEcho(t, "tcp", "127.0.0.1:0")
	s.at(t, aws.ToString(tunnel.DestinationAccessToken), "-d", echo.Addr().String()).connected()
	// The client token lets a second process use the access token again, as after a restart by a supervisor.
	args := []string{"-s", "0", "-i", "6f6b1d7c-0000-4000-8000-00000000cafe"}
	first := s.at(t, aws.ToString(tunnel.SourceAccessToken), args...)
	first.connected()
	second := s.at(t, aws.ToString(tunnel.SourceAccessToken), args...)
	address := second.connected().Services[0].Address
	if code, log := first.exit(); code != 4 || !strings.Contains(log, "another local proxy took this side") {
		t.Errorf("exit code %d, want 4: %s", code, log)
	}
	if err := echoed(address, 1<<20); err != nil {
		t.Error(err)
	}
}

func TestAProxyComesBackAfterACutOnTheSamePort(t *testing.T) {
	s := startTunnels(t)
	tunnel := s.open(t, "ECHO")
	echo := startEcho(t, "tcp", "127.0.0.1:0")
	s.at(t, aws.ToString(tunnel.DestinationAccessToken), "-d", "ECHO="+echo.Addr().String()).connected()
	near := s.at(t, aws.ToString(tunnel.SourceAccessToken), "-s", "ECHO=0")
	before := near.connected().Services[0].Address
	if !s.Cut(aws.ToString(tunnel.TunnelId), emulator.ModeSource) {
		t.Fatal("there was nothing to cut")
	}
	after := near.until("connected again", func(r report) bool { return r.State == "connected" && r.Reconnects == 1 })
	if got := after.Services[0].Address; got != before {
		t.Errorf("listens on %s after the cut, before on %s", got, before)
	}
	if err := echoed(before, 1<<20); err != nil {
		t.Error(err)
	}
}

func TestTheEndOfTheTunnelHasAnExitCodeOfItsOwn(t *testing.T) {
	s := startTunnels(t)
	tunnel := s.open(t)
	near := s.at(t, aws.ToString(tunnel.SourceAccessToken), "-m", "source")
	near.connected()
	if _, err := s.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: tunnel.TunnelId}); err != nil {
		t.Fatal(err)
	}
	if code, log := near.exit(); code != 5 || !strings.Contains(log, "tunnel was closed") {
		t.Errorf("exit code %d, want 5: %s", code, log)
	}
}

func TestAServiceThatStaysAwayIsGivenUp(t *testing.T) {
	s := startTunnels(t)
	near := s.at(t, aws.ToString(s.open(t).SourceAccessToken), "-s", "0", "--give-up-after", "1s")
	near.connected()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if code, log := near.exit(); code != 6 || !strings.Contains(log, "--give-up-after") {
		t.Errorf("exit code %d, want 6: %s", code, log)
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	s := startTunnels(t)
	token := s.file(t, "token", "canary-token-of-nobody")
	taken := startEcho(t, "tcp", "127.0.0.1:0").Addr().(*net.TCPAddr).Port
	place := []string{"-e", s.DataAddr(), "--token-file", token}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"port taken":     {append([]string{"-s", strconv.Itoa(taken)}, place...), 1, "in use by another program"},
		"port, as JSON":  {append([]string{"-s", strconv.Itoa(taken), "--log-format", "json"}, place...), 1, `"exit_code":1`},
		"stranger":       {append([]string{"-s", "0"}, place...), 1, "not trusted"},
		"no side":        {place, 2, "which side"},
		"verification":   {append([]string{"-s", "0", "-k"}, place...), 2, "-k is refused"},
		"unknown option": {[]string{"--colour"}, 2, "no option --colour"},
		"a lost word":    {append([]string{"-s", "0", "canary-token-of-nobody"}, place...), 2, "belongs to none"},
		"no token":       {[]string{"-s", "0", "-r", "eu-west-1"}, 2, "no access token"},
		"not a token":    {[]string{"-s", "0", "-r", "eu-west-1", "--token-file", s.file(t, "odd", strings.Repeat("canary-token-of-nobody", 200))}, 2, "access token is not one"},
		"help":           {[]string{"--help"}, 0, ""},
		"version":        {[]string{"-V"}, 0, ""},
	} {
		cmd := exec.Command(binary, append([]string{"proxy"}, c.args...)...)
		cmd.Env = s.home.environment()
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: exit code %d, want %d with %q: %s", name, code, c.code, c.says, stderr.String())
		}
		if strings.Contains(stderr.String(), "canary") {
			t.Errorf("%s: a token is repeated: %s", name, stderr.String())
		}
	}
}

func TestOnATerminalTheStateIsALiveLineBelowTheLog(t *testing.T) {
	s := startTunnels(t)
	tunnel := s.open(t, "ECHO")
	echo := startEcho(t, "tcp", "127.0.0.1:0")
	s.at(t, aws.ToString(tunnel.DestinationAccessToken), "-d", echo.Addr().String()).connected()
	term := start(t, s.home, 120, 24, "proxy", "-s", "0", "-b", "0.0.0.0", "-e", s.DataAddr(), "--ca", s.CAFile(),
		"--token-file", s.file(t, "token", aws.ToString(tunnel.SourceAccessToken)), "--status")
	screen := term.see("WARNING: listening on 0.0.0.0", "msg=connected", "source connected | ", "0 open of 0")
	if !strings.Contains(term.output(), "\x1b[1;31mWARNING") {
		t.Error("the warning is not red")
	}
	_, port, _ := strings.Cut(screen[strings.Index(screen, "source connected | "):], "]:")
	port, _, _ = strings.Cut(port, " ")
	if err := echoed("127.0.0.1:"+port, 2<<20); err != nil {
		t.Fatal(err)
	}
	term.see(" of 1 | sent 2.0 MiB, received 2.0 MiB")
	term.write("\x03") // the terminal makes it SIGINT
	if code := term.exit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if screen := term.see("closed in order"); strings.Contains(screen, "source connected |") {
		t.Errorf("the live line is still there:\n%s", screen)
	}
}
