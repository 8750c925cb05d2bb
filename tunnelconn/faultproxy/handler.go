package faultproxy

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// HTTP answers the first request with a status, header lines and a body, as proxies, portals and failing services do.
func HTTP(status int, header http.Header, body string) Handler {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		answer := http.Response{
			StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: header,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		_ = answer.Write(conn)
	}
}

// Raw answers the first request with bytes as they are, one step of so many at a time and so long apart; then it waits for
// the client's end. A step of zero writes all at once.
func Raw(answer string, step int, every time.Duration) Handler {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		if step <= 0 {
			step = max(len(answer), 1)
		}
		for rest := answer; len(rest) > 0; {
			n := min(step, len(rest))
			if _, err := io.WriteString(conn, rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
			time.Sleep(every)
		}
		_, _ = io.Copy(io.Discard, conn)
	}
}

// TLS puts encryption before a handler, with whatever is wrong with the configuration.
func TLS(config *tls.Config, inner Handler) Handler {
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		if err := secured.Handshake(); err != nil {
			return
		}
		inner(secured)
		_ = secured.Close()
	}
}

// Silent takes everything and never answers.
func Silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// Garbage answers whatever comes first with bytes of no protocol.
func Garbage(conn net.Conn) {
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		_, _ = fmt.Fprint(conn, "\x00\xffSSH-2.0-nothing\r\n\x16\x03")
	}
}
