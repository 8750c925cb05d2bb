// Package notify tells devices of their destination tokens: an MQTT broker on which each thing's agent subscribes to
// $aws/things/<thing>/tunnels/notify, as it does on AWS IoT Core.
//
// Nobody but the emulator publishes. An agent that is not subscribed at the time misses a message, unless it keeps a session
// with the broker or the message is retained.
package notify

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// Limits of the broker; packet size and session expiry are those of AWS IoT Core.
const (
	maxPacketSize    = 128 << 10 // bytes
	maxSessionExpiry = 60 * 60   // seconds
	maxPending       = 256       // messages waiting for one client
)

// Broker is a running MQTT broker.
type Broker struct {
	server    *mqtt.Server
	presences *presences
}

// Serve runs a broker until Close on a listener, and on another one, unless that is nil, where it speaks TLS with a
// certificate; now is the clock of Presence. What the broker itself logs is dropped, since it prints whole packets and with them tokens.
func Serve(plain, secure net.Listener, certificate tls.Certificate, now func() time.Time) (*Broker, error) {
	limits := mqtt.NewDefaultServerCapabilities()
	limits.MaximumPacketSize = maxPacketSize
	limits.MaximumSessionExpiryInterval = maxSessionExpiry
	limits.MaximumClientWritesPending = maxPending
	limits.MaximumQos = 1
	server := mqtt.New(&mqtt.Options{
		Capabilities:           limits,
		InlineClient:           true,
		Logger:                 slog.New(slog.DiscardHandler),
		SysTopicResendInterval: 60 * 60, // nobody reads $SYS
	})
	clients := &presences{now: now, last: map[string]presence{}}
	if err := server.AddHook(&readers{presences: clients}, nil); err != nil {
		return nil, fmt.Errorf("prepare the MQTT broker: %w", err)
	}
	listeners := []*listener{{id: "mqtt", accept: plain}}
	if secure != nil {
		over := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
		listeners = append(listeners, &listener{id: "mqtts", accept: secure, tls: over})
	}
	for _, l := range listeners {
		if err := server.AddListener(l); err != nil {
			return nil, fmt.Errorf("prepare the MQTT broker: %w", err)
		}
	}
	if err := server.Serve(); err != nil {
		return nil, fmt.Errorf("start the MQTT broker: %w", err)
	}
	return &Broker{server, clients}, nil
}

// Message is the notification of a device, complete, as the developer guide documents it.
type Message struct {
	ClientAccessToken string   `json:"clientAccessToken"`
	ClientMode        string   `json:"clientMode"`
	Region            string   `json:"region"`
	Services          []string `json:"services"`
}

// Topic of a thing's notifications.
func Topic(thing string) string { return "$aws/things/" + thing + "/tunnels/notify" }

// Publish sends a message to the agents of a thing, at a QoS of 0 or 1.
func (b *Broker) Publish(thing string, m Message, qos byte, retained bool) error {
	payload, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("notify thing %q: %w", thing, err)
	}
	if err := b.server.Publish(Topic(thing), payload, retained, qos); err != nil {
		return fmt.Errorf("notify thing %q: %w", thing, err)
	}
	return nil
}

// Presence tells of a client by its id; known is false for one that never came.
func (b *Broker) Presence(client string) (p Presence, known bool) { return b.presences.of(client) }

// Close ends the broker and cuts its clients.
func (b *Broker) Close() error { return b.server.Close() }

// readers lets everybody in, to subscribe and to do nothing else.
type readers struct {
	mqtt.HookBase
	presences *presences
}

func (*readers) ID() string { return "readers" }

func (*readers) Provides(what byte) bool {
	switch what {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnConnect, mqtt.OnSessionEstablish, mqtt.OnDisconnect:
		return true
	}
	return false
}

func (*readers) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

func (*readers) OnACLCheck(_ *mqtt.Client, _ string, write bool) bool { return !write }

// OnConnect takes the will from a client: the broker would publish it without asking OnACLCheck.
func (*readers) OnConnect(client *mqtt.Client, _ packets.Packet) error {
	client.Properties.Will = mqtt.Will{}
	return nil
}

// OnSessionEstablish comes before the client is told, so that nobody can know of a connection sooner than Presence.
func (r *readers) OnSessionEstablish(client *mqtt.Client, _ packets.Packet) {
	r.presences.arrived(client)
}

func (r *readers) OnDisconnect(client *mqtt.Client, err error, _ bool) { r.presences.left(client, err) }
