package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// post sends a raw API request without a signature, and gives status, error code and message.
func (b *bench) post(target, body string) (status int, kind, message string) {
	b.t.Helper()
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
	if target != "" {
		header.Set("X-Amz-Target", target)
	}
	return b.told(http.MethodPost, "/any/path", body, header)
}

// told gives what a request that may be refused is answered.
func (b *bench) told(method, path, body string, header http.Header) (status int, kind, message string) {
	b.t.Helper()
	response, content := b.fetch(method, path, body, header)
	if response.Header.Get("X-Amzn-Requestid") == "" {
		b.t.Error("an answer has no x-amzn-RequestId")
	}
	var fault struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(content, &fault); err != nil {
		b.t.Errorf("an answer of status %d is not JSON: %q", response.StatusCode, content)
	}
	return response.StatusCode, fault.Type, fault.Message
}

func TestServerEnforcesWhatClientsDoNotCheck(t *testing.T) {
	b := start(t)
	long := func(n int) string { return strings.Repeat("x", n) }
	list := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	const open, describe, closing, listing, rotate = "OpenTunnel", "DescribeTunnel", "CloseTunnel", "ListTunnels", "RotateTunnelAccessToken"
	const tag, untag, tags = "TagResource", "UntagResource", "ListTagsForResource"
	for _, c := range []struct{ op, body, at string }{
		{open, `{"description":""}`, "description"},
		{open, `{"description":"` + long(2049) + `"}`, "description"},
		{open, `{"description":"a\nb"}`, "description"},
		{open, `{"description":"a\u001b[31m"}`, "description"},
		{open, `{"destinationConfig":{}}`, "destinationConfig.services"},
		{open, `{"destinationConfig":{"services":[]}}`, "destinationConfig.services"},
		{open, `{"destinationConfig":{"services":[""]}}`, "destinationConfig.services.1.member"},
		{open, `{"destinationConfig":{"services":["SSH",null]}}`, "destinationConfig.services.2.member"},
		{open, `{"destinationConfig":{"services":["S.H"]}}`, "destinationConfig.services.1.member"},
		{open, `{"destinationConfig":{"services":["` + long(129) + `"]}}`, "destinationConfig.services.1.member"},
		{open, `{"destinationConfig":{"services":["SSH","SSH"]}}`, "destinationConfig.services"},
		{open, `{"destinationConfig":{"services":["SSH"],"thingName":""}}`, "destinationConfig.thingName"},
		{open, `{"destinationConfig":{"services":["SSH"],"thingName":"a b"}}`, "destinationConfig.thingName"},
		{open, `{"destinationConfig":{"services":["SSH"],"thingName":"` + long(129) + `"}}`, "destinationConfig.thingName"},
		{open, `{"timeoutConfig":{"maxLifetimeTimeoutMinutes":0}}`, "timeoutConfig.maxLifetimeTimeoutMinutes"},
		{open, `{"timeoutConfig":{"maxLifetimeTimeoutMinutes":721}}`, "timeoutConfig.maxLifetimeTimeoutMinutes"},
		{open, `{"tags":[]}`, "tags"},
		{open, `{"tags":` + list(201, `{"key":"a","value":""}`) + `}`, "tags"},
		{open, `{"tags":[{"value":"a"}]}`, "tags.1.member.key"},
		{open, `{"tags":[{"key":"a"}]}`, "tags.1.member.value"},
		{open, `{"tags":[{"key":"","value":"a"}]}`, "tags.1.member.key"},
		{open, `{"tags":[{"key":"` + long(129) + `","value":"a"}]}`, "tags.1.member.key"},
		{open, `{"tags":[{"key":"a;b","value":"a"}]}`, "tags.1.member.key"},
		{open, `{"tags":[{"key":"a","value":"` + long(257) + `"}]}`, "tags.1.member.value"},
		{open, `{"tags":[{"key":"a","value":"!"}]}`, "tags.1.member.value"},
		{describe, `{}`, "tunnelId"},
		{describe, `{"tunnelId":null}`, "tunnelId"},
		{describe, `{"TunnelId":"x"}`, "tunnelId"},
		{describe, `{"tunnelId":""}`, "tunnelId"},
		{describe, `{"tunnelId":"` + long(129) + `"}`, "tunnelId"},
		{describe, `{"tunnelId":"a/b"}`, "tunnelId"},
		{closing, `{"delete":true}`, "tunnelId"},
		{listing, `{"maxResults":0}`, "maxResults"},
		{listing, `{"maxResults":101}`, "maxResults"},
		{listing, `{"nextToken":""}`, "nextToken"},
		{listing, `{"nextToken":"a+b/c"}`, "nextToken"},
		{listing, `{"nextToken":"` + long(4097) + `"}`, "nextToken"},
		{listing, `{"nextToken":"bm90IG91cnM="}`, "nextToken"},
		{listing, `{"nextToken":"MS4yZ2FyYmFnZQ=="}`, "nextToken"}, // 1.2garbage
		{listing, `{"nextToken":"ICs1LiA3"}`, "nextToken"},         // " +5. 7"
		{listing, `{"thingName":"a b"}`, "thingName"},
		{rotate, `{"tunnelId":"x"}`, "clientMode"},
		{rotate, `{"tunnelId":"x","clientMode":"source"}`, "clientMode"},
		{rotate, `{"tunnelId":"x","clientMode":""}`, "clientMode"},
		{rotate, `{"tunnelId":"x","clientMode":"ALL","destinationConfig":{"services":[]}}`, "destinationConfig.services"},
		{tag, `{"tags":[{"key":"a","value":"b"}]}`, "resourceArn"},
		{tag, `{"resourceArn":"a"}`, "tags"},
		{tag, `{"resourceArn":"a","tags":[]}`, "tags"},
		{untag, `{"resourceArn":"a"}`, "tagKeys"},
		{untag, `{"resourceArn":"a","tagKeys":` + list(201, `"a"`) + `}`, "tagKeys"},
		{untag, `{"resourceArn":"a","tagKeys":[""]}`, "tagKeys.1.member"},
		{tags, `{"resourceArn":""}`, "resourceArn"},
		{tags, `{"resourceArn":"` + long(1012) + `"}`, "resourceArn"},
	} {
		status, kind, message := b.post("IoTSecuredTunneling."+c.op, c.body)
		if status != http.StatusBadRequest || kind != "ValidationException" || !strings.Contains(message, c.at) {
			t.Errorf("%s %.80s: %d %s %q, want a ValidationException about %s", c.op, c.body, status, kind, message, c.at)
		}
	}
}

