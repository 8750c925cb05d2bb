package client

import (
	"time"

	"adit/tunnelconn/token"
)

// Key names a tunnel among all endpoints, accounts and regions.
type Key struct {
	Endpoint, Account, Region, ID string
}

// Place is the key of the context that the tunnel belongs to.
func (k Key) Place() Key {
	k.ID = ""
	return k
}

// Status of a tunnel; CLOSED is final.
type Status string

const (
	StatusOpen   Status = "OPEN"
	StatusClosed Status = "CLOSED"
)

// Side is one end of a tunnel as DescribeTunnel tells it.
type Side struct {
	// Known is false until the tunnel was described once.
	Known     bool
	Connected bool
	// Since is the last change of Connected; zero for a side that never connected.
	Since time.Time
}

// Never tells whether the side is known never to have connected.
func (s Side) Never() bool { return s.Known && !s.Connected && s.Since.IsZero() }

// Tag is a key and a value as the API has them.
type Tag struct{ Key, Value Text }

// Tunnel is what is known of one tunnel. ListTunnels tells the first block, DescribeTunnel the rest.
type Tunnel struct {
	Key         Key
	Context     Context
	ARN         string
	Status      Status
	Description Text
	CreatedAt   time.Time
	UpdatedAt   time.Time

	// Described tells whether all fields below are known. Thing, Services and Lifetime never change, and of a tunnel that
	// an earlier run has described they are known before.
	Described   bool
	Thing       Text
	Services    []Text
	Lifetime    time.Duration
	Source      Side
	Destination Side
	Tags        []Tag
}

// Ends is when the lifetime runs out: createdAt + timeout, as the API has no such field. Zero while it is not known.
func (t Tunnel) Ends() time.Time {
	if t.Lifetime == 0 || t.CreatedAt.IsZero() {
		return time.Time{}
	}
	return t.CreatedAt.Add(t.Lifetime)
}

// Open tells whether the tunnel can still be used.
func (t Tunnel) Open() bool { return t.Status == StatusOpen }

// ListInput are ListTunnels' parameters.
type ListInput struct {
	Thing    string
	PageSize int // 1..100, 0 leaves it to the service
	Next     string
}

// Page is one answer of ListTunnels, newest first.
type Page struct {
	Tunnels []Tunnel
	Next    string
}

// OpenInput are OpenTunnel's parameters; all of them are optional.
type OpenInput struct {
	Thing       string
	Services    []string
	Description string
	Tags        []Tag
	Lifetime    time.Duration // whole minutes, 1..720; 0 leaves it to the service (12 h)
}

// Opened is OpenTunnel's answer.
type Opened struct {
	ID, ARN             string
	Source, Destination token.Token
}

// ClientMode names the side(s) whose token is rotated.
type ClientMode string

const (
	ModeSource      ClientMode = "SOURCE"
	ModeDestination ClientMode = "DESTINATION"
	ModeAll         ClientMode = "ALL"
)

// RotateInput are RotateTunnelAccessToken's parameters. Thing and Services are the destination configuration, to be
// sent whenever the destination's token is rotated, so that the device hears of it.
type RotateInput struct {
	ID       string
	Mode     ClientMode
	Thing    string
	Services []string
}

// Rotated carries the new token(s) of the side(s) rotated.
type Rotated struct {
	ARN                 string
	Source, Destination token.Token
}
