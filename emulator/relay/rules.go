package relay

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"adit/emulator/tunnels"
	"adit/tunnelconn/wire"
)

// rules are what a local proxy must keep to. The protocol guides have the service close the WebSocket of one that does not.
type rules struct {
	side     tunnels.Side
	version  version
	services []string
	// lenient lets stream id 0 pass.
	lenient bool
	// started are the services whose stream a source has started in this session, "" for messages without a service.
	started []string
}

func broken(text string) error { return &violation{text: text} }

// check judges a message by itself and by those before it. skip tells that it is allowed and means nothing.
func (r *rules) check(m *wire.Message, body []byte) (skip bool, err error) {
	if !r.knowsFields(body) {
		return false, broken("A message has a field that is unknown to the subprotocol.")
	}
	switch m.Type {
	case wire.Data, wire.StreamReset:
	case wire.StreamStart:
		if r.side != tunnels.Source {
			return false, broken("Only a source may send STREAM_START.")
		}
	case wire.ConnectionStart:
		if r.side != tunnels.Source || r.version < 3 {
			return false, broken("Only a source that speaks V3 may send CONNECTION_START.")
		}
	case wire.ConnectionReset:
		if r.version < 3 {
			return false, broken("Only a local proxy that speaks V3 may send CONNECTION_RESET.")
		}
	case wire.Unknown:
		return false, broken("A message has no type.")
	case wire.SessionReset, wire.ServiceIDs:
		return false, broken("Only the service may send " + m.Type.String() + ".")
	default:
		if m.Ignorable {
			return true, nil
		}
		return false, broken("A message has an unknown type and is not ignorable.")
	}
	return false, r.checkStream(m)
}

func (r *rules) checkStream(m *wire.Message) error {
	switch {
	case m.StreamID == 0 && !r.lenient:
		return broken("A message has no stream id.")
	case len(m.Payload) > wire.MaxPayload:
		return broken("A payload is longer than 64512 bytes.")
	case m.ServiceID != "" && !slices.Contains(r.services, m.ServiceID):
		return broken("A message names a service that the tunnel does not have.")
	case r.side != tunnels.Source:
		return nil
	}
	known := slices.Contains(r.started, m.ServiceID)
	switch {
	case m.Type == wire.StreamStart && len(r.started) > 0 && (m.ServiceID == "") != (r.started[0] == ""):
		return broken("A session is either with services or without: this stream is the other way than those before it.")
	case m.Type == wire.StreamStart && !known:
		r.started = append(r.started, m.ServiceID)
	case (m.Type == wire.Data || m.Type == wire.ConnectionStart) && !known:
		return broken("A message belongs to a service whose stream was never started.")
	}
	return nil
}

// knowsFields tells whether every field is one of the subprotocol's: the guides forbid to extend the schema.
func (r *rules) knowsFields(body []byte) bool {
	highest := protowire.Number(4) // payload
	switch r.version {
	case 2:
		highest = 6 // availableServiceIds
	case 3:
		highest = 7 // connectionId
	}
	for len(body) > 0 {
		number, _, n := protowire.ConsumeField(body)
		if n < 0 || number > highest {
			return false
		}
		body = body[n:]
	}
	return true
}
