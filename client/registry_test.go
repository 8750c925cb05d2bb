package client_test

import (
	"context"
	"crypto/x509"
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
	if _, err := registry.Presence(ctx, "nobody"); client.KindOf(err) != client.KindNotFound {
		t.Errorf("presence of no thing: %v", err)
	}
	if _, err := registry.Presence(ctx, "not a name"); client.KindOf(err) != client.KindInvalid {
		t.Errorf("presence of no name: %v", err)
	}
}
