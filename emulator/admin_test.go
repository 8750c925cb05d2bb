package emulator_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/coder/websocket"

	"adit/emulator"
	"adit/tunnelconn/wire"
)

const adminSecret = "of this test"

func startWithAdmin(t *testing.T, secret string) *bench {
	t.Helper()
	c := newClock()
	e, err := emulator.Start(t.Context(), emulator.Config{Now: c.Now, After: c.After, AdminSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return attach(t, e)
}

// admin sends a request to the admin API, with the secret unless the header says otherwise.
func (b *bench) admin(method, path, body string, header http.Header) (status int, text string) {
	b.t.Helper()
	all := http.Header{"Authorization": {"Bearer " + adminSecret}}
	maps.Copy(all, header)
	response, content := b.fetch(method, "/_adit/"+path, body, all)
	return response.StatusCode, string(content)
}

func TestTheAdminAPIChangesFaults(t *testing.T) {
	b := startWithAdmin(t, adminSecret)
	if status, text := b.admin("GET", "faults", "", nil); status != 200 || text != "" {
		t.Errorf("at first: %d %q", status, text)
	}
	const rules = "OpenTunnel=limit\nListTunnels=throttle,rate=0.5\n"
	if status, text := b.admin("PUT", "faults", "# the drill\n"+rules, nil); status != 200 || text != rules {
		t.Errorf("PUT: %d %q", status, text)
	}
	if status, text := b.admin("PUT", "faults", "OpenTunnel=burn", nil); status != 400 || !strings.Contains(text, "OpenTunnel=burn") {
		t.Errorf("a fault that makes no sense: %d %q", status, text)
	}
	if status, text := b.admin("PUT", "faults", strings.Repeat("#", 100_000), nil); status != 400 {
		t.Errorf("a list too long: %d %q", status, text)
	}
	if status, text := b.admin("GET", "faults", "", nil); status != 200 || text != rules {
		t.Errorf("GET: %d %q", status, text)
	}
	if _, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{}); err == nil {
		t.Error("the fault does not strike")
	}
	if status, _ := b.admin("PUT", "faults", "", nil); status != 200 {
		t.Errorf("no faults: %d", status)
	}
	b.open("SSH")
}

func TestTheAdminAPIIsForWhoKnowsTheSecretAndNotForWebPages(t *testing.T) {
	b := startWithAdmin(t, adminSecret)
	for name, c := range map[string]struct {
		header http.Header
		status int
	}{
		"no secret":      {http.Header{"Authorization": nil}, 401},
		"another secret": {http.Header{"Authorization": {"Bearer of another"}}, 401},
		"an empty one":   {http.Header{"Authorization": {"Bearer "}}, 401},
		"a web page":     {http.Header{"Origin": {"http://localhost:8080"}}, 403},
		"a file":         {http.Header{"Origin": {"null"}}, 403},
	} {
		if status, _ := b.admin("PUT", "faults", "OpenTunnel=limit", c.header); status != c.status {
			t.Errorf("%s: status %d, want %d", name, status, c.status)
		}
	}
	b.open("SSH")
}

func TestWithoutASecretThereIsNoAdminAPI(t *testing.T) {
	b := startWithAdmin(t, "")
	for _, authorization := range []string{"", "Bearer ", "Bearer " + adminSecret} {
		status, _ := b.admin("PUT", "faults", "OpenTunnel=limit", http.Header{"Authorization": {authorization}})
		if status != 400 { // an unknown operation
			t.Errorf("%q: status %d", authorization, status)
		}
	}
	b.open("SSH")
}

func TestTheAdminAPINamesItsRequests(t *testing.T) {
	b := startWithAdmin(t, adminSecret)
	for method, path := range map[string]string{"GET": "", "POST": "faults", "PUT": "../faults", "DELETE": "cut"} {
		if status, text := b.admin(method, path, "", nil); status != 404 || !strings.Contains(text, "PUT faults") {
			t.Errorf("%s %s: %d %q", method, path, status, text)
		}
	}
}

func TestTheAdminAPICutsASide(t *testing.T) {
	b := startWithAdmin(t, adminSecret)
	out := b.open("SSH")
	source := b.source(out)
	if status, _ := b.admin("POST", "cut?side=destination&tunnel="+*out.TunnelId, "", nil); status != 404 {
		t.Errorf("a side that is not there: %d", status)
	}
	if status, _ := b.admin("POST", "cut?side=middle&tunnel="+*out.TunnelId, "", nil); status != 400 {
		t.Errorf("a side that cannot be: %d", status)
	}
	if status, text := b.admin("POST", "cut?side=source&tunnel="+*out.TunnelId, "", nil); status != 204 {
		t.Errorf("cut: %d %s", status, text)
	}
	if _, err := source.message(); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("the source ended with %v, want a lost connection", err)
	}
}

func TestTheAdminAPIReplacesResetsAndExpires(t *testing.T) {
	b := startWithAdmin(t, adminSecret)
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	source.send(streamStart(5, 3))
	destination.expect(streamStart(5, 3))
	post := func(path string, want int) {
		t.Helper()
		if status, text := b.admin("POST", path+"tunnel="+*out.TunnelId, "", nil); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, text, want)
		}
	}
	post("session-reset?side=destination&", 204)
	destination.expect(wire.Message{Type: wire.SessionReset})
	post("replace?side=destination&", 204)
	destination.expectClose(websocket.StatusPolicyViolation)
	source.expect(message(wire.StreamReset, 5, 1))
	post("replace?side=destination&", 404)
	if got := b.describe(out.TunnelId).DestinationConnectionState.Status; got != types.ConnectionStatusDisconnected {
		t.Errorf("the destination is %v after its replacement", got)
	}
	post("expire?", 204)
	source.expectClose(websocket.StatusNormalClosure)
	if got := b.describe(out.TunnelId).Status; got != types.TunnelStatusClosed {
		t.Errorf("the tunnel is %v after its end", got)
	}
	post("expire?", 404)
}
