// Package tunnels is the state of the emulated service: which tunnels there are, who may take their two sides, and when
// they end.
//
// It knows nothing of HTTP, WebSocket or MQTT. The API changes tunnels by their operations, the data plane takes and
// leaves their sides by a [Seat], and whoever has to tell a device of a token is told by [Config.Notify]. Every time is
// read from the injected clock, so a test can let twelve hours pass.
//
// Tunnels of different accounts and regions never meet: a [Scope] is part of every question.
package tunnels

import (
	"slices"
	"strings"
	"time"
)

// Scope is where a tunnel lives.
type Scope struct{ Account, Region string }

// Side of a tunnel.
type Side uint8

const (
	Source Side = iota
	Destination
)

// String is the side as local-proxy-mode and the notification of devices write it.
func (s Side) String() string {
	if s == Source {
		return "source"
	}
	return "destination"
}

// Status of a tunnel. Closed is final.
type Status string

const (
	Open   Status = "OPEN"
	Closed Status = "CLOSED"
)

// DestinationConfig is what a tunnel leads to. Thing may be empty: then nobody is notified.
type DestinationConfig struct {
	Thing    string
	Services []string
}

// Tag is a key and its value.
type Tag struct{ Key, Value string }

// Connection is the state of one side. Since is zero until the side connected for the first time.
type Connection struct {
	Connected bool
	Since     time.Time
}

// Tunnel is a snapshot of one tunnel.
type Tunnel struct {
	Scope
	ID          string
	Status      Status
	Description string
	// Destination is nil when the tunnel was opened without one.
	Destination *DestinationConfig
	Lifetime    time.Duration
	Tags        []Tag
	// Connections by Side.
	Connections [2]Connection
	CreatedAt   time.Time
	// UpdatedAt changes when the tunnel ends and when a token is rotated.
	UpdatedAt time.Time
}

// ARN is the tunnel's resource name.
func (t Tunnel) ARN() string {
	return t.arn() + "tunnel/" + t.ID
}

// arn is how the resource names of a scope begin.
func (s Scope) arn() string {
	return "arn:" + partition(s.Region) + ":iot:" + s.Region + ":" + s.Account + ":"
}

// Ends is when the lifetime is over.
func (t Tunnel) Ends() time.Time { return t.CreatedAt.Add(t.Lifetime) }

// thing is the thing's name, "" without one.
func (t Tunnel) thing() string {
	if t.Destination == nil {
		return ""
	}
	return t.Destination.Thing
}

// services are the names the local proxies may use.
func (t Tunnel) services() []string {
	if t.Destination == nil {
		return nil
	}
	return t.Destination.Services
}

// clone parts with what the store goes on changing.
func (t Tunnel) clone() Tunnel {
	t.Tags = slices.Clone(t.Tags)
	return t
}

// partition of a region, as the SDKs' endpoint rules have them.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// parseARN takes a tunnel id out of a resource name, and what goes before tunnel/. Older copies of the API reference print
// arn:aws:tunnel where every sample has arn:aws:iot, so both are understood.
func parseARN(arn string) (home, id string, ok bool) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) != 6 || part[0] != "arn" || (part[2] != "iot" && part[2] != "tunnel") {
		return "", "", false
	}
	part[2] = "iot"
	id, ok = strings.CutPrefix(part[5], "tunnel/")
	return strings.Join(part[:5], ":") + ":", id, ok
}
