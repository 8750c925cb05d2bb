package emulator_test

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/eclipse/paho.golang/paho"
)

// agent is a device's MQTT client.
type agent struct {
	*paho.Client
	t        *testing.T
	messages chan *paho.Publish
}

func (b *bench) agent(id string, will *paho.WillMessage, topics ...string) *agent {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.MQTTAddr())
	if err != nil {
		b.t.Fatal(err)
	}
	a := &agent{t: b.t, messages: make(chan *paho.Publish, 16)}
	a.Client = paho.NewClient(paho.ClientConfig{
		Conn: conn, ClientID: id,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(r paho.PublishReceived) (bool, error) {
			a.messages <- r.Packet
			return true, nil
		}},
	})
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	if _, err := a.Connect(ctx, &paho.Connect{ClientID: id, KeepAlive: 30, CleanStart: true, WillMessage: will}); err != nil {
		b.t.Fatalf("connect %s: %v", id, err)
	}
	b.t.Cleanup(func() { _ = a.Disconnect(&paho.Disconnect{}) })
	for _, topic := range topics {
		if _, err := a.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: topic, QoS: 1}}}); err != nil {
			b.t.Fatalf("subscribe %s: %v", topic, err)
		}
	}
	return a
}

func (a *agent) next() *paho.Publish {
	a.t.Helper()
	select {
	case m := <-a.messages:
		return m
	case <-time.After(patience):
		a.t.Fatal("no notification came")
		return nil
	}
}

func (b *bench) openFor(thing string, services ...string) *iotsecuretunneling.OpenTunnelOutput {
	b.t.Helper()
	out, err := b.sdk.OpenTunnel(b.t.Context(), &iotsecuretunneling.OpenTunnelInput{
		DestinationConfig: &types.DestinationConfig{ThingName: &thing, Services: services},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

const pumpTopic = "$aws/things/pump/tunnels/notify"

func TestOpenTunnelNotifiesTheThing(t *testing.T) {
	b := start(t)
	pump, other := b.agent("pump", nil, pumpTopic), b.agent("other", nil, "$aws/things/other/tunnels/notify")
	out := b.openFor("pump", "SSH", "HTTP")
	got := pump.next()
	want, err := json.Marshal(struct {
		ClientAccessToken string   `json:"clientAccessToken"`
		ClientMode        string   `json:"clientMode"`
		Region            string   `json:"region"`
		Services          []string `json:"services"`
	}{*out.DestinationAccessToken, "destination", region, []string{"SSH", "HTTP"}})
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Payload) != string(want) || got.Topic != pumpTopic || got.QoS != 1 || got.Retain {
		t.Errorf("notified on %s with QoS %d, retain %v: %.80s…", got.Topic, got.QoS, got.Retain, got.Payload)
	}
	// The token works.
	b.connect(dial{mode: "destination", access: *out.DestinationAccessToken})

	// Nobody else heard of it, and who comes later does not either.
	late := b.agent("late", nil, pumpTopic)
	b.openFor("other", "SSH")
	if m := other.next(); m.Topic != "$aws/things/other/tunnels/notify" {
		t.Errorf("the other thing was told on %s", m.Topic)
	}
	second := b.openFor("pump", "SSH")
	if m := tokenIn(t, late.next()); m != *second.DestinationAccessToken {
		t.Error("who subscribed late was told of what was before")
	}
}

func tokenIn(t *testing.T, m *paho.Publish) string {
	t.Helper()
	var n struct{ ClientAccessToken string }
	if err := json.Unmarshal(m.Payload, &n); err != nil {
		t.Fatal(err)
	}
	return n.ClientAccessToken
}

func TestRotationOfTheDestinationNotifiesAgain(t *testing.T) {
	b := start(t)
	pump, spare := b.agent("pump", nil, pumpTopic), b.agent("spare", nil, "$aws/things/spare/tunnels/notify")
	out := b.openFor("pump", "SSH")
	pump.next()
	rotate := func(mode types.ClientMode, to *types.DestinationConfig) string {
		got, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
			TunnelId: out.TunnelId, ClientMode: mode, DestinationConfig: to,
		})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(got.DestinationAccessToken)
	}
	rotate(types.ClientModeSource, &types.DestinationConfig{ThingName: aws.String("pump"), Services: []string{"SSH"}}) // tells nobody
	for name, c := range map[string]struct {
		mode types.ClientMode
		to   *types.DestinationConfig
		who  *agent
	}{
		"stored":           {types.ClientModeDestination, nil, pump},
		"all":              {types.ClientModeAll, nil, pump},
		"given":            {types.ClientModeDestination, &types.DestinationConfig{ThingName: aws.String("pump"), Services: []string{"SSH"}}, pump},
		"another thing":    {types.ClientModeDestination, &types.DestinationConfig{ThingName: aws.String("spare"), Services: []string{"SSH"}}, spare},
		"no thing in this": {types.ClientModeDestination, &types.DestinationConfig{Services: []string{"SSH"}}, pump},
	} {
		if token := rotate(c.mode, c.to); tokenIn(t, c.who.next()) != token {
			t.Errorf("%s: the notification has another token", name)
		}
	}
	if got := b.describe(out.TunnelId).DestinationConfig; *got.ThingName != "pump" {
		t.Errorf("a rotation changed the thing to %q", *got.ThingName)
	}
}

func TestClientsOfTheBrokerCannotPublish(t *testing.T) {
	b := start(t)
	pump := b.agent("pump", nil, pumpTopic)
	liar := b.agent("liar", &paho.WillMessage{Topic: pumpTopic, Payload: []byte("{}"), QoS: 1})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := liar.Publish(ctx, &paho.Publish{Topic: pumpTopic, QoS: 1, Payload: []byte("{}")}); err == nil {
		t.Error("a client published")
	}
	_ = liar.Disconnect(&paho.Disconnect{ReasonCode: 4}) // with the will
	out := b.openFor("pump", "SSH")
	if tokenIn(t, pump.next()) != *out.DestinationAccessToken {
		t.Error("what a client published or left as its will arrived")
	}
}

func TestATunnelWithoutAThingNotifiesNobody(t *testing.T) {
	b := start(t)
	all := b.agent("all", nil, "$aws/things/+/tunnels/notify")
	b.open("SSH")
	out := b.openFor("pump", "SSH")
	if tokenIn(t, all.next()) != *out.DestinationAccessToken {
		t.Error("the tunnel without a thing notified")
	}
}
