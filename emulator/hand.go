package emulator

import (
	"fmt"
	"time"

	"adit/emulator/tunnels"
)

// OpenInput describes a tunnel to be opened by hand. The zero value is a valid one: default account and region, no thing.
type OpenInput struct {
	// Account and Region default to Config's; AccountOf tells an access key's account.
	Account, Region string
	// Thing is notified as after OpenTunnel; "" is none. Services without a thing are allowed.
	Thing       string
	Services    []string
	Description string
	// Tags are pairs of key and value, in the order they are listed in.
	Tags [][2]string
	// Lifetime is 12 h when zero. The API allows 1 to 720 whole minutes, and shows no others.
	Lifetime time.Duration
	// CreatedAt is now when zero. A past one makes a tunnel that old, over already if its lifetime has passed.
	CreatedAt time.Time
}

// Opened names a tunnel opened by hand. Its tokens went to the thing; who needs one rotates by the API.
type Opened struct{ ID, ARN string }

// Open opens a tunnel as a colleague would, past the API: that is how a demo gets its first tunnels.
func (e *Emulator) Open(in OpenInput) (Opened, error) {
	scope := tunnels.Scope{Account: in.Account, Region: in.Region}
	if scope.Account == "" {
		scope.Account = e.cfg.Account
	}
	if scope.Region == "" {
		scope.Region = e.cfg.Region
	}
	open := tunnels.OpenInput{Description: in.Description, Lifetime: in.Lifetime, CreatedAt: in.CreatedAt}
	if len(in.Services) > 0 {
		open.Destination = &tunnels.DestinationConfig{Thing: in.Thing, Services: in.Services}
	}
	for _, tag := range in.Tags {
		open.Tags = append(open.Tags, tunnels.Tag{Key: tag[0], Value: tag[1]})
	}
	out, err := e.store.Open(scope, open)
	if err != nil {
		return Opened{}, fmt.Errorf("open a tunnel to thing %q in %s: %w", in.Thing, scope.Region, err)
	}
	return Opened{out.Tunnel.ID, out.Tunnel.ARN()}, nil
}

// Mode is a side of a tunnel, as local-proxy-mode has it.
type Mode string

const (
	ModeSource      Mode = "source"
	ModeDestination Mode = "destination"
)

func (m Mode) side() tunnels.Side {
	if m == ModeDestination {
		return tunnels.Destination
	}
	return tunnels.Source
}

// Cut drops the TCP connection of a side without a close frame, as a failing network does. Like Replace and ResetSession it
// tells whether a local proxy was connected there.
func (e *Emulator) Cut(tunnelID string, mode Mode) bool { return e.relay.Cut(tunnelID, mode.side()) }

// Replace sends the local proxy of a side away as if another one had taken its place.
func (e *Emulator) Replace(tunnelID string, mode Mode) bool {
	return e.relay.Replace(tunnelID, mode.side())
}

// ResetSession sends SESSION_RESET to a side, of which the reference local proxy hangs.
func (e *Emulator) ResetSession(tunnelID string, mode Mode) bool {
	return e.relay.ResetSession(tunnelID, mode.side())
}

// Expire ends the lifetime of a tunnel now, and tells whether one was open.
func (e *Emulator) Expire(tunnelID string) bool { return e.store.Expire(tunnelID) }
