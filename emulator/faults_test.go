package emulator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/aws/smithy-go"

	"adit/emulator"
)

func startWithFaults(t *testing.T, faults ...string) *bench {
	t.Helper()
	return startWith(t, emulator.Config{Faults: faults, Seed: 1, Things: []string{"pump"}})
}

func (b *bench) tunnels() int {
	b.t.Helper()
	out, err := b.sdk.ListTunnels(b.t.Context(), &iotsecuretunneling.ListTunnelsInput{})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(out.TunnelSummaries)
}

func TestAFaultIsOfTheKindAskedForAndNothingIsDone(t *testing.T) {
	for fault, want := range map[string]string{
		"throttle": "ThrottlingException", "error": "InternalFailureException", "limit": "LimitExceededException", "deny": "AccessDeniedException",
	} {
		b := startWithFaults(t, "OpenTunnel="+fault+",times=1")
		_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{})
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != want {
			t.Errorf("%s: %v, want %s", fault, err, want)
		}
		if fault == "deny" && !strings.Contains(refused.ErrorMessage(), "iot:OpenTunnel") {
			t.Errorf("the refusal does not name the action: %v", err)
		}
		var limit *types.LimitExceededException
		if fault == "limit" && !errors.As(err, &limit) {
			t.Errorf("limit: %T is not the modelled error", err)
		}
		if n := b.tunnels(); n != 0 {
			t.Errorf("%s: %d tunnels", fault, n)
		}
		b.open("SSH")
	}
}

func TestADroppedAnswerLeavesTheWorkDone(t *testing.T) {
	b := startWithFaults(t, "OpenTunnel=drop,times=1")
	_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{})
	var refused smithy.APIError
	if err == nil || errors.As(err, &refused) {
		t.Fatalf("the answer came: %v", err)
	}
	if n := b.tunnels(); n != 1 {
		t.Errorf("%d tunnels after an open whose answer was lost, want 1", n)
	}
}

func TestASlowAnswerComesAfterItsDelay(t *testing.T) {
	const delay = 50 * time.Millisecond
	b := startWithFaults(t, "ListTunnels=slow,delay="+delay.String())
	began := time.Now()
	b.tunnels()
	if took := time.Since(began); took < delay {
		t.Errorf("the answer came after %s", took)
	}
}

func TestASlowAnswerDoesNotHoldTheEndUp(t *testing.T) {
	b := startWithFaults(t, "ListTunnels=slow,delay=25s")
	failed := make(chan error, 1)
	go func() {
		_, err := b.sdk.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{})
		failed <- err
	}()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the answer came")
	}
}

func TestALostNotificationIsAllThatIsLost(t *testing.T) {
	b := startWithFaults(t, "Notification=drop,times=1")
	pump := b.agent("pump", nil, pumpTopic)
	lost := b.openFor("pump", "SSH")
	rotated, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
		TunnelId: lost.TunnelId, ClientMode: types.ClientModeDestination,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(pump.next().Payload); !strings.Contains(got, *rotated.DestinationAccessToken) {
		t.Error("the first notification that came is not that of the rotation")
	}
}

func TestANotificationComesLateOnDemand(t *testing.T) {
	b := startWithFaults(t, "Notification=slow,delay=50ms")
	pump := b.agent("pump", nil, pumpTopic)
	began := time.Now()
	b.openFor("pump", "SSH")
	pump.next()
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("the notification came after %v", took)
	}
	// Neither OpenTunnel nor the end waits for one that is not due.
	if err := b.SetFaults("Notification=slow,delay=25s"); err != nil {
		t.Fatal(err)
	}
	b.openFor("pump", "SSH")
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("all that took %v", took)
	}
}

