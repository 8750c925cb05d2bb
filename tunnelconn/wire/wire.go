// Package wire is the codec of the tunnel: frames of a two-byte big-endian length and one protobuf message, in a byte
// stream that any WebSocket fragmentation may cut anywhere.
package wire

import "io"

// Limits of the V3 WebSocket protocol guide, in bytes.
const (
	MaxPayload        = 63 * 1024
	MaxMessage        = 1<<16 - 1
	MaxWebSocketFrame = 2 * (1<<16 + 2)
)

// Type of a message. Unknown values survive decoding.
type Type int32

const (
	Unknown Type = iota
	Data
	StreamStart
	StreamReset
	SessionReset
	ServiceIDs
	ConnectionStart
	ConnectionReset
)

// Message is one protobuf message of the tunnel.
type Message struct {
	Type                Type
	StreamID            int32
	Ignorable           bool
	Payload             []byte
	ServiceID           string
	AvailableServiceIDs []string
	ConnectionID        uint32
}

// AppendFrame appends the length and the message. A payload over MaxPayload, or a message over MaxMessage, is an error.
func AppendFrame(dst []byte, m *Message) ([]byte, error) { panic("not built") }

// Decode parses one message without its length. m.Payload aliases body.
func Decode(body []byte, m *Message) error { panic("not built") }

// Reader cuts a byte stream into frames.
type Reader struct{}

// NewReader reads frames from r, which may return any slice of the stream.
func NewReader(r io.Reader) *Reader { panic("not built") }

// Next returns the next frame, its length prefix included: frame[2:] is the message. It is valid until the next call.
// The end of the stream between frames is io.EOF, within one io.ErrUnexpectedEOF.
func (r *Reader) Next() (frame []byte, err error) { panic("not built") }
