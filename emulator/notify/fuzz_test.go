package notify

import (
	"crypto/tls"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// FuzzBroker: whatever a client sends, the broker ends that client at most and goes on for the others.
func FuzzBroker(f *testing.F) {
	const (
		connect311 = "\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"
		connect5   = "\x10\x1a\x00\x04MQTT\x05\x02\x00\x3c\x0c\x11\x00\x00\x00\x05\x21\x00\x0a\x22\x00\x0a\x17\x01\x00\x01b"
		willed     = "\x10\x1c\x00\x04MQTT\x05\x2e\x00\x3c\x00\x00\x01c\x00\x00\x03a/b\x00\x04gone\x00"
		subscribe5 = "\x82\x0a\x00\x01\x02\x0b\x05\x00\x01#\x01"
	)
	f.Add(connect311 + "\x82\x0a\x00\x01\x00\x05$SYS#\x01" + "\xc0\x00" + "\xa2\x05\x00\x02\x00\x01#" + "\xe0\x00")
	f.Add(connect5 + subscribe5 + "\x32\x0a\x00\x03a/b\x00\x07\x00hi" + "\x40\x02\x00\x01" + "\xf0\x02\x18\x00" + "\xe0\x02\x04\x00")
	f.Add(connect5 + "\x82\x17\x00\x01\x00\x00\x11$share/g/$aws/+/#\x01" + "\x62\x02\x00\x01" + "\x50\x02\x00\x09" + "\x70\x02\x00\x09")
	f.Add(willed + "\x34\x0b\x00\x03a/b\x00\x07\x03\x23\x00\x01hi" + connect5)
	l, err := net.Listen("unix", filepath.Join(f.TempDir(), "mqtt")) // of TCP the ports would run out
	if err != nil {
		f.Fatal(err)
	}
	b, err := Serve(l, nil, tls.Certificate{}, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := b.Close(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, said string) {
		client := func(said string) string {
			conn, err := net.Dial("unix", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(connectTimeout))
			_, _ = io.WriteString(conn, said) // which may not be read to its end
			_ = conn.(*net.UnixConn).CloseWrite()
			heard, _ := io.ReadAll(conn)
			return string(heard)
		}
		client(said)
		if err := b.Publish("pump", Message{}, 1, true); err != nil {
			t.Fatal(err)
		}
		// A connection acknowledged, and a ping answered.
		if heard := client("\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01z" + "\xc0\x00"); heard != "\x20\x02\x00\x00\xd0\x00" {
			t.Errorf("another client heard %q", heard)
		}
	})
}