func TestValuesAtTheBoundsAreAccepted(t *testing.T) {
	b := start(t)
	long := func(n int) string { return strings.Repeat("ä", n) }
	for _, c := range []struct{ op, body string }{
		{"OpenTunnel", ``},
		{"OpenTunnel", `{"description":null,"tags":null,"destinationConfig":null,"timeoutConfig":null,"unknown":{}}`},
		{"OpenTunnel", `{"timeoutConfig":{"maxLifetimeTimeoutMinutes":1}}`},
		{"OpenTunnel", `{"timeoutConfig":{"maxLifetimeTimeoutMinutes":720}}`},
		{"OpenTunnel", `{"timeoutConfig":{}}`},
		{"OpenTunnel", `{"description":"` + long(2048) + `","tags":[{"key":"` + long(128) + `","value":"` + long(256) + `"}]}`},
		{"OpenTunnel", `{"destinationConfig":{"services":["` + strings.Repeat("S", 128) + `"],"thingName":"` + strings.Repeat("t", 128) + `"}}`},
		{"ListTunnels", `{"maxResults":1,"nextToken":null}`},
		{"ListTunnels", `{"maxResults":100}`},
	} {
		if status, kind, message := b.post("IoTSecuredTunneling."+c.op, c.body); status != http.StatusOK {
			t.Errorf("%s %.80s: %d %s %s", c.op, c.body, status, kind, message)
		}
	}
}

func TestSeveralViolationsAreToldAtOnce(t *testing.T) {
	b := start(t)
	_, _, message := b.post("IoTSecuredTunneling.RotateTunnelAccessToken", `{"clientMode":"x"}`)
	if !strings.HasPrefix(message, "2 validation errors detected: ") {
		t.Errorf("message %q", message)
	}
}

