package notify

import (
	"errors"
	"os"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// maxRemembered is how many clients are known of; above it those that are gone are forgotten.
const maxRemembered = 20_000

// Presence of a client at the broker.
type Presence struct {
	Connected bool
	// Since is when that became so.
	Since time.Time
	// Reason is why a client went, in the words of AWS IoT's connectivity data; "" while it is connected.
	Reason string
}

// presences remembers clients by their id, which for a thing's agent is by custom the thing's name.
type presences struct {
	now func() time.Time

	mu   sync.Mutex
	last map[string]presence
}

type presence struct {
	Presence
	client *mqtt.Client
}

func (p *presences) arrived(client *mqtt.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.last) >= maxRemembered {
		for id, known := range p.last {
			if !known.Connected {
				delete(p.last, id)
			}
		}
	}
	p.last[client.ID] = presence{Presence{Connected: true, Since: p.now()}, client}
}

// left notes a client's end, unless another one has its id by now.
func (p *presences) left(client *mqtt.Client, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.last[client.ID]; ok && known.client == client {
		p.last[client.ID] = presence{Presence: Presence{Since: p.now(), Reason: reason(client, err)}}
	}
}

func (p *presences) of(id string) (Presence, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.last[id]
	return known.Presence, ok
}

func reason(client *mqtt.Client, err error) string {
	var code packets.Code
	switch {
	case errors.Is(client.StopCause(), packets.CodeDisconnect):
		return "CLIENT_INITIATED_DISCONNECT"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "MQTT_KEEP_ALIVE_TIMEOUT"
	case errors.As(err, &code):
		return "CLIENT_ERROR"
	}
	return "CONNECTION_LOST"
}
