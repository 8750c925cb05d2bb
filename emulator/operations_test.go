package emulator_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/aws/smithy-go"

	"adit/emulator"
)

// code is the API's error code, "" for none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if code(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestOpenTunnelTakesEveryParameterAndDescribeGivesItBack(t *testing.T) {
	b := start(t)
	out, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{
		Description:       aws.String("pump in the cellar, Düsseldorf"),
		Tags:              []types.Tag{{Key: aws.String("team"), Value: aws.String("water")}, {Key: aws.String("empty"), Value: aws.String("")}},
		DestinationConfig: &types.DestinationConfig{ThingName: aws.String("pump:07"), Services: []string{"SSH", "HTTP", "RAW"}},
		TimeoutConfig:     &types.TimeoutConfig{MaxLifetimeTimeoutMinutes: aws.Int32(60)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(*out.TunnelId) {
		t.Errorf("tunnel id %q is no lower-case UUID", *out.TunnelId)
	}
	if want := "arn:aws:iot:" + region + ":" + account + ":tunnel/" + *out.TunnelId; *out.TunnelArn != want {
		t.Errorf("ARN %q, want %q", *out.TunnelArn, want)
	}
	token := regexp.MustCompile(`^[a-zA-Z0-9_-]{590,610}={0,2}$`)
	for _, tok := range []string{*out.SourceAccessToken, *out.DestinationAccessToken} {
		if !token.MatchString(tok) || !strings.Contains(tok, "not-an-aws-token") {
			t.Errorf("token of %d characters has the wrong form", len(tok))
		}
	}
	if *out.SourceAccessToken == *out.DestinationAccessToken {
		t.Error("both sides have the same token")
	}

	got := b.describe(out.TunnelId)
	if *got.TunnelArn != *out.TunnelArn || got.Status != types.TunnelStatusOpen || *got.Description != "pump in the cellar, Düsseldorf" {
		t.Errorf("describe: %+v", got)
	}
	if *got.DestinationConfig.ThingName != "pump:07" || !slices.Equal(got.DestinationConfig.Services, []string{"SSH", "HTTP", "RAW"}) {
		t.Errorf("destination config: %+v", got.DestinationConfig)
	}
	if *got.TimeoutConfig.MaxLifetimeTimeoutMinutes != 60 {
		t.Errorf("lifetime %d, want 60", *got.TimeoutConfig.MaxLifetimeTimeoutMinutes)
	}
	if len(got.Tags) != 2 || *got.Tags[0].Key != "team" || *got.Tags[0].Value != "water" || *got.Tags[1].Value != "" {
		t.Errorf("tags: %+v", got.Tags)
	}
	if !got.CreatedAt.Equal(b.clock.Now()) || !got.LastUpdatedAt.Equal(b.clock.Now()) {
		t.Errorf("created %v and updated %v, want the emulator's time", got.CreatedAt, got.LastUpdatedAt)
	}
	for _, side := range []*types.ConnectionState{got.SourceConnectionState, got.DestinationConnectionState} {
		if side.Status != types.ConnectionStatusDisconnected || side.LastUpdatedAt != nil {
			t.Errorf("a side that never connected is %v since %v", side.Status, side.LastUpdatedAt)
		}
	}
}

func TestOpenTunnelNeedsNoParameter(t *testing.T) {
	b := start(t)
	got := b.describe(b.open().TunnelId)
	if *got.TimeoutConfig.MaxLifetimeTimeoutMinutes != 720 {
		t.Errorf("default lifetime %d, want 720", *got.TimeoutConfig.MaxLifetimeTimeoutMinutes)
	}
	if got.DestinationConfig != nil || got.Description != nil || len(got.Tags) > 0 {
		t.Errorf("an empty open left %+v", got)
	}
}

func TestFourServicesExceedTheLimit(t *testing.T) {
	b := start(t)
	_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{
		DestinationConfig: &types.DestinationConfig{Services: []string{"A", "B", "C", "D"}},
	})
	wantCode(t, err, "LimitExceededException")
}

