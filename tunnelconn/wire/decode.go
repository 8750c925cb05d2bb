package wire

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

var errText = errors.New("a service id is not valid UTF-8")

// Decode parses one message without its length. m.Payload aliases body. Everything m held before is replaced; decoding
// message after message into the same m spares the allocation of a service id that stays the same.
//
// As in every protobuf decoder the last of a repeated scalar wins, and unknown fields are skipped.
func Decode(body []byte, m *Message) error {
	last := m.ServiceID
	*m = Message{}
	for len(body) > 0 {
		number, kind, n := protowire.ConsumeTag(body)
		if n < 0 {
			return decodeError(n)
		}
		if number > protowire.MaxValidNumber {
			return fmt.Errorf("decode: field number %d is out of range", number)
		}
		body = body[n:]
		switch {
		case kind == protowire.VarintType && isVarint(number):
			value, n := protowire.ConsumeVarint(body)
			if n < 0 {
				return decodeError(n)
			}
			body = body[n:]
			m.setVarint(number, value)
		case kind == protowire.BytesType && isBytes(number):
			value, n := protowire.ConsumeBytes(body)
			if n < 0 {
				return decodeError(n)
			}
			body = body[n:]
			if err := m.setBytes(number, value, last); err != nil {
				return err
			}
		default:
			n := protowire.ConsumeFieldValue(number, kind, body)
			if n < 0 {
				return decodeError(n)
			}
			body = body[n:]
		}
	}
	return nil
}

func isVarint(number protowire.Number) bool {
	return number == fieldType || number == fieldStreamID || number == fieldIgnorable || number == fieldConnectionID
}

func isBytes(number protowire.Number) bool {
	return number == fieldPayload || number == fieldServiceID || number == fieldAvailableServiceIDs
}

func (m *Message) setVarint(number protowire.Number, value uint64) {
	switch number {
	case fieldType:
		m.Type = Type(int32(value))
	case fieldStreamID:
		m.StreamID = int32(value)
	case fieldIgnorable:
		m.Ignorable = protowire.DecodeBool(value)
	case fieldConnectionID:
		m.ConnectionID = uint32(value)
	}
}

func (m *Message) setBytes(number protowire.Number, value []byte, last string) error {
	if number == fieldPayload {
		m.Payload = value
		return nil
	}
	if !utf8.Valid(value) {
		return fmt.Errorf("decode: %w", errText)
	}
	switch {
	case number == fieldAvailableServiceIDs:
		m.AvailableServiceIDs = append(m.AvailableServiceIDs, string(value))
	case string(value) == last:
		m.ServiceID = last
	default:
		m.ServiceID = string(value)
	}
	return nil
}

func decodeError(n int) error { return fmt.Errorf("decode: %w", protowire.ParseError(n)) }
