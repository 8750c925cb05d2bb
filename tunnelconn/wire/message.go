// Package wire is the codec of the tunnel: frames of a two-byte big-endian length and one protobuf message, in a byte
// stream that any WebSocket fragmentation may cut anywhere.
//
// The seven fields are written and read by hand, because a DATA message is all that a busy tunnel carries and a generated
// codec copies its payload twice. The package knows the form of messages and none of their meaning: whether a stream id
// may be zero, or a service id empty, is for the proxies and the service to say.
package wire

import "fmt"

// Limits of the V3 WebSocket protocol guide, in bytes.
const (
	// MaxPayload bounds the payload of one DATA message.
	MaxPayload = 63 * 1024
	// MaxMessage bounds one protobuf message; it is what the length prefix can say.
	MaxMessage = 1<<16 - 1
	// MaxWebSocketFrame bounds the payload of one WebSocket frame, in either direction.
	MaxWebSocketFrame = 2 * (1<<16 + 2)
	// MaxServiceID bounds a service id, in characters that are all ASCII.
	MaxServiceID = 128
)

// prefixSize is the length prefix of a frame.
const prefixSize = 2

// Type of a message. Unknown values survive decoding.
type Type int32

const (
	// Unknown is never sent: a message without a type is invalid.
	Unknown Type = iota
	// Data carries bytes of an application, either way.
	Data
	// StreamStart begins a stream and, from V3 on, its first connection; from the source only.
	StreamStart
	// StreamReset ends a stream with all its connections, either way or by the service.
	StreamReset
	// SessionReset ends all streams; by the service only.
	SessionReset
	// ServiceIDs lists the services of the tunnel; by the service only, since V2.
	ServiceIDs
	// ConnectionStart begins a further connection of a stream; from the source only, since V3.
	ConnectionStart
	// ConnectionReset ends one connection, either way, since V3.
	ConnectionReset
)

// String names the type as the protocol guide does.
func (t Type) String() string {
	switch t {
	case Unknown:
		return "UNKNOWN"
	case Data:
		return "DATA"
	case StreamStart:
		return "STREAM_START"
	case StreamReset:
		return "STREAM_RESET"
	case SessionReset:
		return "SESSION_RESET"
	case ServiceIDs:
		return "SERVICE_IDS"
	case ConnectionStart:
		return "CONNECTION_START"
	case ConnectionReset:
		return "CONNECTION_RESET"
	default:
		return fmt.Sprintf("type %d", int32(t))
	}
}

// Message is one protobuf message of the tunnel.
type Message struct {
	Type     Type
	StreamID int32
	// Ignorable allows a receiver that does not know the Type to skip the message. It says nothing about a known Type.
	Ignorable           bool
	Payload             []byte
	ServiceID           string
	AvailableServiceIDs []string
	// ConnectionID is zero where there is none: before V3, and on messages that concern no single connection.
	ConnectionID uint32
}
