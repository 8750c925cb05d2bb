package relay

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1" // RFC 6455 prescribes it, and it protects nothing
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"adit/emulator/choices"
	"adit/emulator/faults"
	"adit/emulator/tunnels"
	"adit/pattern"
	"adit/tunnelconn/cork"
)

const (
	// maxRequest is the length of the whole HTTP request, by the protocol guide.
	maxRequest = 4096
	// handshakeTimeout bounds TLS and HTTP together.
	handshakeTimeout = 10 * time.Second
	// farewell is how long a connection stays after the last was said on it.
	farewell = time.Second

	accessTokenHeader = "Access-Token"
	clientTokenHeader = "Client-Token"
	tokenCookie       = "awsiot-tunnel-token"
	protocolPrefix    = "aws.iot.securetunneling-"
)

// version is a generation of the protocol: 1, 2 or 3.
type version uint8

func (v version) protocol() string { return fmt.Sprintf("%s%d.0", protocolPrefix, v) }

// request is a valid upgrade request.
type request struct {
	side                tunnels.Side
	access, client, key string
	version             version
}

// limit lets so many bytes through. Unlike io.LimitedReader it tells its end from the stream's.
type limit struct {
	net.Conn
	left int // -1 is no limit
}

var errTooLong = errors.New("the HTTP request is longer than 4096 bytes")

