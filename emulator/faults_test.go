package emulator_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling/types"
	"github.com/aws/smithy-go"
	"github.com/coder/websocket"

	"adit/emulator"
	"adit/tunnelconn/wire"
)

func startWithFaults(t *testing.T, faults ...string) *bench {
	t.Helper()
	return startWith(t, emulator.Config{Faults: faults, Seed: 1, Things: []string{"pump"}})
}

func (b *bench) tunnels() int {
	b.t.Helper()
	out, err := b.sdk.ListTunnels(b.t.Context(), &iotsecuretunneling.ListTunnelsInput{})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(out.TunnelSummaries)
}

func TestAFaultIsOfTheKindAskedForAndNothingIsDone(t *testing.T) {
	for fault, want := range map[string]string{
		"throttle": "ThrottlingException", "error": "InternalFailureException", "limit": "LimitExceededException", "deny": "AccessDeniedException",
	} {
		b := startWithFaults(t, "OpenTunnel="+fault+",times=1")
		_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{})
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != want {
			t.Errorf("%s: %v, want %s", fault, err, want)
		}
		if fault == "deny" && !strings.Contains(refused.ErrorMessage(), "iot:OpenTunnel") {
			t.Errorf("the refusal does not name the action: %v", err)
		}
		var limit *types.LimitExceededException
		if fault == "limit" && !errors.As(err, &limit) {
			t.Errorf("limit: %T is not the modelled error", err)
		}
		if n := b.tunnels(); n != 0 {
			t.Errorf("%s: %d tunnels", fault, n)
		}
		b.open("SSH")
	}
}

func TestADroppedAnswerLeavesTheWorkDone(t *testing.T) {
	b := startWithFaults(t, "OpenTunnel=drop,times=1")
	_, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{})
	var refused smithy.APIError
	if err == nil || errors.As(err, &refused) {
		t.Fatalf("the answer came: %v", err)
	}
	if n := b.tunnels(); n != 1 {
		t.Errorf("%d tunnels after an open whose answer was lost, want 1", n)
	}
}

func TestASlowAnswerComesAfterItsDelay(t *testing.T) {
	const delay = 50 * time.Millisecond
	b := startWithFaults(t, "ListTunnels=slow,delay="+delay.String())
	began := time.Now()
	b.tunnels()
	if took := time.Since(began); took < delay {
		t.Errorf("the answer came after %s", took)
	}
}

func TestASlowAnswerDoesNotHoldTheEndUp(t *testing.T) {
	b := startWithFaults(t, "ListTunnels=slow,delay=25s")
	failed := make(chan error, 1)
	go func() {
		_, err := b.sdk.ListTunnels(t.Context(), &iotsecuretunneling.ListTunnelsInput{})
		failed <- err
	}()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the answer came")
	}
}

