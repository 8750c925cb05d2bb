package client_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adit/client"
	"adit/emulator"
	"adit/tunnelconn/token"
)

// TestServiceAndWatcherAgainstTheEmulator takes one tunnel through its whole life over a real socket.
func TestServiceAndWatcherAgainstTheEmulator(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	peer, err := emulator.Start(ctx, emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	service, err := client.Connect(ctx, client.ConnectOptions{Region: "eu-west-1", EndpointURL: peer.APIURL(), Demo: true,
		Static: &client.StaticCredentials{AccessKeyID: "123456789012", SecretAccessKey: token.New("any")}})
	if err != nil {
		t.Fatal(err)
	}
	where := service.Context()
	if where.Account != "123456789012" || where.Region != "eu-west-1" || where.Endpoint != peer.APIURL() {
		t.Errorf("context = %+v", where)
	}
	w := client.NewWatcher([]client.Service{service}, client.WatcherOptions{ListEvery: 10 * time.Millisecond, Rate: 1000, Burst: 10})
	run(t, w)
	await := func(what string, holds func(*client.Snapshot) bool) *client.Snapshot {
		t.Helper()
		snapshot := w.Snapshot()
		for !holds(snapshot) {
			if snapshot, err = w.Next(ctx, snapshot.Seq); err != nil {
				t.Fatalf("%s never came: %v", what, err)
			}
		}
		return snapshot
	}

	in := client.OpenInput{Thing: "pump-07", Services: []string{"SSH", "HTTP"}, Description: "泵 check",
		Tags: []client.Tag{{Key: "team", Value: "field"}}, Lifetime: 90 * time.Minute}
	opened, err := service.Open(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	key := where.Key(opened.ID)
	w.Look(client.Attention{Watched: []client.Key{key}})
	row, _ := await("the description", func(s *client.Snapshot) bool {
		row, ok := s.Row(key)
		return ok && row.Described && !row.ListedAt.IsZero()
	}).Row(key)
	if row.Thing != "pump-07" || row.Lifetime != in.Lifetime || row.Description != "泵 check" || !row.Source.Never() || !row.Open() ||
		cmp.Diff([]client.Text{"SSH", "HTTP"}, row.Services) != "" || cmp.Diff(in.Tags, row.Tags) != "" || row.ARN != opened.ARN {
		t.Errorf("row = %+v", row)
	}

	if err := service.Tag(ctx, opened.ARN, []client.Tag{{Key: "why", Value: "a b"}}); err != nil {
		t.Error(err)
	}
	if err := service.Untag(ctx, opened.ARN, []string{"team"}); err != nil {
		t.Error(err)
	}
	if tags, err := service.Tags(ctx, opened.ARN); err != nil || cmp.Diff([]client.Tag{{Key: "why", Value: "a b"}}, tags) != "" {
		t.Errorf("tags = %v, %v", tags, err)
	}
	await("the tag", func(s *client.Snapshot) bool {
		row, ok := s.Row(key)
		return ok && len(row.Tags) == 1 && row.Tags[0].Key == "why"
	})
	rotated, err := service.Rotate(ctx, client.RotateInput{ID: opened.ID, Mode: client.ModeAll, Thing: in.Thing, Services: in.Services})
	if err != nil || rotated.Source.IsZero() || rotated.Source.Equal(opened.Source) || rotated.Destination.IsZero() {
		t.Errorf("rotate: %v, %v", rotated, err)
	}
	if err := service.Close(ctx, opened.ID, false); err != nil {
		t.Error(err)
	}
	await("the close", func(s *client.Snapshot) bool {
		row, ok := s.Row(key)
		return ok && !row.Open()
	})
	if err := service.Close(ctx, opened.ID, true); err != nil {
		t.Error(err)
	}
	await("the end", func(s *client.Snapshot) bool { return len(s.Rows) == 0 })
	if _, err := service.Describe(ctx, opened.ID); client.KindOf(err) != client.KindNotFound {
		t.Errorf("describe after delete: %v", err)
	}
}
