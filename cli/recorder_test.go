package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder stands before an emulator's API and keeps what was asked of it, in the order in which it came.
type recorder struct {
	url string

	mu    sync.Mutex
	asked []request
	// names stand for ids that differ with each run.
	names []string
}

// request is one that reached the emulator: its operation, or method and path, the account and region that signed it, and
// its body as JSON with sorted keys.
type request struct{ operation, account, region, body string }

// mine are the values by which adit marks what it holds and has opened: who it is, and when.
var mine = regexp.MustCompile(`"[^" ]*(@[^" ]+ \d\d:\d\d|[0-9a-f]{16} [^" ]+@[^" ]+)"`)

func record(t *testing.T, api string) *recorder {
	t.Helper()
	target, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	transport := &http.Transport{}
	onward := httputil.NewSingleHostReverseProxy(target)
	onward.Transport = transport
	// A request that its sender has given up is no failure of anybody's.
	onward.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		r.note(req, body)
		onward.ServeHTTP(w, req)
	}))
	t.Cleanup(func() { server.Close(); transport.CloseIdleConnections() })
	r.url = server.URL
	return r
}

func (r *recorder) note(req *http.Request, body []byte) {
	_, operation, named := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	if !named {
		operation = req.Method + " " + req.URL.Path
	}
	_, credential, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=")
	scope := append(strings.Split(credential, "/"), "", "", "")
	var fields any
	if json.Unmarshal(body, &fields) == nil {
		body, _ = json.Marshal(fields)
	}
	body = mine.ReplaceAll(body, []byte(`"<me>"`))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, request{operation, scope[0], scope[2], string(body)})
}

// call has an id shown as a name.
func (r *recorder) call(id, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = append(r.names, id, name)
}

// requests are those for an operation that came so far, with the region they were signed for and their body.
func (r *recorder) requests(operation string) []string {
	return r.lines(func(q request) (string, bool) { return q.region + " " + q.body, q.operation == operation })
}

// changes are all requests that change something, with their operation, region and body.
func (r *recorder) changes() []string {
	changing := []string{"OpenTunnel", "CloseTunnel", "RotateTunnelAccessToken", "TagResource", "UntagResource"}
	return r.lines(func(q request) (string, bool) {
		return fmt.Sprintf("%s %s %s", q.operation, q.region, q.body), slices.Contains(changing, q.operation)
	})
}

func (r *recorder) lines(pick func(request) (string, bool)) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names, lines := strings.NewReplacer(r.names...), []string{}
	for _, q := range r.asked {
		if line, ok := pick(q); ok {
			lines = append(lines, names.Replace(line))
		}
	}
	return lines
}
