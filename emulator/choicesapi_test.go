package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"adit/emulator/choices"
)

// tunnel is what OpenTunnel and RotateTunnelAccessToken answer.
type tunnel struct{ TunnelID, TunnelARN, SourceAccessToken, DestinationAccessToken string }

// ask sends a request without a signature, and gives the code of the error, or ok; its answer goes into to.
func (b *bench) ask(operation, body string, to any) string {
	b.t.Helper()
	_, verdict := b.askStatus(operation, body, to)
	return verdict
}

func (b *bench) askStatus(operation, body string, to any) (status, verdict string) {
	b.t.Helper()
	response, content := b.fetch(http.MethodPost, "/", body, http.Header{"X-Amz-Target": {"IoTSecuredTunneling." + operation}})
	status = fmt.Sprint(response.StatusCode)
	if response.StatusCode == http.StatusOK {
		if to != nil {
			decode(b.t, string(content), to)
		}
		return status, "ok"
	}
	var fault struct {
		Type string `json:"__type"`
	}
	decode(b.t, string(content), &fault)
	return status, fault.Type
}

// opened is a tunnel with one service, without a thing.
func (b *bench) opened() (t tunnel) {
	b.t.Helper()
	if verdict := b.ask("OpenTunnel", `{"destinationConfig":{"services":["SSH"]}}`, &t); verdict != "ok" {
		b.t.Fatal(verdict)
	}
	return t
}

func (b *bench) closed() tunnel {
	b.t.Helper()
	t := b.opened()
	b.shut(t)
	return t
}

func (b *bench) shut(t tunnel) {
	b.t.Helper()
	if verdict := b.ask("CloseTunnel", t.request(""), nil); verdict != "ok" {
		b.t.Fatal(verdict)
	}
}

// request is a request about the tunnel, with more members.
func (t tunnel) request(more string) string { return `{"tunnelId":"` + t.TunnelID + `"` + more + `}` }

// tags is a request about its tags.
func (t tunnel) tags(more string) string { return `{"resourceArn":"` + t.TunnelARN + `"` + more + `}` }

// rotated gives a tunnel its new tokens.
func (b *bench) rotated(t tunnel, mode, more string) tunnel {
	b.t.Helper()
	out := tunnel{TunnelID: t.TunnelID}
	if verdict := b.ask("RotateTunnelAccessToken", t.request(`,"clientMode":"`+mode+`"`+more), &out); verdict != "ok" {
		b.t.Fatal(verdict)
	}
	return out
}

type described struct {
	Tunnel struct {
		Tags                  json.RawMessage
		LastUpdatedAt         float64
		DestinationConfig     struct{ Services []string }
		SourceConnectionState struct {
			Status        string
			LastUpdatedAt float64
		}
	}
}

func (b *bench) described(t tunnel) (d described) {
	b.t.Helper()
	if verdict := b.ask("DescribeTunnel", t.request(""), &d); verdict != "ok" {
		b.t.Fatal(verdict)
	}
	return d
}

// isNow tells whether a time of an answer is that of the clock.
func (b *bench) isNow(seconds float64) bool { return int64(seconds) == b.clock.Now().Unix() }

// asking sees the verdict about one request.
func asking(operation, body string) func(*bench) string {
	return func(b *bench) string { return b.ask(operation, body, nil) }
}

// failing sees the status of an operation that fails on demand.
func failing(word string) func(*bench) string {
	return func(b *bench) string {
		if err := b.SetFaults("OpenTunnel=" + word); err != nil {
			b.t.Fatal(err)
		}
		status, _ := b.askStatus("OpenTunnel", "{}", nil)
		return status
	}
}

const invalid, notFound, limitExceeded, denied = "ValidationException", "ResourceNotFoundException", "LimitExceededException", "AccessDeniedException"