func TestALostNotificationIsAllThatIsLost(t *testing.T) {
	b := startWithFaults(t, "Notification=drop,times=1")
	pump := b.agent("pump", nil, pumpTopic)
	lost := b.openFor("pump", "SSH")
	rotated, err := b.sdk.RotateTunnelAccessToken(t.Context(), &iotsecuretunneling.RotateTunnelAccessTokenInput{
		TunnelId: lost.TunnelId, ClientMode: types.ClientModeDestination,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(pump.next().Payload); !strings.Contains(got, *rotated.DestinationAccessToken) {
		t.Error("the first notification that came is not that of the rotation")
	}
}

func TestTheNeighboursFailOnDemandToo(t *testing.T) {
	b := startWithFaults(t, "DescribeThing=deny", "GetCallerIdentity=throttle")
	response := b.rest("GET", "/things/pump", "", nil)
	if response.StatusCode != http.StatusForbidden || response.Header.Get("X-Amzn-ErrorType") != "AccessDeniedException" {
		t.Errorf("DescribeThing: %s, %q", response.Status, response.Header.Get("X-Amzn-ErrorType"))
	}
	response, err := b.http.Post(b.APIURL(), "application/x-www-form-urlencoded", strings.NewReader("Action=GetCallerIdentity"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "<Code>ThrottlingException</Code>") {
		t.Errorf("GetCallerIdentity: %s: %s, %v", response.Status, body, err)
	}
}

func TestFaultsChangeWhileTheEmulatorRuns(t *testing.T) {
	b := startWithFaults(t, "OpenTunnel=limit")
	if err := b.SetFaults("OpenTunnel=burn"); err == nil {
		t.Error("a fault that makes no sense is taken")
	}
	if _, err := b.sdk.OpenTunnel(t.Context(), &iotsecuretunneling.OpenTunnelInput{}); err == nil {
		t.Error("a refused change took the faults before away")
	}
	if err := b.SetFaults("DescribeTunnel=throttle"); err != nil {
		t.Fatal(err)
	}
	out := b.open("SSH")
	if _, err := b.sdk.DescribeTunnel(t.Context(), &iotsecuretunneling.DescribeTunnelInput{TunnelId: aws.String(*out.TunnelId)}); err == nil {
		t.Error("the new fault does not strike")
	}
}

func TestAFaultOfAnUnknownOperationIsRefused(t *testing.T) {
	_, err := emulator.Start(t.Context(), emulator.Config{Faults: []string{"OpenTunnels=drop"}})
	if err == nil || !strings.Contains(err.Error(), "OpenTunnels=drop") {
		t.Errorf("started: %v", err)
	}
}

func TestAConnectionIsLostAfterSoManyBytes(t *testing.T) {
	b := startWithFaults(t, "Connection=drop,bytes=1000,times=1")
	out := b.open("SSH")
	source := b.source(out)
	destination := b.destination(out)
	source.send(wire.Message{Type: wire.StreamStart, StreamID: 1, ServiceID: "SSH", ConnectionID: 1})
	for range 20 {
		destination.send(wire.Message{Type: wire.Data, StreamID: 1, ServiceID: "SSH", ConnectionID: 1, Payload: make([]byte, 100)})
	}
	frames := 0
	for {
		if _, err := source.message(); err != nil {
			if websocket.CloseStatus(err) != -1 {
				t.Errorf("the source was told: %v", err)
			}
			break
		}
		frames++
	}
	if frames == 0 || frames > 9 {
		t.Errorf("%d frames of more than 100 bytes came", frames)
	}
}

func TestASplitConnectionCutsFramesAndNotTheStream(t *testing.T) {
	b := startWithFaults(t, "Connection=split")
	out := b.open("SSH")
	conn, _, err := b.try(dial{mode: "source", access: *out.SourceAccessToken})
	if err != nil {
		t.Fatal(err)
	}
	source := &peer{Conn: conn, t: t}
	want := frame(t, wire.Message{Type: wire.ServiceIDs, AvailableServiceIDs: []string{"SSH"}})
	var got []byte
	for len(got) < len(want) {
		piece, err := source.message()
		if err != nil {
			t.Fatal(err)
		}
		if len(piece) > 3 {
			t.Errorf("a piece of %d bytes", len(piece))
		}
		got = append(got, piece...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the pieces make %q, want %q", got, want)
	}
}

func TestServiceIDsComeLateOnDemand(t *testing.T) {
	const delay = 50 * time.Millisecond
	b := startWithFaults(t, "Connection=slow,delay="+delay.String())
	out := b.open("SSH")
	began := time.Now()
	if source := b.source(out); len(source.services) != 1 || time.Since(began) < delay {
		t.Errorf("services %q came after %s", source.services, time.Since(began))
	}
}

func TestALateConnectionDoesNotHoldTheEndUp(t *testing.T) {
	b := startWithFaults(t, "Connection=slow,delay=25s")
	out := b.open("SSH")
	if _, _, err := b.try(dial{mode: "source", access: *out.SourceAccessToken}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.Close() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the emulator waits for a connection that it delays")
	}
}
