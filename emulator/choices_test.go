package emulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"

	"adit/emulator"
)

func TestStrictThingsAreThoseOfTheRegistry(t *testing.T) {
	b := startWith(t, emulator.Config{StrictThings: true, Things: []string{"pump"}})
	to := func(thing string) *types.DestinationConfig {
		return &types.DestinationConfig{ThingName: &thing, Services: []string{"SSH"}}
	}
	_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{DestinationConfig: to("nobody")})
	wantCode(t, err, "ResourceNotFoundException")
	out := b.openFor("pump", "SSH")
	for thing, want := range map[string]string{"nobody": "ResourceNotFoundException", "pump": ""} {
		_, err = b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
			TunnelId: out.TunnelId, ClientMode: types.ClientModeAll, DestinationConfig: to(thing),
		})
		wantCode(t, err, want)
	}
	b.open("SSH") // without a thing there is none to look up
}

func TestAQuietRotationNotifiesOnlyWhomItNames(t *testing.T) {
	b := startWith(t, emulator.Config{QuietRotation: true})
	pump := b.agent("pump", nil, pumpTopic)
	out := b.openFor("pump", "SSH")
	pump.next()
	var last *iotsecuretunneling.RotateTunnelAccessTokenOutput
	for _, to := range []*types.DestinationConfig{nil, {ThingName: aws.String("pump"), Services: []string{"SSH"}}} {
		var err error
		last, err = b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
			TunnelId: out.TunnelId, ClientMode: types.ClientModeDestination, DestinationConfig: to,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if tokenIn(t, pump.next()) != *last.DestinationAccessToken {
		t.Error("the rotation that named nobody notified")
	}
}

func TestTheNumberOfServicesAndTheTimeOfRecordsAreChoices(t *testing.T) {
	b := startWith(t, emulator.Config{MaxServices: 4, KeepClosed: time.Minute})
	out := b.open("A", "B", "C", "D")
	_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{DestinationConfig: &types.DestinationConfig{Services: []string{"A", "B", "C", "D", "E"}}})
	wantCode(t, err, "LimitExceededException")
	if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId}); err != nil {
		t.Fatal(err)
	}
	b.describe(out.TunnelId)
	b.clock.advance(time.Minute)
	_, err = b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: out.TunnelId})
	wantCode(t, err, "ResourceNotFoundException")
}