func TestRequestsThatAreNoRequestsGetJSONAllTheSame(t *testing.T) {
	b := start(t)
	const describe = "IoTSecuredTunneling.DescribeTunnel"
	for _, c := range []struct {
		target, body string
		status       int
		kind         string
	}{
		{"", `{}`, 400, "UnknownOperationException"},
		{"IoTSecuredTunneling.Nonsense", `{}`, 400, "UnknownOperationException"},
		{"IoTSecureTunneling.ListTunnels", `{}`, 400, "UnknownOperationException"},
		{"ListTunnels", `{}`, 400, "UnknownOperationException"},
		{describe, `{`, 400, "SerializationException"},
		{describe, `[]`, 400, "SerializationException"},
		{describe, `"x"`, 400, "SerializationException"},
		{describe, `{} {}`, 400, "SerializationException"},
		{describe, `{"tunnelId":7}`, 400, "SerializationException"},
		{"IoTSecuredTunneling.ListTunnels", `{"maxResults":"7"}`, 400, "SerializationException"},
		{"IoTSecuredTunneling.ListTunnels", `{"maxResults":1.5}`, 400, "SerializationException"},
		{"IoTSecuredTunneling.CloseTunnel", `{"tunnelId":"x","delete":"yes"}`, 400, "SerializationException"},
		{"IoTSecuredTunneling.OpenTunnel", `{"tags":{}}`, 400, "SerializationException"},
		{describe, fmt.Sprintf(`{"tunnelId":"%s"}`, strings.Repeat("x", 1<<20)), 413, "RequestEntityTooLargeException"},
	} {
		if status, kind, _ := b.post(c.target, c.body); status != c.status || kind != c.kind {
			t.Errorf("%s %.40q: %d %s, want %d %s", c.target, c.body, status, kind, c.status, c.kind)
		}
	}
	if status, kind, _ := b.told(http.MethodGet, "/", "", nil); status != 400 || kind != "UnknownOperationException" {
		t.Errorf("GET: %d %s", status, kind)
	}
}

func TestTimesAreNumbersAndEmptyResultsAreObjects(t *testing.T) {
	b := start(t)
	out := b.open()
	raw := func(op, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.APIURL(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "IoTSecuredTunneling."+op)
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20261123/"+region+"/IoTSecuredTunneling/aws4_request, SignedHeaders=host, Signature=00")
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if kind := resp.Header.Get("Content-Type"); kind != "application/x-amz-json-1.1" {
			t.Errorf("content type %q", kind)
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	if got := raw("DescribeTunnel", `{"tunnelId":"`+*out.TunnelId+`"}`); !strings.Contains(got, fmt.Sprintf(`"createdAt":%d`, b.clock.Now().Unix())) || strings.Contains(got, `null`) {
		t.Errorf("describe: %s", got)
	}
	if got := raw("CloseTunnel", `{"tunnelId":"`+*out.TunnelId+`"}`); got != `{}` {
		t.Errorf("close: %q", got)
	}
	if got := raw("ListTagsForResource", `{"resourceArn":"`+*out.TunnelArn+`"}`); got != `{"tags":[]}` {
		t.Errorf("no tags: %q", got)
	}
}

func TestScopeComesFromTheSignature(t *testing.T) {
	b := start(t)
	for _, c := range []struct{ authorization, want string }{
		{"", "arn:aws:iot:us-east-1:000000000000:tunnel/"},
		{"AWS4-HMAC-SHA256 Credential=123456789012/20261123//IoTSecuredTunneling/aws4_request, Signature=0", "arn:aws:iot:us-east-1:123456789012:tunnel/"},
		{"AWS4-HMAC-SHA256 Credential=/20261123/us-west-2/IoTSecuredTunneling/aws4_request", "arn:aws:iot:us-west-2:000000000000:tunnel/"},
		{"AWS4-HMAC-SHA256 Credential=123456789012/20261123/us-gov-west-1/x/aws4_request", "arn:aws-us-gov:iot:us-gov-west-1:123456789012:tunnel/"},
		{"AWS4-HMAC-SHA256 Credential=", "arn:aws:iot:us-east-1:000000000000:tunnel/"},
		{"Basic nonsense", "arn:aws:iot:us-east-1:000000000000:tunnel/"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.APIURL(), strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "IoTSecuredTunneling.OpenTunnel")
		req.Header.Set("Authorization", c.authorization)
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !strings.Contains(string(body), c.want) {
			t.Errorf("%q: %.120s, %v, want %s", c.authorization, body, err, c.want)
		}
	}
}

func TestAClientThatSendsNonsenseHarmsNobody(t *testing.T) {
	b := start(t)
	for _, addr := range []string{strings.TrimPrefix(b.APIURL(), "http://"), b.DataAddr(), b.MQTTAddr(), b.MQTTSAddr()} {
		for _, nonsense := range []string{"", "\x00\x01\x02", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nx", strings.Repeat("A", 1<<18)} {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = conn.Write([]byte(nonsense)) // the other end may have had enough
			_ = conn.Close()
		}
	}
	out := b.open("SSH")
	b.source(out)
}
