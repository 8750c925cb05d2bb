package emulator_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"adit/emulator"
)

// rest sends a request without a signature, as a script with curl does.
func (b *bench) rest(method, path, body string, to any) *http.Response {
	b.t.Helper()
	response, content := b.fetch(method, path, body, nil)
	if to != nil {
		if err := json.Unmarshal(content, to); err != nil {
			b.t.Fatalf("%s %s: %v: %q", method, path, err, content)
		}
	}
	return response
}

func startWithThings(t *testing.T, things ...string) *bench {
	t.Helper()
	return startWith(t, emulator.Config{Things: things})
}

func TestAWSCLIRunsTheNeighboursOfTunnels(t *testing.T) {
	need(t, "aws")
	b := startWithThings(t, "pump-07")
	var thing struct {
		ThingName, ThingID, ThingARN, DefaultClientID string
		Attributes                                    map[string]string
		Version                                       int
	}
	decode(t, b.aws("iot", "create-thing", "--thing-name", "Tank-A:4", "--attribute-payload", "attributes={site=north}"), &thing)
	id := thing.ThingID
	if thing.ThingARN != "arn:aws:iot:"+region+":"+account+":thing/Tank-A:4" || id == "" {
		t.Errorf("create-thing: %+v", thing)
	}
	decode(t, b.aws("iot", "describe-thing", "--thing-name", "Tank-A:4"), &thing)
	if thing.ThingID != id || thing.Attributes["site"] != "north" || thing.Version != 1 || thing.DefaultClientID != "Tank-A:4" {
		t.Errorf("describe-thing: %+v", thing)
	}
	var list struct{ Things []struct{ ThingName string } }
	// The AWS CLI pages by itself, one thing a page.
	decode(t, b.aws("iot", "list-things", "--page-size", "1"), &list)
	if len(list.Things) != 2 || list.Things[0].ThingName != "Tank-A:4" || list.Things[1].ThingName != "pump-07" {
		t.Errorf("list-things: %+v", list)
	}
	decode(t, b.aws("iot", "list-things", "--attribute-name", "site", "--attribute-value", "north"), &list)
	if len(list.Things) != 1 {
		t.Errorf("list-things by attribute: %+v", list)
	}
	var endpoint struct{ EndpointAddress string }
	decode(t, b.aws("iot", "describe-endpoint", "--endpoint-type", "iot:Data-ATS"), &endpoint)
	if endpoint.EndpointAddress != b.MQTTAddr() {
		t.Errorf("describe-endpoint: %q, want %s", endpoint.EndpointAddress, b.MQTTAddr())
	}
	b.aws("iot", "delete-thing", "--thing-name", "Tank-A:4")
	decode(t, b.aws("iot", "list-things"), &list)
	if len(list.Things) != 1 || list.Things[0].ThingName != "pump-07" {
		t.Errorf("list-things after delete-thing: %+v", list)
	}
}

func TestThingsAreRefusedAsAWSIoTRefusesThem(t *testing.T) {
	b := startWithThings(t, "pump-07")
	b.rest("POST", "/things/gate", `{"attributePayload":{"attributes":{"a":"1"}}}`, nil)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		kind                     string
	}{
		{"the same thing again", "POST", "/things/gate", `{"attributePayload":{"attributes":{"a":"1"}}}`, 200, ""},
		{"the same thing otherwise", "POST", "/things/gate", `{"attributePayload":{"attributes":{"a":"2"}}}`, 409, "ResourceAlreadyExistsException"},
		{"a bad name", "POST", "/things/a%20b", "", 400, "InvalidRequestException"},
		{"a name too long", "GET", "/things/" + strings.Repeat("a", 129), "", 400, "InvalidRequestException"},
		{"a bad attribute", "POST", "/things/x", `{"attributePayload":{"attributes":{"a b":"1"}}}`, 400, "InvalidRequestException"},
		{"no JSON", "POST", "/things/x", `[`, 400, "InvalidRequestException"},
		{"no thing", "GET", "/things/nobody", "", 404, "ResourceNotFoundException"},
		{"no thing to be connected", "POST", "/things/nobody/connectivity-data", "", 404, "ResourceNotFoundException"},
		{"another version", "DELETE", "/things/gate?expectedVersion=7", "", 409, "VersionConflictException"},
		{"no number", "DELETE", "/things/gate?expectedVersion=x", "", 400, "InvalidRequestException"},
		{"a page too long", "GET", "/things?maxResults=251", "", 400, "InvalidRequestException"},
		{"an empty page", "GET", "/things?maxResults=0", "", 400, "InvalidRequestException"},
		{"a foreign nextToken", "GET", "/things?nextToken=%21", "", 400, "InvalidRequestException"},
		{"a query nobody understands", "POST", "/indices/search", `{"queryString":"attributes.a:1"}`, 400, "InvalidQueryException"},
		{"no query", "POST", "/indices/search", `{}`, 400, "InvalidRequestException"},
		{"an index there is not", "POST", "/indices/search", `{"queryString":"*","indexName":"AWS_ThingGroups"}`, 404, "ResourceNotFoundException"},
		{"a page of the index too long", "POST", "/indices/search", `{"queryString":"*","maxResults":101}`, 400, "InvalidRequestException"},
		{"an endpoint there is not", "GET", "/endpoint?endpointType=iot:Jobs", "", 400, "InvalidRequestException"},
		{"an unknown path", "GET", "/things/gate/shadow", "", 400, "UnknownOperationException"},
		{"an unknown method", "PUT", "/things/gate", "", 400, "UnknownOperationException"},
	} {
		var fault struct {
			Type string `json:"__type"`
		}
		response := b.rest(c.method, c.path, c.body, &fault)
		if response.StatusCode != c.status || fault.Type != c.kind || response.Header.Get("X-Amzn-ErrorType") != c.kind {
			t.Errorf("%s: status %d, %q, %q; want %d %q", c.name, response.StatusCode, fault.Type, response.Header.Get("X-Amzn-ErrorType"), c.status, c.kind)
		}
		if response.Header.Get("X-Amzn-RequestId") == "" {
			t.Errorf("%s: no request id", c.name)
		}
	}
	// A thing that is not there is deleted already.
	if response := b.rest("DELETE", "/things/nobody", "", nil); response.StatusCode != 200 {
		t.Errorf("delete of a thing that is not there: status %d", response.StatusCode)
	}
}

