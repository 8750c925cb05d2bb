package notify

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func serve(t *testing.T) (*Broker, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Serve(l, nil, tls.Certificate{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return b, l.Addr().String()
}

func TestCloseDoesNotWaitForClientsThatSayNothing(t *testing.T) {
	b, addr := serve(t)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	// Half a CONNECT, so that the broker surely has it and goes on waiting.
	if _, err := conn.Write([]byte{0x10, 0x20}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection stayed: %v", err)
	}
}

func TestClientsThatSendNonsenseAreDropped(t *testing.T) {
	b, addr := serve(t)
	for _, nonsense := range []string{"\x00\x00", "GET / HTTP/1.1\r\n\r\n", "\x10\xff\xff\xff\x7f", "\x10\x0c\x00\x04MQTT\x09\x02\x00\x3c\x00\x00", "\x30\x05\x00\x03abc"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, nonsense); err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.ReadAll(conn) // ends, by whatever the broker finds fit
		_ = conn.Close()
	}
	if err := b.Publish("thing", Message{}, 1, false); err != nil {
		t.Errorf("publish after that: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTopicIsTheOneOfTheDeveloperGuide(t *testing.T) {
	if got := Topic("pump:07"); got != "$aws/things/pump:07/tunnels/notify" {
		t.Errorf("topic %q", got)
	}
}