func TestConnectionStatesHaveTimesOnceASideConnected(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	b.clock.advance(time.Minute)
	source := b.source(out)
	connected := b.clock.Now()
	got := b.describe(out.TunnelId)
	if got.SourceConnectionState.Status != types.ConnectionStatusConnected || !got.SourceConnectionState.LastUpdatedAt.Equal(connected) {
		t.Errorf("source is %v since %v", got.SourceConnectionState.Status, got.SourceConnectionState.LastUpdatedAt)
	}
	if got.DestinationConnectionState.LastUpdatedAt != nil {
		t.Error("the destination has a time and never connected")
	}
	if !got.LastUpdatedAt.Equal(*got.CreatedAt) {
		t.Error("a connection changed the tunnel's own lastUpdatedAt")
	}
	b.clock.advance(time.Minute)
	_ = source.CloseNow()
	got = b.await(out.TunnelId, func(t *types.Tunnel) bool {
		return t.SourceConnectionState.Status == types.ConnectionStatusDisconnected
	})
	if !got.SourceConnectionState.LastUpdatedAt.Equal(b.clock.Now()) {
		t.Errorf("disconnected since %v, want now", got.SourceConnectionState.LastUpdatedAt)
	}
}

// await describes a tunnel until a condition holds: what happened on another connection needs a moment to be known.
func (b *bench) await(id *string, holds func(*types.Tunnel) bool) *types.Tunnel {
	b.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		if got := b.describe(id); holds(got) {
			return got
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatal("the tunnel did not change")
		}
	}
}

func TestCloseTunnelKeepsTheRecordAndIsFinal(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	b.clock.advance(time.Minute)
	for range 2 { // closing twice is no error
		if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId}); err != nil {
			t.Fatal(err)
		}
	}
	closed := b.clock.Now()
	b.clock.advance(time.Minute)
	got := b.describe(out.TunnelId)
	if got.Status != types.TunnelStatusClosed || !got.LastUpdatedAt.Equal(closed) {
		t.Errorf("status %v, updated %v", got.Status, got.LastUpdatedAt)
	}
	_, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
		TunnelId: out.TunnelId, ClientMode: types.ClientModeAll,
	})
	wantCode(t, err, "ValidationException")
}

func TestDeleteForgetsATunnelAtOnce(t *testing.T) {
	for _, closeFirst := range []bool{false, true} {
		t.Run(fmt.Sprintf("closed first %v", closeFirst), func(t *testing.T) {
			b := start(t)
			id := b.open("SSH").TunnelId
			if closeFirst {
				if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: id}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: id, Delete: aws.Bool(true)}); err != nil {
				t.Fatal(err)
			}
			_, err := b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: id})
			wantCode(t, err, "ResourceNotFoundException")
			if ids := b.list(&iotsecuretunneling.ListTunnelsInput{}); len(ids) > 0 {
				t.Errorf("still listed: %v", ids)
			}
		})
	}
}

func TestUnknownTunnelsAreNotFound(t *testing.T) {
	b := start(t)
	id, arn := aws.String("nope"), aws.String("arn:aws:iot:"+region+":"+account+":tunnel/nope")
	_, err := b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: id})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: id})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: id, ClientMode: types.ClientModeAll})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = b.sdk.ListTagsForResource(t.Context(), &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: arn})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = b.sdk.UntagResource(t.Context(), &iotsecuretunneling.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
	wantCode(t, err, "ResourceNotFoundException")

	elsewhere := strings.Replace(*b.open().TunnelArn, "arn:aws:", "arn:aws-cn:", 1)
	_, err = b.sdk.ListTagsForResource(t.Context(), &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: &elsewhere})
	wantCode(t, err, "ResourceNotFoundException")
}

// list gives the ids of one page.
func (b *bench) list(in *iotsecuretunneling.ListTunnelsInput) (ids []string) {
	b.t.Helper()
	out, err := b.sdk.ListTunnels(b.t.Context(), in)
	if err != nil {
		b.t.Fatalf("ListTunnels: %v", err)
	}
	for _, s := range out.TunnelSummaries {
		ids = append(ids, *s.TunnelId)
	}
	return ids
}