func TestThingsOfAccountsAreKeptApart(t *testing.T) {
	b := startWithThings(t, "pump-07")
	b.rest("DELETE", "/things/pump-07", "", nil)
	if response := b.rest("GET", "/things/pump-07", "", nil); response.StatusCode != 404 {
		t.Errorf("still there after DeleteThing: status %d", response.StatusCode)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.APIURL()+"/things/pump-07", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=444455556666/20261123/eu-west-1/iot/aws4_request")
	response, err := b.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != 200 {
		t.Errorf("gone from another account too: status %d", response.StatusCode)
	}
}

type connectivity struct {
	ThingName        string
	Connected        bool
	Timestamp        *float64
	DisconnectReason string
}

func (b *bench) connectivity(thing string) (c connectivity) {
	b.t.Helper()
	b.rest("POST", "/things/"+thing+"/connectivity-data", "{}", &c)
	return c
}

func TestConnectivityIsThatOfTheMQTTClient(t *testing.T) {
	b := startWithThings(t, "pump-07", "pump-12")
	if c := b.connectivity("pump-07"); c.Connected || c.Timestamp != nil || c.DisconnectReason != "UNKNOWN" {
		t.Errorf("before it ever came: %+v", c)
	}
	agent := b.agent("pump-07", nil)
	c := b.connectivity("pump-07")
	if !c.Connected || c.Timestamp == nil || int64(*c.Timestamp) != b.clock.Now().Unix() || c.DisconnectReason != "NONE" {
		t.Errorf("connected: %+v", c)
	}
	b.clock.advance(time.Minute)
	if err := agent.Disconnect(&paho.Disconnect{}); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); b.connectivity("pump-07").Connected; {
		if time.Now().After(end) {
			t.Fatal("still connected")
		}
	}
	c = b.connectivity("pump-07")
	if c.DisconnectReason != "CLIENT_INITIATED_DISCONNECT" || int64(*c.Timestamp) != b.clock.Now().Unix() {
		t.Errorf("gone: %+v", c)
	}
	if c := b.connectivity("pump-12"); c.Connected || c.Timestamp != nil {
		t.Errorf("another thing: %+v", c)
	}
}

func TestTheIndexTellsOfManyThingsAtOnce(t *testing.T) {
	b := startWithThings(t, "pump-07", "pump-12", "gate-03")
	b.agent("pump-07", nil)
	search := func(query string) (names []string, next string, first documentConnectivity) {
		t.Helper()
		var answer struct {
			NextToken string
			Things    []struct {
				ThingName    string
				Connectivity documentConnectivity
			}
		}
		if response := b.rest("POST", "/indices/search", query, &answer); response.StatusCode != 200 {
			t.Fatalf("%s: status %d", query, response.StatusCode)
		}
		for _, thing := range answer.Things {
			names = append(names, thing.ThingName)
		}
		if len(answer.Things) > 0 {
			first = answer.Things[0].Connectivity
		}
		return names, answer.NextToken, first
	}
	names, next, away := search(`{"queryString":"thingName:*","maxResults":2}`)
	if !slices.Equal(names, []string{"gate-03", "pump-07"}) || next == "" || away.Connected || away.Timestamp != 0 {
		t.Errorf("the first page is %q and %q, the first thing %+v", names, next, away)
	}
	if names, next, _ = search(`{"queryString":"*","maxResults":2,"nextToken":"` + next + `"}`); !slices.Equal(names, []string{"pump-12"}) || next != "" {
		t.Errorf("the second page is %q and %q", names, next)
	}
	names, _, there := search(`{"queryString":"connectivity.connected:true","indexName":"AWS_Things"}`)
	if !slices.Equal(names, []string{"pump-07"}) || !there.Connected || there.Timestamp != b.clock.Now().UnixMilli() {
		t.Errorf("connected are %q, the first %+v", names, there)
	}
	if names, _, _ = search(`{"queryString":"thingName:(\"GATE-03\" OR pump-1*)"}`); !slices.Equal(names, []string{"gate-03", "pump-12"}) {
		t.Errorf("by name: %q", names)
	}
}

type documentConnectivity struct {
	Connected bool
	Timestamp int64
}
