package client

import (
	"context"
	"time"
)

// Registry is AWS IoT's own list of the things of one account and region, and its record of who is connected. It is never
// needed: many who may open tunnels may not read it. Every error is an *Error with a Kind.
type Registry interface {
	// Things are the names of one page, in the registry's order; next is "" for the first page.
	Things(ctx context.Context, next string) (ThingPage, error)
	// Presence tells whether a thing's MQTT client is connected. The answer is late by up to one and a half of the client's
	// keep-alives, is paid for by the query, and is only about the thing when its client id is the thing's name.
	Presence(ctx context.Context, thing string) (Presence, error)
	// Search is the presence of many things by one query, which is what is paid: of those named, 12 at most, or of the first
	// 100 where none is named. What the fleet index does not have is missing in the answer. It needs fleet indexing with
	// connectivity, and a permission of its own.
	Search(ctx context.Context, things []string) (map[string]Presence, error)
}

// ThingPage is one answer of ListThings; Next is "" after the last.
type ThingPage struct {
	Names []Text
	Next  string
}

// PresenceState is what is known of a thing's connection to AWS IoT.
type PresenceState uint8

const (
	// PresenceUnknown: nobody asked, nobody may ask, or the service does not know.
	PresenceUnknown PresenceState = iota
	PresenceOnline
	// PresenceNotSeen: it is not connected now, as far as the service has noticed.
	PresenceNotSeen
)

// Presence of a thing. It is a hint and never a reason to refuse something.
type Presence struct {
	State PresenceState
	// Since is the last change of the connection, zero for a thing that never came, or of which that is forgotten.
	Since time.Time
	// AskedAt is when the service said so, zero for never.
	AskedAt time.Time
}

// ThingKey names a thing among all endpoints, accounts and regions.
type ThingKey struct {
	Endpoint, Account, Region, Name string
}

// ThingKey names the thing of this raw name.
func (c Context) ThingKey(name string) ThingKey {
	return ThingKey{Endpoint: c.Endpoint, Account: c.Account, Region: c.Region, Name: name}
}

// The registry's operations.
const (
	opThings   = "ListThings"
	opPresence = "GetThingConnectivityData"
	opIndex    = "SearchIndex"
)
