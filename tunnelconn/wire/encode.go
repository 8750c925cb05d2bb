package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of Message.proto.
const (
	fieldType protowire.Number = 1 + iota
	fieldStreamID
	fieldIgnorable
	fieldPayload
	fieldServiceID
	fieldAvailableServiceIDs
	fieldConnectionID
)

// Room that PutFrame needs around a payload, for any message without AvailableServiceIDs.
const (
	// Headroom is the prefix (2), type (11 with a negative one), stream id (11), ignorable (2), payload tag and length (4).
	Headroom = 30
	// Tailroom is a service id of MaxServiceID (3 + 128) and a connection id (6).
	Tailroom = 3 + MaxServiceID + 6
)

// AppendFrame appends the length and the message. A payload over MaxPayload, or a message over MaxMessage, is an error,
// and then dst is returned as it was.
func AppendFrame(dst []byte, m *Message) ([]byte, error) {
	if len(m.Payload) > MaxPayload {
		return dst, payloadError(len(m.Payload))
	}
	if err := checkText(m); err != nil {
		return dst, err
	}
	start := len(dst)
	out := append(dst, 0, 0)
	out = appendHead(out, m)
	if len(m.Payload) > 0 {
		out = protowire.AppendTag(out, fieldPayload, protowire.BytesType)
		out = protowire.AppendBytes(out, m.Payload)
	}
	out = appendTail(out, m)
	size := len(out) - start - prefixSize
	if size > MaxMessage {
		return dst, fmt.Errorf("encode %v: message of %d bytes exceeds %d", m.Type, size, MaxMessage)
	}
	binary.BigEndian.PutUint16(out[start:], uint16(size))
	return out, nil
}

// PutFrame builds the frame of m around a payload that already lies at buf[from:to], so that the payload need not move:
// the length and the fields before the payload go in front of it, the others behind it. m.Payload is not looked at, and
// m may not list services. It returns the bounds of the frame in buf; buf needs Headroom before from, and behind to as
// much of Tailroom as m's ids take.
func PutFrame(buf []byte, from, to int, m *Message) (start, end int, err error) {
	size := to - from
	switch {
	case size > MaxPayload:
		return 0, 0, payloadError(size)
	case len(m.AvailableServiceIDs) > 0:
		return 0, 0, errors.New("encode in place: a list of services has no payload to be put around")
	}
	if err := checkText(m); err != nil {
		return 0, 0, err
	}
	var room [Headroom]byte
	head := appendHead(room[:prefixSize], m)
	if size > 0 {
		head = protowire.AppendTag(head, fieldPayload, protowire.BytesType)
		head = protowire.AppendVarint(head, uint64(size))
	}
	start = from - len(head)
	if tail := tailSize(m); start < 0 || to+tail > cap(buf) {
		return 0, 0, fmt.Errorf("encode in place: no room for %d bytes before and %d behind the payload", len(head), tail)
	}
	end = len(appendTail(buf[:to], m))
	binary.BigEndian.PutUint16(head, uint16(end-start-prefixSize))
	copy(buf[start:from], head)
	return start, end, nil
}

// appendHead writes the fields before the payload. As every protobuf encoder does, it omits defaults and ascends.
func appendHead(b []byte, m *Message) []byte {
	if m.Type != Unknown {
		b = protowire.AppendTag(b, fieldType, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(m.Type))
	}
	if m.StreamID != 0 {
		// An int32 is widened with its sign, so that a negative one takes ten bytes.
		b = protowire.AppendTag(b, fieldStreamID, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(m.StreamID))
	}
	if m.Ignorable {
		b = protowire.AppendTag(b, fieldIgnorable, protowire.VarintType)
		b = protowire.AppendVarint(b, 1)
	}
	return b
}

// appendTail writes the fields behind the payload.
func appendTail(b []byte, m *Message) []byte {
	if m.ServiceID != "" {
		b = protowire.AppendTag(b, fieldServiceID, protowire.BytesType)
		b = protowire.AppendString(b, m.ServiceID)
	}
	for _, id := range m.AvailableServiceIDs {
		b = protowire.AppendTag(b, fieldAvailableServiceIDs, protowire.BytesType)
		b = protowire.AppendString(b, id)
	}
	if m.ConnectionID != 0 {
		b = protowire.AppendTag(b, fieldConnectionID, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(m.ConnectionID))
	}
	return b
}

// tailSize is the length of appendTail for a message without AvailableServiceIDs.
func tailSize(m *Message) int {
	size := 0
	if m.ServiceID != "" {
		size += protowire.SizeTag(fieldServiceID) + protowire.SizeBytes(len(m.ServiceID))
	}
	if m.ConnectionID != 0 {
		size += protowire.SizeTag(fieldConnectionID) + protowire.SizeVarint(uint64(m.ConnectionID))
	}
	return size
}

// checkText refuses what other protobuf decoders refuse: a string field that is not UTF-8.
func checkText(m *Message) error {
	if !utf8.ValidString(m.ServiceID) {
		return errText
	}
	for _, id := range m.AvailableServiceIDs {
		if !utf8.ValidString(id) {
			return errText
		}
	}
	return nil
}

func payloadError(size int) error {
	return fmt.Errorf("encode: payload of %d bytes exceeds %d", size, MaxPayload)
}
