package fleet_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"adit/emulator/fleet"
	"adit/tunnelconn"
)

func TestShellAndPageAreThereAtTheSameTime(t *testing.T) {
	const size = 4 << 20
	s := newSite(t, fleet.Thing{Name: "Tank-A:4"})
	tunnel := s.open("Tank-A:4", "SSH", "HTTP", "ECHO")
	s.waitForDevice(tunnel, "CONNECTED")
	source, at := s.source(tunnel, "SSH", "HTTP", "ECHO")

	client := s.logIn("Tank-A:4", at["SSH"])
	pages := make(chan error, 1)
	go func() {
		pages <- func() error {
			response, err := s.http.Get("http://" + at["HTTP"] + "/blob?bytes=4194304")
			if err != nil {
				return err
			}
			defer response.Body.Close()
			got, want := sha256.New(), sha256.New()
			if _, err := io.Copy(got, response.Body); err != nil {
				return err
			}
			if _, err := io.Copy(want, fleet.Blob(size)); err != nil {
				return err
			}
			if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
				return errors.New("other bytes came")
			}
			return nil
		}()
	}()
	if out, status := s.run(client, "hostname; exit 42"); out != "Tank-A:4\n" || status != 42 {
		t.Errorf("ssh: %q, status %d", out, status)
	}
	if err := <-pages; err != nil {
		t.Errorf("the page: %v", err)
	}
	if out, _ := s.run(client, "echo still here"); out != "still here\n" {
		t.Errorf("ssh after the download: %q", out)
	}
	if peer := source.Status().Peer; peer != tunnelconn.V3 {
		t.Errorf("the device answers in the shape of V%d", peer)
	}
	conn, err := net.Dial("tcp", at["ECHO"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "echoed"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("echoed"))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "echoed" {
		t.Errorf("echo: %q, %v", got, err)
	}
}

func TestOldThingAnswersInTheShapeOfV1OneConnectionAtATime(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "gate-05", OldProtocol: true})
	tunnel := s.open("gate-05", "SSH")
	s.waitForDevice(tunnel, "CONNECTED")
	source, at := s.source(tunnel, "SSH")
	client := s.logIn("gate-05", at["SSH"])
	if out, status := s.run(client, "hostname; exit 3"); out != "gate-05\n" || status != 3 {
		t.Errorf("ssh: %q, status %d", out, status)
	}
	if peer := source.Status().Peer; peer != tunnelconn.V1 {
		t.Errorf("the device answers in the shape of V%d", peer)
	}
	if _, err := s.tryLogIn("gate-05", at["SSH"]); err == nil {
		t.Error("a second connection was taken")
	}
	if out, _ := s.run(client, "echo unharmed"); out != "unharmed\n" {
		t.Errorf("the first connection after the second was refused: %q", out)
	}
}

// refuses tells that a service ends a connection without a byte. The end may come before the dial has returned.
func refuses(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if errors.Is(err, syscall.ECONNRESET) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := conn.Read(make([]byte, 1))
	var late net.Error
	if n != 0 || err == nil || errors.As(err, &late) && late.Timeout() {
		t.Errorf("%d bytes, %v; want the connection to end", n, err)
	}
}

func TestRefusingThingStaysInTheTunnel(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "valve-09", Refuses: true})
	tunnel := s.open("valve-09", "SSH", "HTTP")
	s.waitForDevice(tunnel, "CONNECTED")
	_, at := s.source(tunnel, "SSH", "HTTP")
	for range 2 {
		refuses(t, at["SSH"])
		refuses(t, at["HTTP"])
	}
	if state := s.device(tunnel); state != "CONNECTED" {
		t.Errorf("the device is %s", state)
	}
}

func TestServiceThatTheDeviceDoesNotHaveIsRefused(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "pump-07"})
	tunnel := s.open("pump-07", "VNC", "SSH")
	s.waitForDevice(tunnel, "CONNECTED")
	_, at := s.source(tunnel, "VNC", "SSH")
	refuses(t, at["VNC"])
	if out, _ := s.run(s.logIn("pump-07", at["SSH"]), "hostname"); out != "pump-07\n" {
		t.Errorf("ssh beside it: %q", out)
	}
}

