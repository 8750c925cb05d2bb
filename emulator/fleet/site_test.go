package fleet_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"adit/emulator"
	"adit/emulator/fleet"
	"adit/tunnelconn"
	"adit/tunnelconn/token"
)

// site is an emulator with a fleet, and an operator's view of both: the API in raw JSON and source proxies.
type site struct {
	*testing.T
	emulator *emulator.Emulator
	fleet    *fleet.Fleet
	roots    *x509.CertPool
	http     *http.Client
	delays   chan delay
}

// delay is a timer of the fleet, which goes off by hand.
type delay struct {
	length time.Duration
	over   func()
}

func newSite(t *testing.T, things ...fleet.Thing) *site {
	t.Helper()
	s := &site{T: t, delays: make(chan delay, 4)}
	var err error
	if s.emulator, err = emulator.Start(t.Context(), emulator.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.emulator.Close() })
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(s.emulator.CAPEM())
	s.fleet, err = fleet.Start(t.Context(), fleet.Config{
		MQTT: s.emulator.MQTTAddr(), Data: s.emulator.DataAddr(), Roots: s.roots, Things: things,
		After: func(d time.Duration, f func()) func() bool {
			s.delays <- delay{d, f}
			return func() bool { return true }
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.fleet.Close() })
	transport := &http.Transport{}
	s.http = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	return s
}

// answer holds the fields of all answers of the API that these tests read.
type answer struct {
	TunnelID          string `json:"tunnelId"`
	SourceAccessToken string `json:"sourceAccessToken"`
	Tunnel            struct {
		Destination struct {
			Status string `json:"status"`
		} `json:"destinationConnectionState"`
	} `json:"tunnel"`
}

// call is one request to the API, as any client sends it.
func (s *site) call(operation string, parameters map[string]any) answer {
	s.Helper()
	body, err := json.Marshal(parameters)
	if err != nil {
		s.Fatal(err)
	}
	request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.emulator.APIURL(), bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "IoTSecuredTunneling."+operation)
	response, err := s.http.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.Fatalf("%s: %s %s %v", operation, response.Status, text, err)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		s.Fatal(err)
	}
	return a
}

// open opens a tunnel to a thing; the device may still be on its way.
func (s *site) open(thing string, services ...string) answer {
	s.Helper()
	return s.call("OpenTunnel", map[string]any{"destinationConfig": map[string]any{"thingName": thing, "services": services}})
}

// device is the state of a tunnel's destination.
func (s *site) device(tunnel answer) string {
	s.Helper()
	return s.call("DescribeTunnel", map[string]any{"tunnelId": tunnel.TunnelID}).Tunnel.Destination.Status
}

func (s *site) waitForDevice(tunnel answer, want string) {
	s.Helper()
	s.eventually("the device is "+want, func() bool { return s.device(tunnel) == want })
}

func (s *site) eventually(what string, condition func() bool) {
	s.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("still not so: %s", what)
		}
	}
}

// source starts a source proxy with a listener for each service and returns their addresses.
func (s *site) source(tunnel answer, services ...string) (*tunnelconn.Source, map[string]string) {
	s.Helper()
	cfg := tunnelconn.SourceConfig{Link: tunnelconn.Link{
		Endpoint: s.emulator.DataAddr(), Roots: s.roots, AccessToken: token.New(tunnel.SourceAccessToken),
	}}
	for _, service := range services {
		cfg.Listeners = append(cfg.Listeners, tunnelconn.Listener{Service: service, Address: "127.0.0.1:0"})
	}
	source, err := tunnelconn.StartSource(cfg)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = source.Close() })
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	for status := source.Status(); status.State != tunnelconn.Connected; status = source.Status() {
		if _, err := source.Changed(ctx, status.Seq); err != nil {
			s.Fatalf("the source does not connect: %v, %v", err, source.Status().Err)
		}
	}
	addresses := map[string]string{}
	for _, service := range source.Status().Services {
		addresses[service.Service] = service.Address
	}
	return source, addresses
}

// logIn opens an ssh connection through a tunnel and accepts no key but the thing's.
func (s *site) logIn(thing, address string) *ssh.Client {
	s.Helper()
	client, err := s.tryLogIn(thing, address)
	if err != nil {
		s.Fatal(err)
	}
	return client
}

func (s *site) tryLogIn(thing, address string) (*ssh.Client, error) {
	s.Helper()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.fleet.KnownHost(thing)))
	if err != nil {
		s.Fatal(err)
	}
	client, err := ssh.Dial("tcp", address, &ssh.ClientConfig{User: "root", HostKeyCallback: ssh.FixedHostKey(key)})
	if err == nil {
		s.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

// run runs a command and returns its output and status.
func (s *site) run(client *ssh.Client, command string) (string, int) {
	s.Helper()
	session, err := client.NewSession()
	if err != nil {
		s.Fatal(err)
	}
	defer session.Close()
	out, err := session.Output(command)
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return string(out), 0
	case errors.As(err, &exit):
		return string(out), exit.ExitStatus()
	default:
		s.Fatalf("%s: %v", command, err)
		return "", -1
	}
}
