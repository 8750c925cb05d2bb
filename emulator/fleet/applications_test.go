package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"adit/emulator/fleet/world"
)

// get asks a device's status server.
func get(t *testing.T, d *device, path string) (*http.Response, []byte) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	answer, err := (&http.Client{Transport: transport}).Get("http://" + d.targets["HTTP"] + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, body
}

func TestStatusPageShowsTheThing(t *testing.T) {
	d := applications(t, "Tank-A:4")
	answer, body := get(t, d, "/")
	for _, want := range []string{"<title>Tank-A:4</title>", d.machine.Serial, "level"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the page does not say %q:\n%s", want, body)
		}
	}
	if kind := answer.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", kind)
	}
	if strings.Contains(string(body), "src=") || strings.Contains(string(body), "href=") {
		t.Error("the page needs more than itself")
	}
}

func TestStatusIsThereForPrograms(t *testing.T) {
	d := applications(t, "pump-07")
	_, body := get(t, d, "/status.json")
	var got struct {
		Thing         string
		UptimeSeconds int64
		Readings      []world.Reading
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Thing != "pump-07" || got.UptimeSeconds < 3*24*3600 || len(got.Readings) != 3 {
		t.Errorf("%+v", got)
	}
	if answer, body := get(t, d, "/healthz"); answer.StatusCode != http.StatusOK || string(body) != "ok\n" {
		t.Errorf("/healthz: %d %q", answer.StatusCode, body)
	}
	if answer, _ := get(t, d, "/nothing"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("/nothing: %d", answer.StatusCode)
	}
}

func TestBlobIsTheSameBytesEachTime(t *testing.T) {
	const size = 3<<20 + 17
	d := applications(t, "pump-07")
	want := sha256.New()
	if _, err := io.Copy(want, Blob(size)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		answer, body := get(t, d, "/blob?bytes=3145745")
		if got := sha256.Sum256(body); answer.ContentLength != size || !bytes.Equal(got[:], want.Sum(nil)) {
			t.Errorf("%d bytes announced, %d came, same bytes: %t", answer.ContentLength, len(body), bytes.Equal(got[:], want.Sum(nil)))
		}
	}
	for _, path := range []string{"/blob", "/blob?bytes=-1", "/blob?bytes=x", "/blob?bytes=9999999999999999"} {
		if answer, body := get(t, d, path); answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "ask for /blob?bytes=N") {
			t.Errorf("%s: %d %q", path, answer.StatusCode, body)
		}
	}
}

func TestEchoSendsEverythingBackAfterAHalfClose(t *testing.T) {
	const size = 8 << 20
	d := applications(t, "pump-07")
	conn, err := net.Dial("tcp", d.targets["ECHO"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	want, got := sha256.New(), sha256.New()
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.MultiWriter(conn, want), Blob(size))
		_ = conn.(*net.TCPConn).CloseWrite()
		sent <- err
	}()
	n, err := io.Copy(got, conn)
	if err != nil || n != size {
		t.Errorf("%d of %d bytes came back: %v", n, size, err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Sum(nil), got.Sum(nil)) {
		t.Error("what came back is not what was sent")
	}
}

func TestADeviceWithoutPowerIsGoneForItsClients(t *testing.T) {
	d := applications(t, "pump-07")
	client := logIn(t, d, "root")
	echo, err := net.Dial("tcp", d.targets["ECHO"])
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	if _, err := echo.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(echo, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	d.power.cut()
	if err := client.Wait(); err == nil {
		t.Error("the ssh connection ended in order")
	}
	if _, err := echo.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the echo ended with %v, want a reset", err)
	}
	d.power.restore()
	if out, err := session(t, logIn(t, d, "root")).Output("echo back"); err != nil || string(out) != "back\n" {
		t.Errorf("after the power came back: %q, %v", out, err)
	}
}

func TestARefusingThingHasNoListener(t *testing.T) {
	d, err := newDevice(Thing{Name: "valve-09", Refuses: true}, withDefaults(Config{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	if err := d.startApplications(); err != nil {
		t.Fatal(err)
	}
	for service, target := range d.targets {
		if conn, err := net.Dial("tcp", target); err == nil {
			_ = conn.Close()
			t.Errorf("%s at %s answers", service, target)
		}
	}
}