func TestListTunnelsIsNewestFirstAndPagesThroughAll(t *testing.T) {
	b := start(t)
	var want []string
	for i := range 250 {
		if i%3 == 0 { // so that some are of the same time
			b.clock.advance(time.Second)
		}
		want = append([]string{*b.open().TunnelId}, want...)
	}
	first, err := b.sdk.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.TunnelSummaries) != 100 {
		t.Errorf("the default page has %d tunnels, want 100", len(first.TunnelSummaries))
	}
	if !regexp.MustCompile(`^[a-zA-Z0-9_=-]+$`).MatchString(aws.ToString(first.NextToken)) {
		t.Errorf("next token %q has the wrong form", aws.ToString(first.NextToken))
	}

	var got []string
	pages := iotsecuretunneling.NewListTunnelsPaginator(b.sdk, &iotsecuretunneling.ListTunnelsInput{MaxResults: aws.Int32(30)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.TunnelSummaries {
			got = append(got, *s.TunnelId)
		}
		b.open() // what is newer than the first page must not disturb the next ones
	}
	if !slices.Equal(got, want) {
		t.Errorf("paging gave %d tunnels, want the %d newest first", len(got), len(want))
	}
}

func TestLastPageHasNoNextToken(t *testing.T) {
	b := start(t)
	for range 4 {
		b.open()
	}
	out, err := b.sdk.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{MaxResults: aws.Int32(4)})
	if err != nil || len(out.TunnelSummaries) != 4 || out.NextToken != nil {
		t.Errorf("%d tunnels, next token %v, %v", len(out.TunnelSummaries), out.NextToken, err)
	}
}

func TestListTunnelsOfAThing(t *testing.T) {
	b := start(t)
	var want []string
	for i := range 6 {
		thing := fmt.Sprintf("pump-%d", i%2)
		out, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{
			DestinationConfig: &types.DestinationConfig{ThingName: &thing, Services: []string{"SSH"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			want = append([]string{*out.TunnelId}, want...)
		}
		b.open("SSH")
	}
	if got := b.list(&iotsecuretunneling.ListTunnelsInput{ThingName: aws.String("pump-1")}); !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	if got := b.list(&iotsecuretunneling.ListTunnelsInput{ThingName: aws.String("pump")}); len(got) > 0 {
		t.Errorf("a part of a name listed %v", got)
	}
}

func TestSummariesCarryWhatTheModelHas(t *testing.T) {
	b := start(t)
	out, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{Description: aws.String("a description")})
	if err != nil {
		t.Fatal(err)
	}
	page, err := b.sdk.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{})
	if err != nil {
		t.Fatal(err)
	}
	s := page.TunnelSummaries[0]
	if *s.TunnelId != *out.TunnelId || *s.TunnelArn != *out.TunnelArn || s.Status != types.TunnelStatusOpen ||
		*s.Description != "a description" || !s.CreatedAt.Equal(b.clock.Now()) || !s.LastUpdatedAt.Equal(b.clock.Now()) {
		t.Errorf("summary %+v", s)
	}
}

func TestTagsAreAddedReplacedAndRemoved(t *testing.T) {
	b := start(t)
	out := b.open()
	older := strings.Replace(*out.TunnelArn, ":iot:", ":tunnel:", 1)
	for _, arn := range []string{*out.TunnelArn, older} {
		_, err := b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{
			{Key: aws.String("a"), Value: aws.String(arn)}, {Key: aws.String("ключ @"), Value: aws.String("")},
		}})
		if err != nil {
			t.Fatalf("tag %s: %v", arn, err)
		}
	}
	tags := func() (list []string) {
		got, err := b.sdk.ListTagsForResource(t.Context(), &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: &older})
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range got.Tags {
			list = append(list, *tag.Key+"="+*tag.Value)
		}
		return list
	}
	if want := []string{"a=" + older, "ключ @="}; !slices.Equal(tags(), want) {
		t.Errorf("tags %q, want %q", tags(), want)
	}
	_, err := b.sdk.UntagResource(t.Context(), &iotsecuretunneling.UntagResourceInput{ResourceArn: out.TunnelArn, TagKeys: []string{"a", "not there"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ключ @="}; !slices.Equal(tags(), want) {
		t.Errorf("tags %q, want %q", tags(), want)
	}
	if !b.describe(out.TunnelId).LastUpdatedAt.Equal(*b.describe(out.TunnelId).CreatedAt) {
		t.Error("tags changed the tunnel's lastUpdatedAt")
	}
}

func TestATunnelHasAtMostFiftyTags(t *testing.T) {
	b := start(t)
	out := b.open()
	var tags []types.Tag
	for i := range 51 {
		tags = append(tags, types.Tag{Key: aws.String(fmt.Sprint(i)), Value: aws.String("")})
	}
	_, err := b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: out.TunnelArn, Tags: tags})
	wantCode(t, err, "LimitExceededException")
	_, err = b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{Tags: tags})
	wantCode(t, err, "LimitExceededException")
	if _, err = b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: out.TunnelArn, Tags: tags[:50]}); err != nil {
		t.Error(err)
	}
}

