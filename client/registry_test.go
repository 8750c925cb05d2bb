package client_test

import (
	"context"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/emulator"
	devicefleet "adit/emulator/fleet"
	"adit/tunnelconn/token"
)

func TestRegistryOfTheEmulatorTellsThingsAndPresence(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	peer, err := emulator.Start(ctx, emulator.Config{Things: []string{"pump-07", "gate-03"}})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(peer.CAPEM())
	devices, err := devicefleet.Start(ctx, devicefleet.Config{
		MQTT: peer.MQTTAddr(), Data: peer.DataAddr(), Roots: roots, Seed: 1, Things: []devicefleet.Thing{{Name: "pump-07"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer devices.Close()
	service, err := client.Connect(ctx, client.ConnectOptions{Region: "eu-west-1", EndpointURL: peer.APIURL(), Demo: true,
		Static: &client.StaticCredentials{AccessKeyID: "123456789012", SecretAccessKey: token.New("any")}})
	if err != nil {
		t.Fatal(err)
	}
	registry := service.Registry()
	page, err := registry.Things(ctx, "")
	if err != nil || page.Next != "" || len(page.Names) != 2 || page.Names[0] != "gate-03" || page.Names[1] != "pump-07" {
		t.Errorf("things are %+v, %v", page, err)
	}
	p, err := registry.Presence(ctx, "pump-07")
	for ; err == nil && p.State != client.PresenceOnline; p, err = registry.Presence(ctx, "pump-07") {
		// The device is about to connect; the test's own deadline ends the waiting.
	}
	if err != nil || p.Since.IsZero() || p.AskedAt.IsZero() {
		t.Errorf("presence of a connected thing is %+v, %v", p, err)
	}
	if p, err := registry.Presence(ctx, "gate-03"); err != nil || p.State != client.PresenceNotSeen || !p.Since.IsZero() {
		t.Errorf("presence of a thing that never came is %+v, %v", p, err)
	}
	for _, query := range [][]string{nil, {"PUMP-07", "gate-03", "nobody"}, {"pump-07", "gate-03"}} {
		found, err := registry.Search(ctx, query)
		if err != nil || len(found) != 2 || found["pump-07"].State != client.PresenceOnline || found["pump-07"].Since.IsZero() ||
			found["gate-03"].State != client.PresenceNotSeen || !found["gate-03"].Since.IsZero() {
			t.Errorf("the index says of %q: %+v, %v", query, found, err)
		}
	}
	if _, err := registry.Search(ctx, []string{`x" OR "y`}); client.KindOf(err) != client.KindInvalid {
		t.Errorf("a query of no name: %v", err)
	}
	if err := peer.SetFaults("SearchIndex=deny"); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Search(ctx, nil); client.KindOf(err) != client.KindDenied || !strings.Contains(err.Error(), "You may not iot:SearchIndex on the fleet index in eu-west-1") {
		t.Errorf("an index that is denied: %v", err)
	}
	if _, err := registry.Presence(ctx, "nobody"); client.KindOf(err) != client.KindNotFound {
		t.Errorf("presence of no thing: %v", err)
	}
	if _, err := registry.Presence(ctx, "not a name"); client.KindOf(err) != client.KindInvalid {
		t.Errorf("presence of no name: %v", err)
	}
}
