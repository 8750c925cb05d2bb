package wire

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// vectors are computed from the V3 WebSocket protocol guide's Message.proto.
var vectors = []struct {
	name    string
	hex     string
	message Message
}{
	{"service ids, none", "00 02 08 05", Message{Type: ServiceIDs}},
	{"service ids, one", "00 07 08 05 32 03 53 53 48", Message{Type: ServiceIDs, AvailableServiceIDs: []string{"SSH"}}},
	{
		"service ids, two", "00 0d 08 05 32 03 53 53 48 32 04 48 54 54 50",
		Message{Type: ServiceIDs, AvailableServiceIDs: []string{"SSH", "HTTP"}},
	},
	{"stream start V1", "00 04 08 02 10 01", Message{Type: StreamStart, StreamID: 1}},
	{"stream start V2", "00 09 08 02 10 01 2a 03 53 53 48", Message{Type: StreamStart, StreamID: 1, ServiceID: "SSH"}},
	{
		"stream start V3", "00 0b 08 02 10 01 2a 03 53 53 48 38 01",
		Message{Type: StreamStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 1},
	},
	{
		"data V3", "00 0f 08 01 10 01 22 02 68 69 2a 03 53 53 48 38 01",
		Message{Type: Data, StreamID: 1, Payload: []byte("hi"), ServiceID: "SSH", ConnectionID: 1},
	},
	{
		"connection start", "00 0b 08 06 10 01 2a 03 53 53 48 38 02",
		Message{Type: ConnectionStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 2},
	},
	{
		"connection reset", "00 0b 08 07 10 01 2a 03 53 53 48 38 02",
		Message{Type: ConnectionReset, StreamID: 1, ServiceID: "SSH", ConnectionID: 2},
	},
	{"stream reset", "00 09 08 03 10 01 2a 03 53 53 48", Message{Type: StreamReset, StreamID: 1, ServiceID: "SSH"}},
	{"session reset", "00 02 08 04", Message{Type: SessionReset}},
	{"negative stream id", "00 0d 08 02 10 ff ff ff ff ff ff ff ff ff 01", Message{Type: StreamStart, StreamID: -1}},
	{"unknown type, ignorable", "00 04 08 09 18 01", Message{Type: 9, Ignorable: true}},
}