func TestRotateGivesTokensOfTheSidesRotated(t *testing.T) {
	b := start(t)
	for mode, want := range map[types.ClientMode][2]bool{
		types.ClientModeSource: {true, false}, types.ClientModeDestination: {false, true}, types.ClientModeAll: {true, true},
	} {
		out := b.open("SSH")
		b.clock.advance(time.Minute)
		got, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: out.TunnelId, ClientMode: mode})
		if err != nil {
			t.Fatal(err)
		}
		if has := [2]bool{got.SourceAccessToken != nil, got.DestinationAccessToken != nil}; has != want || *got.TunnelArn != *out.TunnelArn {
			t.Errorf("%s: tokens %v, want %v", mode, has, want)
		}
		if now := b.describe(out.TunnelId); !now.LastUpdatedAt.Equal(b.clock.Now()) || *now.TimeoutConfig.MaxLifetimeTimeoutMinutes != 720 {
			t.Errorf("%s: updated %v, lifetime %d", mode, now.LastUpdatedAt, *now.TimeoutConfig.MaxLifetimeTimeoutMinutes)
		}
	}
}

func TestAccountsAndRegionsAreKeptApart(t *testing.T) {
	b := start(t)
	mine := b.open()
	for name, other := range map[string]*iotsecuretunneling.Client{
		"account": b.client("AKIDOTHER", region), "region": b.client(account, "us-west-2"),
	} {
		list, err := other.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{})
		if err != nil || len(list.TunnelSummaries) > 0 {
			t.Errorf("another %s lists %d tunnels, %v", name, len(list.TunnelSummaries), err)
		}
		_, err = other.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: mine.TunnelId})
		wantCode(t, err, "ResourceNotFoundException")
		_, err = other.ListTagsForResource(t.Context(), &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: mine.TunnelArn})
		wantCode(t, err, "ResourceNotFoundException")
	}
	theirs, err := b.client("AKIDOTHER", "cn-north-1").OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws-cn:iot:cn-north-1:" + emulator.AccountOf("AKIDOTHER") + ":tunnel/"; !strings.HasPrefix(*theirs.TunnelArn, want) {
		t.Errorf("ARN %q, want %s…", *theirs.TunnelArn, want)
	}
}

func TestOpenByHandIsSeenByTheApi(t *testing.T) {
	b := start(t)
	now := b.clock.Now()
	open := func(in emulator.OpenInput) string {
		in.Account, in.Region = account, region
		out, err := b.Open(in)
		if err != nil {
			t.Fatal(err)
		}
		return out.ID
	}
	fresh := open(emulator.OpenInput{Thing: "pump", Services: []string{"SSH"}, Description: "by hand", Tags: [][2]string{{"a", "b"}}, Lifetime: time.Hour})
	older := open(emulator.OpenInput{CreatedAt: now.Add(-30 * time.Minute), Lifetime: time.Hour})
	over := open(emulator.OpenInput{CreatedAt: now.Add(-2 * time.Hour), Lifetime: time.Hour})
	open(emulator.OpenInput{CreatedAt: now.Add(-5 * time.Hour), Lifetime: time.Hour}) // closed, and its record is gone

	if got := b.list(&iotsecuretunneling.ListTunnelsInput{}); !slices.Equal(got, []string{fresh, older, over}) {
		t.Errorf("listed %v", got)
	}
	if got := b.describe(&fresh); *got.DestinationConfig.ThingName != "pump" || *got.Tags[0].Value != "b" || *got.Description != "by hand" {
		t.Errorf("by hand: %+v", got)
	}
	if got := b.describe(&over); got.Status != types.TunnelStatusClosed || !got.LastUpdatedAt.Equal(now.Add(-time.Hour)) {
		t.Errorf("a tunnel whose life is over is %v since %v", got.Status, got.LastUpdatedAt)
	}
	b.clock.advance(30 * time.Minute)
	if got := b.describe(&older); got.Status != types.TunnelStatusClosed {
		t.Errorf("a tunnel opened half an hour in the past is %v after its hour", got.Status)
	}
	if _, err := b.Open(emulator.OpenInput{Services: []string{"A", "B", "C", "D"}}); err == nil {
		t.Error("four services by hand")
	}
}