func apiProbes() map[choices.Name]probe {
	const fourServices = `{"destinationConfig":{"services":["A","B","C","D"]}}`
	return map[choices.Name]probe{
		choices.InvalidValue:     {asking("CloseTunnel", "{}"), same(invalid, "ValidationError", "InvalidRequestException")},
		choices.MalformedJSON:    {asking("CloseTunnel", "["), same("SerializationException", invalid)},
		choices.UnknownOperation: {asking("Nonsense", "{}"), same("UnknownOperationException", "InvalidAction")},
		choices.DeniedStatus:     {failing("deny"), same("400", "403")},
		choices.ThrottledStatus:  {failing("throttle"), same("400", "429")},
		choices.FailureCode: {func(b *bench) string {
			if err := b.SetFaults("OpenTunnel=error"); err != nil {
				b.t.Fatal(err)
			}
			return b.ask("OpenTunnel", "{}", nil)
		}, same("InternalFailureException", "InternalFailure")},
		choices.UnknownThing: {
			asking("OpenTunnel", `{"destinationConfig":{"thingName":"nobody","services":["SSH"]}}`),
			map[string]string{"ok": "ok", "not-found": notFound, "invalid": invalid},
		},
		choices.MaxServices:     {asking("OpenTunnel", fourServices), map[string]string{"3": limitExceeded, "4": "ok"}},
		choices.TooManyServices: {asking("OpenTunnel", fourServices), map[string]string{"limit": limitExceeded, "invalid": invalid}},
		choices.DuplicateService: {func(b *bench) string {
			var t tunnel
			verdict := b.ask("OpenTunnel", `{"destinationConfig":{"services":["A","A"]}}`, &t)
			if verdict != "ok" {
				return verdict
			}
			return fmt.Sprint(b.described(t).Tunnel.DestinationConfig.Services)
		}, map[string]string{"invalid": invalid, "once": "[A]"}},
		choices.DefaultPageSize: {func(b *bench) string {
			b.opened()
			b.opened()
			var page struct{ TunnelSummaries []any }
			b.ask("ListTunnels", "{}", &page)
			return fmt.Sprint(len(page.TunnelSummaries))
		}, map[string]string{"100": "2", "1": "1"}},
		choices.UnknownNextToken: {asking("ListTunnels", `{"nextToken":"zz"}`), map[string]string{"invalid": invalid, "first-page": "ok"}},
		choices.NextTokenLife: {func(b *bench) string {
			b.opened()
			b.opened()
			var page struct{ NextToken string }
			b.ask("ListTunnels", `{"maxResults":1}`, &page)
			b.clock.advance(time.Minute)
			return b.ask("ListTunnels", `{"nextToken":"`+page.NextToken+`"}`, nil)
		}, map[string]string{"0s": "ok", "1m": invalid}},
		choices.CloseClosed: {func(b *bench) string {
			t := b.closed()
			verdict := b.ask("CloseTunnel", t.request(""), nil)
			if b.ask("CloseTunnel", t.request(`,"delete":true`), nil) != "ok" {
				b.t.Error("a closed tunnel cannot be deleted")
			}
			return verdict
		}, map[string]string{"ok": "ok", "invalid": invalid, "not-found": notFound}},
		choices.KeepClosed: {func(b *bench) string {
			t := b.closed()
			b.clock.advance(time.Minute)
			return b.ask("DescribeTunnel", t.request(""), nil)
		}, map[string]string{"3h": "ok", "1m": notFound}},
		choices.RotateClosed: {func(b *bench) string {
			return b.ask("RotateTunnelAccessToken", b.closed().request(`,"clientMode":"ALL"`), nil)
		}, map[string]string{"ok": "ok", "invalid": invalid, "not-found": notFound}},
		choices.RotationConfig: {func(b *bench) string {
			t := b.rotated(b.opened(), "ALL", `,"destinationConfig":{"services":["WEB"]}`)
			source := b.connect(dial{mode: "source", access: t.SourceAccessToken})
			return fmt.Sprint(b.described(t).Tunnel.DestinationConfig.Services, source.services)
		}, map[string]string{"once": "[SSH] [SSH]", "kept": "[WEB] [WEB]"}},
		choices.LastUpdated: {updates, map[string]string{
			"rotations": "rotation end", "end": "end", "connections": "rotation connection end", "all": "rotation connection tag end",
		}},
		choices.NewcomerUpdates: {func(b *bench) string {
			t := b.opened()
			who := dial{mode: "source", access: t.SourceAccessToken, client: clientTokenA}
			b.connect(who)
			b.clock.advance(time.Minute)
			b.connect(who)
			if b.isNow(b.described(t).Tunnel.SourceConnectionState.LastUpdatedAt) {
				return "yes"
			}
			return "no"
		}, same("yes", "no")},
		choices.DefaultThingsPage: {func(b *bench) string {
			var page struct{ Things []any }
			b.rest("GET", "/things", "", &page)
			return fmt.Sprint(len(page.Things))
		}, map[string]string{"250": "2", "1": "1"}},
		choices.DefaultIndexPage: {func(b *bench) string {
			var page struct{ Things []any }
			b.rest("POST", "/indices/search", `{"queryString":"*"}`, &page)
			return fmt.Sprint(len(page.Things))
		}, map[string]string{"100": "2", "1": "1"}},
		choices.NeverConnected: {func(b *bench) string {
			if timestamp := b.connectivity("pump").Timestamp; timestamp != nil {
				return fmt.Sprint(*timestamp)
			}
			return "none"
		}, map[string]string{"left-out": "none", "zero": "0"}},
	}
}

