package emulator_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/coder/websocket"

	"adit/emulator"
)

func TestARateLimitHoldsEachDirectionOfATunnel(t *testing.T) {
	const bitsPerSecond, payload, frames = 800_000, 10_000, 6
	b := startWith(t, emulator.Config{Choices: []string{"rate-limit=" + strconv.Itoa(bitsPerSecond)}})
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
	m := data(1, 1, strings.Repeat("x", payload))
	for name, way := range map[string][2]*peer{"up": {source, destination}, "down": {destination, source}} {
		began := time.Now()
		for range frames {
			way[0].send(m)
		}
		for range frames {
			way[1].expect(m)
		}
		// A twentieth of a second's worth may go at once.
		if took, least := time.Since(began), time.Second*(frames*payload*8-bitsPerSecond/20)/bitsPerSecond; took < least {
			t.Errorf("%s: %d bytes took %v, want %v at least", name, frames*payload, took, least)
		}
	}
}

func TestARateLimitDoesNotHoldAnEndUp(t *testing.T) {
	b := startWith(t, emulator.Config{Choices: []string{"rate-limit=8000"}})
	out := b.open("SSH")
	destination, source := b.destination(out), b.source(out)
	source.send(streamStart(1, 1), data(1, 1, strings.Repeat("x", 60_000))) // a minute's worth
	if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	destination.expectClose(websocket.StatusNormalClosure)
	source.expectClose(websocket.StatusNormalClosure)
	if took := time.Since(began); took > patience/2 {
		t.Errorf("the close frames took %v", took)
	}
}

func TestLeniencyLetsStreamIDZeroPass(t *testing.T) {
	b := startWith(t, emulator.Config{Choices: []string{"stream-id-0=ok"}})
	out := b.open("SSH")
	d := dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA}
	destination, source := b.destination(out), b.connect(d)
	// As the browser sample sends it: fields of V1, ignorable.
	first := []byte{0, 4, 0x08, 2, 0x18, 1}
	source.sendRaw(first)
	if got, err := destination.message(); err != nil || !bytes.Equal(got, first) {
		t.Errorf("received % x, %v", got, err)
	}
	b.connect(d)
	destination.quiet() // no reset of stream 0 either
}
