package emulator_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"

	"adit/emulator"
	"adit/emulator/tunnels"
	"adit/tunnelconn/wire"
)

func TestZeroConfigServesOnLoopbackAndWritesNothing(t *testing.T) {
	e, err := emulator.Start(t.Context(), emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{strings.TrimPrefix(e.APIURL(), "http://"), e.DataAddr(), e.MQTTAddr(), e.MQTTSAddr()} {
		if !strings.HasPrefix(addr, "127.0.0.1:") || strings.HasSuffix(addr, ":0") {
			t.Errorf("serves on %s", addr)
		}
	}
	if e.CAFile() != "" {
		t.Errorf("wrote %s", e.CAFile())
	}
	for range 2 { // closing twice is no error
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDirTakesTheAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	e, err := emulator.Start(t.Context(), emulator.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	got, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil || !bytes.Equal(got, e.CAPEM()) || e.CAFile() != filepath.Join(dir, "ca.pem") {
		t.Errorf("ca.pem: %v, %q", err, e.CAFile())
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%d files, %v: no key may lie there", len(files), err)
	}
}

func TestEndOfTheContextEndsTheEmulator(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e, err := emulator.Start(ctx, emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := e.Close(); err != nil { // waits for the end that the context began, or ends it
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", e.DataAddr()); err == nil {
		_ = conn.Close()
		t.Error("the data plane still listens")
	}
}

func TestTakenAddressIsAnErrorAndNothingStays(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := emulator.Start(t.Context(), emulator.Config{MQTT: l.Addr().String()}); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("start on a taken address: %v", err)
	}
}

func TestCloseDropsWhoIsConnected(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	source := b.source(out)
	half, err := net.Dial("tcp", b.DataAddr()) // has not said a word
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = half.Close() }()
	mute, err := net.Dial("tcp", b.MQTTAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mute.Close() }()
	muteOverTLS, err := net.Dial("tcp", b.MQTTSAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = muteOverTLS.Close() }()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := source.message(); err == nil {
		t.Error("a WebSocket survived")
	}
}

func TestCutOfWhatIsNotConnectedDoesNothing(t *testing.T) {
	b := start(t)
	out := b.open("SSH")
	if b.Cut(*out.TunnelId, emulator.ModeSource) || b.Cut("nonsense", emulator.ModeSource) {
		t.Error("cut something that was not there")
	}
	b.source(out)
	if b.Cut(*out.TunnelId, emulator.ModeDestination) {
		t.Error("cut the wrong side")
	}
	if !b.Cut(*out.TunnelId, emulator.ModeSource) {
		t.Error("did not cut the source")
	}
	b.await(out.TunnelId, func(t *types.Tunnel) bool {
		return t.SourceConnectionState.Status == types.ConnectionStatusDisconnected
	})
}

// sink is a log that several goroutines write.
type sink struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func TestLogsCarryNoToken(t *testing.T) {
	log := new(sink)
	e, err := emulator.Start(t.Context(), emulator.Config{Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	b := attach(t, e)
	pump := b.agent("pump", nil, pumpTopic)
	out := b.openFor("pump", "SSH")
	pump.next()
	secrets := []string{*out.SourceAccessToken, *out.DestinationAccessToken, clientTokenA, clientTokenB}
	d := dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA}
	source := b.connect(d)
	b.destination(out)
	b.connect(d)
	d.client = clientTokenB
	b.refused(d, 400, "client token")
	d.mode = "destination"
	b.refused(d, 400, "token")
	b.refused(dial{mode: "source", access: *out.SourceAccessToken + "x"}, 403, "access-token")
	b.refused(dial{mode: "source", access: *out.SourceAccessToken, client: clientTokenA + "_"}, 400, "client token")
	rotated, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: out.TunnelId, ClientMode: types.ClientModeAll})
	if err != nil {
		t.Fatal(err)
	}
	pump.next()
	secrets = append(secrets, *rotated.SourceAccessToken, *rotated.DestinationAccessToken)
	_, _, _ = b.post("IoTSecuredTunneling.DescribeTunnel", `{"tunnelId":"`+*rotated.SourceAccessToken+`"}`)
	source.expectClose(1008)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}

	text := log.buf.String()
	if !strings.Contains(text, *out.TunnelId) || !strings.Contains(text, "refused") {
		t.Fatalf("the log tells nothing: %s", text)
	}
	for _, secret := range secrets {
		tail := secret[len(secret)-24:]
		secret = strings.TrimPrefix(secret, tunnels.TokenPrefix) // which is none
		for _, form := range []string{tail, base64.StdEncoding.EncodeToString([]byte(secret))[:40], hex.EncodeToString([]byte(secret))[:40]} {
			if strings.Contains(text, form) {
				t.Errorf("a token is in the log")
			}
		}
	}
}

func TestManyClientsAtOnceGetConsistentAnswers(t *testing.T) {
	b := start(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			// Each works on its own tunnel, against the others' connects, rotations and closes.
			out, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{
				DestinationConfig: &types.DestinationConfig{ThingName: aws.String(fmt.Sprint("thing-", i)), Services: []string{"SSH"}},
			})
			if err != nil {
				t.Error(err)
				return
			}
			for round := range int32(5) {
				source, _, err := b.try(dial{mode: "source", access: *out.SourceAccessToken})
				if err != nil {
					t.Error(err)
					return
				}
				destination, _, err := b.try(dial{mode: "destination", access: *out.DestinationAccessToken})
				if err != nil {
					t.Error(err)
					return
				}
				s, d := &peer{Conn: source, t: t}, &peer{Conn: destination, t: t}
				if _, err := s.message(); err != nil {
					t.Error(err)
				}
				if _, err := d.message(); err != nil {
					t.Error(err)
				}
				m := wire.Message{Type: wire.StreamStart, StreamID: round + 1, ServiceID: "SSH", ConnectionID: 1}
				f, _ := wire.AppendFrame(nil, &m)
				if err := source.Write(t.Context(), 2, f); err != nil {
					t.Error(err)
				}
				if got, err := d.message(); err != nil || !bytes.Equal(got, f) {
					t.Errorf("round %d: % x, %v", round, got, err)
				}
				rotated, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{TunnelId: out.TunnelId, ClientMode: types.ClientModeAll})
				if err != nil {
					t.Error(err)
					return
				}
				out.SourceAccessToken, out.DestinationAccessToken = rotated.SourceAccessToken, rotated.DestinationAccessToken
			}
			if _, err := b.sdk.CloseTunnel(t.Context(), &iotsecuretunneling.CloseTunnelInput{TunnelId: out.TunnelId, Delete: aws.Bool(i%2 == 0)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(b.list(&iotsecuretunneling.ListTunnelsInput{})); got != 4 {
		t.Errorf("%d tunnels are left, want 4", got)
	}
}