func (l *limit) Read(p []byte) (int, error) {
	if l.left < 0 {
		return l.Conn.Read(p)
	}
	if l.left == 0 {
		return 0, errTooLong
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// serve takes a connection from its first byte to its last.
func (s *Server) serve(raw net.Conn) {
	conn := tls.Server(cork.New(raw), s.tls)
	_ = conn.SetDeadline(time.Now().Add(handshakeTimeout))
	if err := conn.Handshake(); err != nil {
		s.cfg.Log.Debug("data plane: no TLS", "remote", raw.RemoteAddr().String(), "error", err)
		return
	}
	bounded := &limit{conn, maxRequest}
	in := bufio.NewReaderSize(bounded, maxRequest)
	channel := newChannelID()
	log := s.cfg.Log.With("channel", channel)

	req, refused := readRequest(in, s.cfg.Choices)
	if refused == nil {
		bounded.left = -1
		effect := s.cfg.Faults.Of(faults.Connection)
		var seat *tunnels.Seat
		if seat, refused = s.take(req, effect); refused == nil {
			s.welcome(conn, in, req, seat, channel, effect)
			return
		}
	}
	status := refused.statusCode(s.cfg.Choices)
	log.Info("data plane: refused", "status", status, "reason", refused.text)
	refused.write(conn, channel, status, s.cfg.Choices.Is(choices.StatusReason, "header"))
}

// welcome runs the WebSocket of a request that is in order.
func (s *Server) welcome(conn *tls.Conn, in *bufio.Reader, req *request, seat *tunnels.Seat, channel string, effect faults.Effect) {
	defer s.cfg.Tunnels.Leave(seat)
	log := s.cfg.Log.With("channel", channel, "tunnel", seat.Tunnel, "side", seat.Side.String())
	log.Info("data plane: connected", "protocol", req.version.protocol())
	answer := "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
		"sec-websocket-accept: " + acceptKey(req.key) + "\r\nsec-websocket-protocol: " + req.version.protocol() + "\r\n" +
		"channel-id: " + channel + "\r\n\r\n"
	l := newLink(conn, seat, req.version, &s.manners, &s.buffers, log)
	l.effect, l.out.bent = effect, newBent(effect)
	l.run(s, in, answer)
}

// take asks the store for the side that the request has a token for, unless it is to be refused on demand.
func (s *Server) take(req *request, effect faults.Effect) (*tunnels.Seat, *refusal) {
	switch effect.Kind {
	case faults.Fail:
		return nil, &refusal{status: http.StatusInternalServerError, text: "The emulator fails on demand."}
	case faults.Throttle:
		return nil, &refusal{choice: choices.ThrottledConnectionStatus, text: "Rate exceeded"}
	}
	seat, err := s.cfg.Tunnels.Take(req.side, req.access, req.client)
	if err != nil {
		return nil, refusalOf(err)
	}
	return seat, nil
}

// readRequest checks everything about a request that can be checked without its token.
func readRequest(in *bufio.Reader, c choices.Set) (*request, *refusal) {
	r, err := http.ReadRequest(in)
	switch {
	case errors.Is(err, errTooLong):
		return nil, bad("The request is longer than 4096 bytes.")
	case err != nil:
		return nil, unfit("The request is not HTTP.")
	case r.ProtoMajor != 1 || r.ProtoMinor != 1:
		return nil, unfit("The request is not HTTP/1.1.")
	case r.Method != http.MethodGet || r.ContentLength != 0:
		return nil, unfit("A WebSocket begins with a GET request without a body.")
	case r.URL.EscapedPath() != "/tunnel": // not what only means the same
		return nil, unfit("The path must be /tunnel.")
	}
	req := &request{}
	var refused *refusal
	if req.side, refused = sideOf(r.URL, c); refused != nil {
		return nil, refused
	}
	if req.key, refused = upgradeOf(r.Header); refused != nil {
		return nil, refused
	}
	if req.version, refused = versionOf(r.Header, c); refused != nil {
		return nil, refused
	}
	if req.access, refused = accessTokenOf(r); refused != nil {
		return nil, refused
	}
	if req.client, refused = clientTokenOf(r.Header); refused != nil {
		return nil, refused
	}
	return req, nil
}

func sideOf(u *url.URL, c choices.Set) (tunnels.Side, *refusal) {
	query, err := url.ParseQuery(u.RawQuery)
	if err == nil && len(query) > 1 && c.Is(choices.OtherParameters, "refused") {
		return 0, bad("The only query parameter is local-proxy-mode.")
	}
	if modes := query["local-proxy-mode"]; err == nil && len(modes) == 1 {
		switch modes[0] {
		case "source":
			return tunnels.Source, nil
		case "destination":
			return tunnels.Destination, nil
		}
	}
	return 0, bad("The query parameter local-proxy-mode must be source or destination.")
}

// upgradeOf checks the headers of RFC 6455 and gives the key.
func upgradeOf(h http.Header) (key string, refused *refusal) {
	key = h.Get("Sec-Websocket-Key")
	random, err := base64.StdEncoding.DecodeString(key)
	switch {
	case !hasToken(h, "Connection", "upgrade") || !hasToken(h, "Upgrade", "websocket"):
		return "", unfit("The request does not ask for a WebSocket.")
	case h.Get("Sec-Websocket-Version") != "13":
		return "", unfit("The WebSocket version must be 13.")
	case err != nil || len(random) != 16:
		return "", unfit("The Sec-WebSocket-Key is not 16 bytes in base64.")
	}
	return key, nil
}

// versionOf picks the highest generation that is offered, or the first.
func versionOf(h http.Header, c choices.Set) (picked version, refused *refusal) {
	for item := range items(h, "Sec-Websocket-Protocol") {
		for v := version(1); v <= 3; v++ {
			if strings.EqualFold(item, v.protocol()) && (picked == 0 || c.Is(choices.SeveralSubprotocols, "highest")) {
				picked = max(picked, v)
			}
		}
	}
	if picked != 0 {
		return picked, nil
	}
	return 0, bad("The request offers no subprotocol of " + protocolPrefix + "1.0, -2.0 and -3.0.")
}

// items are those of a header that is a list, in one line or several.
func items(h http.Header, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range h.Values(name) {
			for item := range strings.SplitSeq(line, ",") {
				if !yield(strings.TrimSpace(item)) {
					return
				}
			}
		}
	}
}

// hasToken tells whether a header that is a list has a token.
func hasToken(h http.Header, name, token string) bool {
	for item := range items(h, name) {
		if strings.EqualFold(item, token) {
			return true
		}
	}
	return false
}

// accessTokenOf wants exactly one token, from a header or, for browsers, from a cookie.
func accessTokenOf(r *http.Request) (string, *refusal) {
	found := r.Header.Values(accessTokenHeader)
	for _, cookie := range r.CookiesNamed(tokenCookie) {
		found = append(found, cookie.Value)
	}
	if len(found) != 1 || found[0] == "" {
		return "", bad("The request must carry exactly one access token, in the header access-token or the cookie " + tokenCookie + ".")
	}
	return found[0], nil
}

func clientTokenOf(h http.Header) (string, *refusal) {
	found := h.Values(clientTokenHeader)
	switch {
	case len(found) == 0:
		return "", nil
	case len(found) > 1 || !pattern.ClientToken.MatchString(found[0]):
		return "", bad("Invalid client token: The header client-token must be 32 to 128 of a-z, A-Z, 0-9 and -.")
	}
	return found[0], nil
}

// acceptKey is the proof of RFC 6455 that the server has understood.
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// newChannelID has the shape seen in AWS's documents: groups of 16, 8, 8, 16 and 8 hexadecimal digits.
func newChannelID() string {
	var b [28]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:8], b[8:12], b[12:16], b[16:24], b[24:])
}

// discard reads what the other side still sends until it has closed too or the deadline is over. A TCP connection that is
// closed with unread bytes is reset, and the reset would overtake the last words.
func discard(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
