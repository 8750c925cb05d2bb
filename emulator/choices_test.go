package emulator_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"

	"adit/emulator"
	"adit/emulator/choices"
)

// probe makes a choice visible: it does to an emulator what the choice is about, and tells in a word or two what came of it.
type probe struct {
	see func(*bench) string
	// want is what is seen with each value: with every word, and with the default and another number or time.
	want map[string]string
}

// TestEachChoiceDoesWhatItSays holds the table of choices and the emulator together.
func TestEachChoiceDoesWhatItSays(t *testing.T) {
	probes := map[choices.Name]probe{}
	for _, part := range []map[choices.Name]probe{apiProbes(), tagProbes(), tokenProbes(), webSocketProbes(), notificationProbes()} {
		maps.Copy(probes, part)
	}
	for _, c := range choices.All() {
		p, ok := probes[c.Name]
		if !ok {
			t.Errorf("nothing tries the choice %s", c.Name)
			continue
		}
		delete(probes, c.Name)
		for _, value := range append(c.Words(), c.Default) {
			if _, ok := p.want[value]; !ok {
				t.Errorf("nothing tries %s=%s", c.Name, value)
			}
		}
		seen := map[string]bool{}
		for value, want := range p.want {
			if seen[want] {
				t.Errorf("two values of %s look the same: %s", c.Name, want)
			}
			seen[want] = true
			t.Run(string(c.Name)+"="+value, func(t *testing.T) {
				t.Parallel()
				b := startWith(t, emulator.Config{Choices: []string{string(c.Name) + "=" + value}, Things: []string{"pump", "tank"}})
				if got := p.see(b); got != want {
					t.Errorf("saw %q, want %q", got, want)
				}
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(probes)) {
		t.Errorf("%s is tried and no choice", name)
	}
}

// same is the want of a choice whose values are seen as themselves.
func same(values ...string) map[string]string {
	want := map[string]string{}
	for _, value := range values {
		want[value] = value
	}
	return want
}

func TestStrictThingsAreThoseOfTheRegistry(t *testing.T) {
	b := startWith(t, emulator.Config{Choices: []string{"unknown-thing=not-found"}, Things: []string{"pump"}})
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
	b := startWith(t, emulator.Config{Choices: []string{"bare-rotation=quiet"}})
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
