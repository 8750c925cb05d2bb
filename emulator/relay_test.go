package emulator_test

import (
	"bytes"
	"testing"

	"adit/tunnelconn/wire"
)

func TestRelayPassesFramesOnBothWays(t *testing.T) {
	b := start(t)
	out := b.open("SSH", "HTTP")
	destination, source := b.destination(out), b.source(out)
	if len(source.services) != 2 || source.services[0] != "SSH" || source.services[1] != "HTTP" {
		t.Errorf("services %q, want SSH and HTTP", source.services)
	}
	up := []wire.Message{
		{Type: wire.StreamStart, StreamID: 7, ServiceID: "SSH", ConnectionID: 1},
		{Type: wire.Data, StreamID: 7, ServiceID: "SSH", ConnectionID: 1, Payload: bytes.Repeat([]byte("x"), wire.MaxPayload)},
		{Type: wire.ConnectionStart, StreamID: 7, ServiceID: "SSH", ConnectionID: 2},
		{Type: wire.ConnectionReset, StreamID: 7, ServiceID: "SSH", ConnectionID: 2},
	}
	source.send(up...)
	for _, m := range up {
		destination.expect(m)
	}
	down := wire.Message{Type: wire.Data, StreamID: 7, ServiceID: "SSH", ConnectionID: 1, Payload: []byte("hello")}
	destination.send(down)
	source.expect(down)
}