func TestTheNeighboursFailOnDemandToo(t *testing.T) {
	b := startWithFaults(t, "DescribeThing=deny", "GetCallerIdentity=throttle")
	response := b.rest("GET", "/things/pump", "", nil)
	if response.StatusCode != http.StatusForbidden || response.Header.Get("X-Amzn-ErrorType") != "AccessDeniedException" {
		t.Errorf("DescribeThing: %s, %q", response.Status, response.Header.Get("X-Amzn-ErrorType"))
	}
	response, err := b.http.Post(b.APIURL(), "application/x-www-form-urlencoded", strings.NewReader("Action=GetCallerIdentity"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "<Code>ThrottlingException</Code>") {
		t.Errorf("GetCallerIdentity: %s: %s, %v", response.Status, body, err)
	}
}

func TestFaultsChangeWhileTheEmulatorRuns(t *testing.T) {
	b := startWithFaults(t, "OpenTunnel=limit")
	if err := b.SetFaults("OpenTunnel=burn"); err == nil {
		t.Error("a fault that makes no sense is taken")
	}
	if _, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{}); err == nil {
		t.Error("a refused change took the faults before away")
	}
	if err := b.SetFaults("DescribeTunnel=throttle"); err != nil {
		t.Fatal(err)
	}
	out := b.open("SSH")
	if _, err := b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: aws.String(*out.TunnelId)}); err == nil {
		t.Error("the new fault does not strike")
	}
}

func TestAFaultOfAnUnknownOperationIsRefused(t *testing.T) {
	_, err := emulator.Start(t.Context(), emulator.Config{Faults: []string{"OpenTunnels=drop"}})
	if err == nil || !strings.Contains(err.Error(), "OpenTunnels=drop") {
		t.Errorf("started: %v", err)
	}
}

func TestADenialOfATagIsForWhoNamesIt(t *testing.T) {
	b := startWithFaults(t, "OpenTunnel=deny,tag=adit:*", "TagResource=deny,tag=!team", "UntagResource=deny,tag=team")
	tags := func(keys ...string) (tags []types.Tag) {
		for _, key := range keys {
			tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String("x")})
		}
		return tags
	}
	_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{Tags: tags("team", "adit:mark")})
	wantCode(t, err, "AccessDeniedException")
	out, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{Tags: tags("team")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: out.TunnelArn, Tags: tags("team")})
	wantCode(t, err, "")
	_, err = b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: out.TunnelArn, Tags: tags("owner")})
	wantCode(t, err, "AccessDeniedException")
	_, err = b.sdk.UntagResource(t.Context(), &iotsecuretunneling.UntagResourceInput{ResourceArn: out.TunnelArn, TagKeys: []string{"other", "team"}})
	wantCode(t, err, "AccessDeniedException")
	if n := b.tunnels(); n != 1 {
		t.Errorf("%d tunnels", n)
	}
}

func TestReadsLagBehindWritesOnDemand(t *testing.T) {
	b := startWithFaults(t, "ListTunnels=stale,delay=5s", "DescribeTunnel=stale,delay=2s", "ListTagsForResource=stale,delay=2s")
	b.clock.advance(time.Minute)
	out := b.open("SSH")
	describe := func() error {
		_, err := b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: out.TunnelId})
		return err
	}
	wantCode(t, describe(), "ResourceNotFoundException")
	b.clock.advance(2 * time.Second)
	wantCode(t, describe(), "")
	if n := b.tunnels(); n != 0 {
		t.Errorf("the list has the tunnel after 2 s")
	}
	b.clock.advance(3 * time.Second)
	if n := b.tunnels(); n != 1 {
		t.Errorf("the list has %d tunnels after 5 s", n)
	}
	if _, err := b.sdk.TagResource(t.Context(), &iotsecuretunneling.TagResourceInput{ResourceArn: out.TunnelArn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{0, 1} {
		got, err := b.sdk.ListTagsForResource(t.Context(), &iotsecuretunneling.ListTagsForResourceInput{ResourceArn: out.TunnelArn})
		if err != nil || len(got.Tags) != want {
			t.Errorf("%d tags, %v, want %d", len(got.Tags), err, want)
		}
		b.clock.advance(2 * time.Second)
	}
	if err := b.SetFaults(); err != nil { // from now on reads are of now
		t.Fatal(err)
	}
	if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId, Delete: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, describe(), "ResourceNotFoundException")
}
