package client

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"adit/tunnelconn/token"
)

// wire is a service that speaks AWS JSON 1.1 as a test tells it to.
type wire struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

// request is one HTTP request as it came.
type request struct {
	operation string
	body      map[string]any
	header    http.Header
}

func newWire(t *testing.T, answer func(w http.ResponseWriter, r request)) *wire {
	t.Helper()
	s := &wire{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got := request{header: r.Header, operation: strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "IoTSecuredTunneling.")}
		_ = json.Unmarshal(raw, &got.body)
		if got.operation == "" {
			// GetCallerIdentity speaks another protocol; the account is not known then.
			http.Error(w, "not here", http.StatusNotFound)
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, got)
		s.mu.Unlock()
		answer(w, got)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *wire) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.requests...)
}

// reply answers with a JSON body.
func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", "req-1")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// connect is a Service on the wire with fixed credentials.
func (s *wire) connect(t *testing.T, edit func(*ConnectOptions)) Service {
	t.Helper()
	opts := ConnectOptions{Region: "eu-west-1", EndpointURL: s.URL,
		Static: &StaticCredentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: token.New("secret-canary")}}
	if edit != nil {
		edit(&opts)
	}
	service, err := Connect(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return service
}
