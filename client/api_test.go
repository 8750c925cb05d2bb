package client

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestServiceSendsWhatTheAPIWantsAndReadsWhatItAnswers(t *testing.T) {
	answers := map[string]string{
		opOpen:     `{"tunnelId":"t1","tunnelArn":"arn:aws:iot:eu-west-1:123456789012:tunnel/t1","sourceAccessToken":"src","destinationAccessToken":"dst"}`,
		opDescribe: `{"tunnel":{"tunnelId":"t1","tunnelArn":"arn:t1","status":"OPEN","sourceConnectionState":{"status":"DISCONNECTED"},"destinationConnectionState":{"status":"CONNECTED","lastUpdatedAt":1700000060.5},"description":"d\u001b[31m","destinationConfig":{"thingName":"pump-07","services":["SSH","HTTP"]},"timeoutConfig":{"maxLifetimeTimeoutMinutes":60},"tags":[{"key":"k","value":""}],"createdAt":1700000000,"lastUpdatedAt":1.7E9}}`,
		opList:     `{"tunnelSummaries":[{"tunnelId":"t1","tunnelArn":"arn:t1","status":"CLOSED","createdAt":1700000000},{"status":"OPEN"}],"nextToken":"n=="}`,
		opRotate:   `{"tunnelArn":"arn:t1","sourceAccessToken":"src2"}`,
		opTags:     `{"tags":[{"key":"a","value":"b"}]}`,
		opClose:    `{}`, opTag: `{}`, opUntag: `{}`,
	}
	s := newWire(t, func(w http.ResponseWriter, r request) { reply(w, 200, answers[r.operation]) })
	service := s.connect(t, nil)
	ctx := t.Context()

	opened, err := service.Open(ctx, OpenInput{Thing: "pump-07", Services: []string{"SSH", "HTTP"}, Description: "why",
		Tags: []Tag{{"k", ""}}, Lifetime: time.Hour})
	if err != nil || opened.ID != "t1" || opened.Source.Reveal() != "src" || opened.Destination.Reveal() != "dst" {
		t.Fatalf("Open = %+v, %v", opened, err)
	}
	if _, err := service.Open(ctx, OpenInput{}); err != nil {
		t.Fatal(err)
	}
	tunnel, err := service.Describe(ctx, "t1")
	if err != nil {
		t.Fatal(err)
	}
	want := Tunnel{
		Key: Key{Endpoint: s.URL, Region: "eu-west-1", ID: "t1"}, Context: service.Context(), ARN: "arn:t1", Status: StatusOpen,
		Description: "d\x1b[31m", CreatedAt: time.Unix(1700000000, 0).UTC(), UpdatedAt: time.Unix(1700000000, 0).UTC(),
		Described: true, Thing: "pump-07", Services: []Text{"SSH", "HTTP"}, Lifetime: time.Hour, Source: Side{Known: true},
		Destination: Side{Known: true, Connected: true, Since: time.Unix(1700000060, 500e6).UTC()}, Tags: []Tag{{"k", ""}},
	}
	if diff := cmp.Diff(want, tunnel); diff != "" {
		t.Errorf("Describe (-want +got):\n%s", diff)
	}
	if !tunnel.Source.Never() || tunnel.Description.String() != "d" {
		t.Errorf("source never connected = %v, description %q", tunnel.Source.Never(), tunnel.Description)
	}
	page, err := service.List(ctx, ListInput{Thing: "pump-07", PageSize: 2, Next: "m=="})
	if err != nil || len(page.Tunnels) != 1 || page.Next != "n==" || page.Tunnels[0].Open() {
		t.Errorf("List = %+v, %v", page, err)
	}
	rotated, err := service.Rotate(ctx, RotateInput{ID: "t1", Mode: ModeSource})
	if err != nil || rotated.Source.Reveal() != "src2" || !rotated.Destination.IsZero() {
		t.Errorf("Rotate = %+v, %v", rotated, err)
	}
	tags, err := service.Tags(ctx, "arn:t1")
	if err != nil || cmp.Diff([]Tag{{"a", "b"}}, tags) != "" {
		t.Errorf("Tags = %v, %v", tags, err)
	}
	for _, err := range []error{service.Close(ctx, "t1", false), service.Close(ctx, "t1", true), service.Tag(ctx, "arn:t1", []Tag{{"a", "b"}}), service.Untag(ctx, "arn:t1", []string{"a"})} {
		if err != nil {
			t.Error(err)
		}
	}

	type sent struct {
		Operation string
		Body      map[string]any
	}
	var got []sent
	for _, r := range s.seen() {
		got = append(got, sent{r.operation, r.body})
	}
	wantSent := []sent{
		{opOpen, map[string]any{"description": "why", "tags": []any{map[string]any{"key": "k", "value": ""}},
			"destinationConfig": map[string]any{"thingName": "pump-07", "services": []any{"SSH", "HTTP"}},
			"timeoutConfig":     map[string]any{"maxLifetimeTimeoutMinutes": 60.0}}},
		{opOpen, map[string]any{}},
		{opDescribe, map[string]any{"tunnelId": "t1"}},
		{opList, map[string]any{"thingName": "pump-07", "maxResults": 2.0, "nextToken": "m=="}},
		{opRotate, map[string]any{"tunnelId": "t1", "clientMode": "SOURCE"}},
		{opTags, map[string]any{"resourceArn": "arn:t1"}},
		{opClose, map[string]any{"tunnelId": "t1"}},
		{opClose, map[string]any{"tunnelId": "t1", "delete": true}},
		{opTag, map[string]any{"resourceArn": "arn:t1", "tags": []any{map[string]any{"key": "a", "value": "b"}}}},
		{opUntag, map[string]any{"resourceArn": "arn:t1", "tagKeys": []any{"a"}}},
	}
	if diff := cmp.Diff(wantSent, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
