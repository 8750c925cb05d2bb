package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"adit/emulator/faults"
	"adit/emulator/notify"
	"adit/emulator/registry"
	"adit/emulator/tunnels"
)

// FuzzOperations: whatever is sent to an operation, the answer is JSON with a request id, and never the server's fault.
func FuzzOperations(f *testing.F) {
	f.Add("OpenTunnel", []byte(`{"description":"a","tags":[{"key":"a","value":"b"}],"destinationConfig":{"thingName":"t","services":["SSH"]},"timeoutConfig":{"maxLifetimeTimeoutMinutes":60}}`))
	f.Add("DescribeTunnel", []byte(`{"tunnelId":"x"}`))
	f.Add("CloseTunnel", []byte(`{"tunnelId":"x","delete":true}`))
	f.Add("ListTunnels", []byte(`{"thingName":"t","maxResults":2,"nextToken":"MTcwMC4x"}`))
	f.Add("RotateTunnelAccessToken", []byte(`{"tunnelId":"x","clientMode":"ALL"}`))
	f.Add("TagResource", []byte(`{"resourceArn":"arn:aws:iot:us-east-1:000000000000:tunnel/x","tags":[{"key":"a","value":""}]}`))
	f.Add("UntagResource", []byte(`{"resourceArn":"arn:aws:iot:us-east-1:000000000000:tunnel/x","tagKeys":[]}`))
	f.Add("ListTagsForResource", []byte(`{"resourceArn":"a"}`))
	f.Add("OpenTunnel", []byte(`{"tags":[null,{}],"destinationConfig":{"services":[null]}}`))
	f.Add("", []byte(`[`))
	f.Fuzz(func(t *testing.T, operation string, body []byte) {
		store := tunnels.New(tunnels.Config{
			Now:    time.Now,
			After:  func(time.Duration, func()) func() bool { return func() bool { return true } },
			Notify: func(tunnels.Notification) {},
		})
		api := New(Config{Tunnels: store, Faults: faults.NewSet(0, time.Now, nil), Fallback: tunnels.Scope{Account: "000000000000", Region: "us-east-1"}, Log: slog.New(slog.DiscardHandler)})
		api.pause = 0
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
		r.Header["X-Amz-Target"] = []string{targetPrefix + operation}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Errorf("%v: %s", err, w.Body)
		}
		if text, ok := answer["__type"].(string); (w.Code == http.StatusBadRequest) != (ok && text != "") {
			t.Errorf("status %d with __type %q", w.Code, text)
		}
		if w.Header().Get("X-Amzn-Requestid") == "" {
			t.Error("no request id")
		}
	})
}

// FuzzNeighbours: so it is with AWS IoT beside the tunnels, whatever the method, the path and the query.
func FuzzNeighbours(f *testing.F) {
	f.Add("POST", "/things/pump", `{"attributePayload":{"attributes":{"a":"b"}}}`)
	f.Add("GET", "/things?maxResults=2&nextToken=cHVtcA==&attributeName=a", "")
	f.Add("DELETE", "/things/pump?expectedVersion=1", "")
	f.Add("POST", "/things/pump/connectivity-data", "{}")
	f.Add("POST", "/indices/search", `{"queryString":"thingName:(\"pump\" OR a*) AND connectivity.connected:true"}`)
	f.Add("GET", "/endpoint?endpointType=iot:Data-ATS", "")
	f.Add("PUT", "/things//%2f?", "[")
	f.Fuzz(func(t *testing.T, method, target, body string) {
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
		r, err := http.NewRequest(method, "http://127.0.0.1"+target, strings.NewReader(body))
		if err != nil {
			t.Skip() // no HTTP server would pass it on
		}
		api := New(Config{
			Things: registry.New([]string{"pump"}), Faults: faults.NewSet(0, time.Now, nil), Broker: "127.0.0.1:1883",
			Presence: func(string) (notify.Presence, bool) { return notify.Presence{}, false },
			Fallback: tunnels.Scope{Account: "000000000000", Region: "us-east-1"}, Log: slog.New(slog.DiscardHandler),
		})
		api.pause = 0
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code >= 500 || w.Header().Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s %s: status %d, %v: %s", method, target, w.Code, err, w.Body)
		}
	})
}

// FuzzScope: a signature that makes no sense is no reason to fail.
func FuzzScope(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/IoTSecuredTunneling/aws4_request, SignedHeaders=host")
	f.Add("Credential=////")
	f.Fuzz(func(t *testing.T, authorization string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", authorization)
		scope := scopeOf(r, tunnels.Scope{Account: "000000000000", Region: "us-east-1"})
		if !accountID.MatchString(scope.Account) || !IsRegion(scope.Region) {
			t.Errorf("%q gave %+v", authorization, scope)
		}
	})
}

func TestAccountIsTheSameForTheSameKey(t *testing.T) {
	if AccountOf("123456789012") != "123456789012" {
		t.Error("twelve digits are not the account itself")
	}
	first, second := AccountOf("AKIAIOSFODNN7EXAMPLE"), AccountOf("AKIAOTHER")
	if first != AccountOf("AKIAIOSFODNN7EXAMPLE") || first == second || !accountID.MatchString(first) || !accountID.MatchString(second) {
		t.Errorf("accounts %q and %q", first, second)
	}
}
