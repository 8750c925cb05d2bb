package emulator_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"adit/emulator"
	"adit/tunnelconn/wire"
)

func TestTheReferencesOwnRequestIsAcceptedInAnyCase(t *testing.T) {
	b := start(t)
	request := func() string {
		return "GET /tunnel?local-proxy-mode=source HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " + v3 + "\r\n" +
			"access-token: " + *b.open("SSH").SourceAccessToken + "\r\nclient-token: " + clientTokenA + "\r\n" +
			"User-Agent: localproxy linux 64-bit/boost-1.87.0/openssl-3.0.0/protobuf-3.17.3\r\n\r\n"
	}
	shout := func(request string) string {
		lines := strings.Split(request, "\r\n")
		for i, line := range lines {
			if name, value, ok := strings.Cut(line, ": "); ok {
				lines[i] = strings.ToUpper(name) + ": " + value
			}
		}
		return strings.Join(lines, "\r\n")
	}
	for _, text := range []string{request(), shout(strings.Replace(request(), clientTokenA, clientTokenB, 1))} {
		if response, body := b.raw(text); response.StatusCode != 101 || response.Header.Get("Sec-Websocket-Protocol") != v3 {
			t.Errorf("answered %s: %s", response.Status, body)
		}
	}
}

func TestServiceIDsComeFirstAndOnceOnEachConnectionButNotOn1(t *testing.T) {
	b := start(t)
	for _, services := range [][]string{nil, {"SSH"}, {"SSH", "HTTP", "RAW"}} {
		out := b.open(services...)
		for _, protocol := range []string{v3, v2, v3, v1} { // the same local proxy, which comes back
			for mode, d := range map[string]dial{
				"source":      {access: *out.SourceAccessToken, client: "source-" + strings.Repeat("0", 30) + *out.TunnelId},
				"destination": {access: *out.DestinationAccessToken, client: "destination-" + strings.Repeat("0", 30) + *out.TunnelId},
			} {
				d.mode, d.protocols = mode, []string{protocol}
				p := b.connect(d) // reads SERVICE_IDS, but on 1.0
				if protocol != v1 && strings.Join(p.services, " ") != strings.Join(services, " ") {
					t.Errorf("%s of %q is told of %q", mode, services, p.services)
				}
				p.quiet()
			}
		}
	}
}

func TestVectorsOfEachVersionPassByteForByte(t *testing.T) {
	b := start(t)
	for protocol, vectors := range map[string][]string{
		v1: {"000408021001", "000d080210ffffffffffffffffff01", "0008080110012202" + "6869", "000408031001"},
		v2: {"0009080210012a03535348", "000d0801100122026869" + "2a03535348", "0009080310012a03535348"},
		v3: {"000b080210012a035353483801", "000f08011001220268692a035353483801", "000b080610012a035353483802", "000b080710012a035353483802", "0009080310012a03535348"},
	} {
		out := b.open("SSH")
		source := b.connect(dial{mode: "source", access: *out.SourceAccessToken, protocols: []string{protocol}})
		destination := b.connect(dial{mode: "destination", access: *out.DestinationAccessToken, protocols: []string{protocol}})
		for _, vector := range vectors {
			want, err := hex.DecodeString(vector)
			if err != nil {
				t.Fatal(err)
			}
			source.sendRaw(want)
			if got, err := destination.message(); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: sent %s, received %x, %v", protocol, vector, got, err)
			}
		}
	}
}

func TestIgnorableOnAKnownTypeIsNoise(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source, destination := b.source(out), b.destination(out)
	first := streamStart(1, 1)
	first.Ignorable = true
	source.send(first)
	if got := destination.read(); got.Type != wire.StreamStart || !got.Ignorable {
		t.Errorf("received %+v", got)
	}
}

func TestTheRelaySpeaksOnlyWhenItHasSomethingToSay(t *testing.T) {
	b := start(t)
	conn, in := b.rawWebSocket(upgrade(sourceLine, *b.open("SSH").SourceAccessToken, ""))
	if _, err := io.ReadFull(in, make([]byte, 2+9)); err != nil { // SERVICE_IDS
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if first, err := in.ReadByte(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("received %#x, %v, want no ping and no pong", first, err)
	}
}

func TestAPeerThatVanishesIsNotTold(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source, destination := b.source(out), b.destination(out)
	source.send(streamStart(1, 1))
	destination.expect(streamStart(1, 1))
	if !b.Cut(*out.TunnelId, emulator.ModeSource) {
		t.Fatal("there was nothing to cut")
	}
	if _, err := source.message(); err == nil {
		t.Fatal("the source is still there")
	}
	destination.quiet()
}
