//go:build unix

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"adit/emulator"
	"adit/emulator/fleet"
)

// secrets are the tokens that crossed the wire of a test, as its recorders saw them.
type secrets struct {
	mu  sync.Mutex
	all []string
}

func (s *secrets) add(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret != "" && !slices.Contains(s.all, secret) {
		s.all = append(s.all, secret)
	}
}

func (s *secrets) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// service is an emulator with recorders before its API and its data plane.
type service struct {
	api, data, ca string
	secrets       secrets
}

func startService(t *testing.T, h *home) *service {
	t.Helper()
	inner, err := emulator.Start(context.Background(), emulator.Config{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inner.Close() })
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(inner.CAPEM())
	devices, err := fleet.Start(t.Context(), fleet.Config{MQTT: inner.MQTTAddr(), Data: inner.DataAddr(), Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = devices.Close() })

	s := &service{ca: h.path("ca.pem")}
	s.recordAPI(t, inner.APIURL())
	s.recordData(t, inner.DataAddr(), roots)
	return s
}

// recordAPI puts a proxy before the API that notes the tokens in its answers.
func (s *service) recordAPI(t *testing.T, target string) {
	inner, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(inner)
	proxy.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		var tokens struct{ SourceAccessToken, DestinationAccessToken string }
		if json.Unmarshal(body, &tokens) == nil {
			s.secrets.add(tokens.SourceAccessToken)
			s.secrets.add(tokens.DestinationAccessToken)
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	s.api = server.URL
}

// recordData puts a TLS server before the data plane that notes the client tokens of the handshakes.
func (s *service) recordData(t *testing.T, target string, roots *x509.CertPool) {
	certificate, authority := selfSigned(t)
	if err := os.WriteFile(s.ca, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	s.data = listener.Addr().String()
	var running sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	running.Go(func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			back, err := tls.Dial("tcp", target, &tls.Config{RootCAs: roots})
			if err != nil {
				_ = front.Close()
				continue
			}
			mu.Lock()
			open = append(open, front, back)
			mu.Unlock()
			running.Go(func() { defer front.Close(); _, _ = io.Copy(front, back) })
			running.Go(func() {
				defer back.Close()
				reader := bufio.NewReader(front)
				for {
					line, err := reader.ReadString('\n')
					if name, value, found := strings.Cut(line, ":"); found && strings.HasSuffix(strings.ToLower(name), "-token") {
						s.secrets.add(strings.TrimSpace(value))
					}
					if _, failed := io.WriteString(back, line); failed != nil || err != nil {
						return
					}
					if line == "\r\n" {
						break
					}
				}
				_, _ = io.Copy(back, reader)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
}

func selfSigned(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "recorder"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// TestNoTokenIsEverLeftBehind goes from an opened tunnel to a shell, crashes the program, and looks everywhere a secret
// could have gone: command lines and environments of every process of the run, files, logs, the crash report, and each
// byte that was sent to the terminal.
func TestNoTokenIsEverLeftBehind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	need(t, "ssh")
	h := newHome(t)
	s := startService(t, h)
	const credential = "canary-credential-Zq81"
	h.extra = []string{"AWS_ACCESS_KEY_ID=AKIACANARY", "AWS_SECRET_ACCESS_KEY=" + credential}
	term := start(t, h, 120, 40, "--endpoint-url", s.api, "--region", "eu-west-1",
		"--data-endpoint", s.data, "--ca", s.ca, "--log-level", "debug")
	term.see("NOT AWS", "THING")
	openTunnel(term, "pump-07", "canary")
	term.see("never seen here", "billed")
	term.press("y")
	// A device that was never seen: ssh asks, because adit never switches the check off.
	term.see("continue connecting")
	term.write("yes\r")
	term.see("pump-07:~")

	if got := len(s.secrets.list()); got < 3 {
		t.Fatalf("the recorders saw %d tokens; at least the two access tokens and a client token must have passed", got)
	}
	family := descendants(t, term.cmd.Process.Pid)
	if len(family) < 3 {
		t.Fatalf("processes of the run: %v; expected adit, ssh and its proxy command at least", family)
	}
	for _, pid := range family {
		for _, file := range []string{"cmdline", "environ"} {
			content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), file))
			if err != nil {
				continue // a process that ended meanwhile
			}
			// The credential stands in the environment because the user put it there; the tokens must not.
			s.clean(t, fmt.Sprintf("%s of process %d", file, pid), content)
		}
	}
	files := sweep(t, h.dir, s.ca)
	for name, content := range files {
		s.clean(t, name, content, credential)
	}
	term.write("exit\r")
	term.see("THING")

	// A crash: the runtime prints the stacks of all goroutines, as for a panic in any of them.
	if err := syscall.Kill(term.cmd.Process.Pid, syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	if code := term.exit(); code == 0 {
		t.Error("a crash ended with exit code 0")
	}
	term.see("adit crashed")
	term.restored()
	crashes := 0
	for name, content := range sweep(t, h.dir, s.ca) {
		s.clean(t, name, content, credential)
		if strings.Contains(name, "crash-") {
			crashes++
			if !bytes.Contains(content, []byte("goroutine ")) {
				t.Errorf("the crash report has no stack: %.200s", content)
			}
		}
	}
	if crashes != 1 {
		t.Errorf("%d crash reports, want 1", crashes)
	}
	s.clean(t, "the terminal", []byte(term.output()), credential)
}

// clean reports every secret found in content. A token that a line break cut counts as well: any 40 characters of it.
func (s *service) clean(t *testing.T, where string, content []byte, more ...string) {
	t.Helper()
	for _, secret := range append(s.secrets.list(), more...) {
		if secret == "" {
			continue
		}
		for from := 0; from == 0 || from+40 <= len(secret); from += 20 {
			piece := secret[from:min(from+40, len(secret))]
			if bytes.Contains(content, []byte(piece)) {
				t.Errorf("%s holds a secret of %d characters", where, len(secret))
				break
			}
		}
	}
}

// descendants are a process and all it started that still run.
func descendants(t *testing.T, root int) []int {
	t.Helper()
	parents := map[int]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// The command's name, in parentheses, may hold anything; the parent is the second field behind it.
		fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parents[pid], _ = strconv.Atoi(fields[1])
	}
	family := []int{root}
	for i := 0; i < len(family); i++ {
		for pid, parent := range parents {
			if parent == family[i] {
				family = append(family, pid)
			}
		}
	}
	return family
}

// running tells whether a process is there and is no corpse.
func running(pid int) bool {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !bytes.Contains(content, []byte(") Z "))
}

// sweep reads every file below a directory but those of the test itself.
func sweep(t *testing.T, dir string, but ...string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || slices.Contains(but, path) {
			return err
		}
		content, err := os.ReadFile(path)
		found[path] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no file was swept: the program keeps its state somewhere else")
	}
	return found
}