func TestRebootTakesTheDeviceOutOfTheTunnelAndBack(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "pump-07"})
	tunnel := s.open("pump-07", "SSH")
	s.waitForDevice(tunnel, "CONNECTED")
	_, at := s.source(tunnel, "SSH")
	client := s.logIn("pump-07", at["SSH"])
	if out, status := s.run(client, "reboot"); status != 0 || !strings.Contains(out, "back in about 20s") {
		t.Errorf("reboot: %q, status %d", out, status)
	}
	goodbye := <-s.delays
	if state := s.device(tunnel); state != "CONNECTED" {
		t.Errorf("before it goes the device is %s", state)
	}
	goodbye.over()
	s.waitForDevice(tunnel, "DISCONNECTED")
	away := <-s.delays
	if away.length != 20*time.Second {
		t.Errorf("it is away for %v", away.length)
	}
	away.over()
	s.waitForDevice(tunnel, "CONNECTED")
	// While a peer is away nobody tells the other side: the old connection hears of it when the device is back.
	if err := client.Wait(); err == nil {
		t.Error("the shell of a device that vanished ended in order")
	}
	client = nil
	s.eventually("a new shell on the same port", func() bool {
		client, _ = s.tryLogIn("pump-07", at["SSH"])
		return client != nil
	})
	if out, _ := s.run(client, "uptime"); strings.Contains(out, "day") {
		t.Errorf("uptime after the reboot: %q", out)
	}
	s.eventually("its agent waits for tunnels again", func() bool {
		out, _ := s.run(client, "journalctl -u tunnel-agent")
		return strings.Count(out, "waiting for tunnels") == 2
	})
	second := s.open("pump-07", "HTTP")
	s.waitForDevice(second, "CONNECTED")
}

func TestRotationMovesTheDeviceToTheNewToken(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "pump-07"})
	tunnel := s.open("pump-07", "SSH")
	s.waitForDevice(tunnel, "CONNECTED")
	_, at := s.source(tunnel, "SSH")
	s.call("RotateTunnelAccessToken", map[string]any{
		"tunnelId": tunnel.TunnelID, "clientMode": "DESTINATION",
		"destinationConfig": map[string]any{"thingName": "pump-07", "services": []string{"SSH"}},
	})
	s.eventually("the old proxy ended and the new one answers", func() bool {
		client, err := s.tryLogIn("pump-07", at["SSH"])
		if err != nil {
			return false
		}
		out, _ := s.run(client, "journalctl -u tunnel-agent")
		return strings.Count(out, "tunnel for SSH: started") == 2 && strings.Contains(out, "tunnel for SSH: replaced by a newer one")
	})
}

func TestTwoTunnelsOfTheSameServicesRunSideBySide(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "pump-07"})
	first, second := s.open("pump-07", "SSH"), s.open("pump-07", "SSH")
	s.waitForDevice(first, "CONNECTED")
	s.waitForDevice(second, "CONNECTED")
	for _, tunnel := range []answer{first, second} {
		_, at := s.source(tunnel, "SSH")
		if out, _ := s.run(s.logIn("pump-07", at["SSH"]), "hostname"); out != "pump-07\n" {
			t.Errorf("tunnel %s: %q", tunnel.TunnelID, out)
		}
	}
}

func TestEndOfTheFleetIsSeenByTheService(t *testing.T) {
	s := newSite(t, fleet.Thing{Name: "pump-07"}, fleet.Thing{Name: "gate-03"})
	tunnels := []answer{s.open("pump-07", "SSH"), s.open("gate-03", "SSH", "HTTP")}
	for _, tunnel := range tunnels {
		s.waitForDevice(tunnel, "CONNECTED")
	}
	if err := s.fleet.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tunnel := range tunnels {
		s.waitForDevice(tunnel, "DISCONNECTED")
	}
}