// updates sees what changes when a tunnel was updated last.
func updates(b *bench) string {
	var seen []string
	t := b.opened()
	for _, event := range []struct {
		name   string
		happen func()
	}{
		{"rotation", func() { t.SourceAccessToken = b.rotated(t, "SOURCE", "").SourceAccessToken }},
		{"connection", func() { b.connect(dial{mode: "source", access: t.SourceAccessToken}) }},
		{"tag", func() { b.ask("TagResource", t.tags(`,"tags":[{"key":"a","value":"b"}]`), nil) }},
		{"end", func() { b.shut(t) }},
	} {
		b.clock.advance(time.Minute)
		event.happen()
		if b.isNow(b.described(t).Tunnel.LastUpdatedAt) {
			seen = append(seen, event.name)
		}
	}
	return strings.Join(seen, " ")
}

func tagProbes() map[choices.Name]probe {
	tags := make([]string, 51)
	for i := range tags {
		tags[i] = fmt.Sprintf(`{"key":"%d","value":""}`, i)
	}
	return map[choices.Name]probe{
		choices.MaxTags:      {asking("OpenTunnel", `{"tags":[`+strings.Join(tags, ",")+`]}`), map[string]string{"50": limitExceeded, "51": "ok"}},
		choices.DuplicateTag: {asking("OpenTunnel", `{"tags":[{"key":"a","value":"1"},{"key":"a","value":"2"}]}`), map[string]string{"last": "ok", "invalid": invalid}},
		choices.AWSTagKeys:   {asking("OpenTunnel", `{"tags":[{"key":"aws:a","value":"1"}]}`), map[string]string{"ok": "ok", "invalid": invalid}},
		choices.NoTags: {
			func(b *bench) string { return string(b.described(b.opened()).Tunnel.Tags) },
			map[string]string{"left-out": "", "empty-list": "[]"},
		},
		choices.TagsOfClosed: {func(b *bench) string {
			t := b.closed()
			return b.ask("ListTagsForResource", t.tags(""), nil) + " " + b.ask("UntagResource", t.tags(`,"tagKeys":[]`), nil)
		}, map[string]string{"ok": "ok ok", "read-only": "ok " + invalid, "gone": notFound + " " + notFound}},
		choices.MalformedARN: {asking("ListTagsForResource", `{"resourceArn":"nonsense"}`), map[string]string{"not-found": notFound, "invalid": invalid}},
		choices.ForeignARN: {func(b *bench) string {
			t := b.opened()
			t.TunnelARN = strings.Replace(t.TunnelARN, "000000000000", account, 1)
			return b.ask("ListTagsForResource", t.tags(""), nil)
		}, map[string]string{"not-found": notFound, "denied": denied}},
	}
}