func vectorBytes(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestVectorsEncodeAndDecode(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			want := vectorBytes(t, v.hex)
			got, err := AppendFrame([]byte("before"), &v.message)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, append([]byte("before"), want...)) {
				t.Errorf("AppendFrame = % x, want % x", got[len("before"):], want)
			}
			decoded := Message{Type: 99, Payload: []byte("old"), ServiceID: "OLD", ConnectionID: 7}
			if err := Decode(want[2:], &decoded); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.message, decoded); diff != "" {
				t.Errorf("Decode (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFrameAroundAPayloadIsTheSameFrame(t *testing.T) {
	longest := strings.Repeat("s", MaxServiceID)
	messages := []Message{
		{Type: Data, StreamID: math.MinInt32, Ignorable: true, ServiceID: longest, ConnectionID: math.MaxUint32},
		{Type: math.MinInt32, StreamID: -1, Ignorable: true, ServiceID: longest, ConnectionID: math.MaxUint32},
		{Type: Data, StreamID: 1},
		{},
	}
	for _, m := range messages {
		for _, size := range []int{0, 1, 127, 128, 16383, 16384, MaxPayload} {
			m.Payload = bytes.Repeat([]byte{0xa5}, size)
			want, err := AppendFrame(nil, &m)
			if err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, Headroom+size+Tailroom)
			copy(buf[Headroom:], m.Payload)
			start, end, err := PutFrame(buf, Headroom, Headroom+size, &m)
			if err != nil {
				t.Fatalf("%v with %d bytes: %v", m.Type, size, err)
			}
			if !bytes.Equal(buf[start:end], want) {
				t.Errorf("%v with %d bytes: the frame in place differs", m.Type, size)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	longID := strings.Repeat("s", MaxServiceID)
	full := bytes.Repeat([]byte{1}, MaxPayload)
	cases := []struct {
		name    string
		message Message
		size    int // of the message, 0 when it is refused.
	}{
		{
			"largest data with the costliest ids",
			Message{Type: Data, StreamID: -1, Payload: full, ServiceID: longID, ConnectionID: math.MaxUint32}, 64666,
		},
		{"payload one over", Message{Type: Data, StreamID: 1, Payload: append(full, 1)}, 0},
		{"message as large as the prefix can say", Message{ServiceID: strings.Repeat("s", MaxMessage-4)}, MaxMessage},
		{"message one over", Message{ServiceID: strings.Repeat("s", MaxMessage-3)}, 0},
		{"service id that is not text", Message{ServiceID: "\xff"}, 0},
		{"listed service id that is not text", Message{AvailableServiceIDs: []string{"ok", "\xff"}}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := AppendFrame([]byte("kept"), &c.message)
			if c.size == 0 {
				if err == nil || string(got) != "kept" {
					t.Fatalf("AppendFrame = %d bytes, %v; want a refusal that leaves dst alone", len(got), err)
				}
				return
			}
			if err != nil || len(got) != len("kept")+2+c.size {
				t.Fatalf("AppendFrame = %d bytes, %v; want %d", len(got), err, len("kept")+2+c.size)
			}
			var decoded Message
			if err := Decode(got[len("kept")+2:], &decoded); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.message, decoded, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFrameInPlaceRefusesWhatDoesNotFit(t *testing.T) {
	m := Message{Type: Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1}
	for name, c := range map[string]struct{ size, from, to int }{
		"no headroom":      {300, 3, 10},
		"no tailroom":      {40, Headroom, 40},
		"payload too long": {MaxPayload + 500, Headroom, Headroom + MaxPayload + 1},
	} {
		if _, _, err := PutFrame(make([]byte, c.size), c.from, c.to, &m); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	list := Message{Type: ServiceIDs, AvailableServiceIDs: []string{"SSH"}}
	if _, _, err := PutFrame(make([]byte, 300), Headroom, Headroom, &list); err == nil {
		t.Error("a list of services: no error")
	}
}

func TestDecodeRefusesBrokenMessages(t *testing.T) {
	for name, text := range map[string]string{
		"tag cut short":         "80",
		"varint cut short":      "08 80",
		"varint too long":       "08 ff ff ff ff ff ff ff ff ff ff 01",
		"payload cut short":     "22 05 61",
		"field number zero":     "00 00",
		"field number too high": "90 90 90 90 90 00 30",
		"service id not text":   "2a 01 ff",
		"listed id not text":    "32 01 ff",
		"unmatched end group":   "0c",
		"unknown field cut off": "7a 09 00",
	} {
		var m Message
		if err := Decode(vectorBytes(t, text), &m); err == nil {
			t.Errorf("%s: decoded as %+v", name, m)
		}
	}
}

func TestDecodeSkipsWhatItDoesNotKnow(t *testing.T) {
	// A varint field 15, a payload sent as a varint, and a repeated stream id, of which the last counts.
	raw := vectorBytes(t, "78 05 20 07 08 01 10 05 10 06 22 01 61")
	var m Message
	if err := Decode(raw, &m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Message{Type: Data, StreamID: 6, Payload: []byte("a")}, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPayloadIsNotCopied(t *testing.T) {
	raw := vectorBytes(t, "08 01 10 01 22 02 68 69")
	var m Message
	if err := Decode(raw, &m); err != nil {
		t.Fatal(err)
	}
	raw[6] = 'H'
	if string(m.Payload) != "Hi" {
		t.Errorf("payload = %q, want it to alias the message", m.Payload)
	}
}

func TestDataIsCodedWithoutAllocation(t *testing.T) {
	m := Message{Type: Data, StreamID: 1 << 30, ServiceID: "SSH", ConnectionID: 3}
	buf := make([]byte, Headroom+4096+Tailroom)
	var decoded Message
	frame := make([]byte, 0, len(buf))
	allocs := testing.AllocsPerRun(100, func() {
		start, end, err := PutFrame(buf, Headroom, Headroom+4096, &m)
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode(buf[start+2:end], &decoded); err != nil {
			t.Fatal(err)
		}
		if frame, err = AppendFrame(frame[:0], &m); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a message, want none", allocs)
	}
}
