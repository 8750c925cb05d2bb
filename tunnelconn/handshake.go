package tunnelconn

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gobwas/ws"

	"adit/pattern"
	"adit/tunnelconn/cork"
)

const (
	// subprotocol is the one that all current clients offer, whatever shape their messages have: the shape is a matter
	// between the two ends.
	subprotocol = "aws.iot.securetunneling-3.0"
	// userAgent is informational.
	userAgent = "adit"
	// maxToken keeps the whole request below the service's 4096 bytes.
	maxToken = 3072
	// maxAnswer bounds what is read of the service's answer to the upgrade.
	maxAnswer = 64 << 10
	// sendBuffer is what the kernel may hold of what was written. Its own choice, megabytes, is tens of seconds of a tunnel
	// at the service's quota, and no pong could overtake it.
	sendBuffer = 256 << 10
)

var tokenForm = pattern.Of(`^[\x21-\x7e]+$`)

// check refuses a Link that could never work, or whose token would break the request.
func (l *Link) check() error {
	switch access := l.AccessToken.Reveal(); {
	case l.host() == "":
		return fmt.Errorf("the data endpoint %q is not a host name with an optional port", l.Endpoint)
	case access == "":
		return errors.New("there is no access token for the tunnel")
	case len(access) > maxToken || !tokenForm.MatchString(access):
		return errors.New("the access token is not one: it is too long, or has characters that no token has")
	case !l.ClientToken.IsZero() && !pattern.ClientToken.MatchString(l.ClientToken.Reveal()):
		return errors.New("the client token must be 32 to 128 letters, digits and dashes")
	}
	return nil
}

// host is the endpoint's host name, for TLS; "" when the endpoint is none.
func (l *Link) host() string {
	u, err := url.Parse("wss://" + l.Endpoint)
	if err != nil || u.Host != l.Endpoint {
		return ""
	}
	return u.Hostname()
}

// address is where to dial.
func (l *Link) address() string {
	if _, _, err := net.SplitHostPort(l.Endpoint); err == nil {
		return l.Endpoint
	}
	return net.JoinHostPort(l.host(), "443")
}

// handshaken is a WebSocket that the service accepted.
type handshaken struct {
	// conn is the encrypted connection over raw. Closing it says goodbye to the other end and may have to wait for it, so
	// what must end at once closes raw.
	conn net.Conn
	raw  net.Conn
	// network is what conn writes to: raw, or what waits to be sent to it.
	network *cork.Conn
	// source reads from conn, beginning with what came along with the answer to the upgrade.
	source    io.Reader
	channelID string
}

// reach tells whether a new encrypted connection to the service comes up. It asks for nothing, so it costs no token.
func (l *Link) reach(ctx context.Context) error {
	_, _, err := l.connected(ctx, func(h *handshaken) (*handshaken, time.Duration, error) {
		h.raw.Close()
		return h, 0, nil
	})
	return err
}

// shake connects, verifies the service's certificate, and upgrades to a WebSocket. A refusal is a *HandshakeError.
func (l *Link) shake(ctx context.Context, role Role) (*handshaken, time.Duration, error) {
	return l.connected(ctx, func(h *handshaken) (*handshaken, time.Duration, error) { return l.upgrade(h, role) })
}

// connected makes an encrypted connection and goes on with it.
func (l *Link) connected(ctx context.Context, goOn func(*handshaken) (*handshaken, time.Duration, error)) (_ *handshaken, retryAfter time.Duration, err error) {
	way, err := l.dial(ctx)
	if err != nil {
		return nil, 0, err
	}
	raw := way.raw
	// The context's end closes the connection under whatever step is waiting.
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer func() {
		if !stop() && err == nil {
			err = ctx.Err()
		}
		if err != nil {
			raw.Close()
			if ctx.Err() != nil && !errors.As(err, new(*HandshakeError)) {
				err = fmt.Errorf("the tunneling service at %s did not answer in time: %w", l.Endpoint, ctx.Err())
			}
		}
	}()
	network := cork.New(way.stream)
	secured := tls.Client(network, &tls.Config{ServerName: l.host(), RootCAs: l.Roots, MinVersion: tls.VersionTLS12})
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, 0, explainTLS("the tunneling service at "+l.Endpoint, err)
	}
	return goOn(&handshaken{conn: secured, raw: raw, network: network})
}

func (l *Link) upgrade(result *handshaken, role Role) (*handshaken, time.Duration, error) {
	conn := result.conn
	var refusal *HandshakeError
	var retryAfter time.Duration
	headers := "access-token: " + l.AccessToken.Reveal() + "\r\n" +
		"client-token: " + l.ClientToken.Reveal() + "\r\n" +
		"User-Agent: " + userAgent + "\r\n"
	dialer := ws.Dialer{
		Protocols: []string{subprotocol},
		Header:    ws.HandshakeHeaderString(headers),
		OnHeader: func(key, value []byte) error {
			if strings.EqualFold(string(key), "channel-id") {
				result.channelID = l.cleanText(string(value))
			}
			return nil
		},
		OnStatusError: func(status int, _ []byte, response io.Reader) {
			// An answer without a length goes on until the service closes the connection, if ever.
			if err := conn.SetReadDeadline(time.Now().Add(refusalPatience)); err != nil {
				refusal = &HandshakeError{StatusCode: status}
				return
			}
			refusal, retryAfter = l.readRefusal(status, response)
		},
	}
	answer := struct {
		io.Reader
		io.Writer
	}{io.LimitReader(conn, maxAnswer), conn}
	u := &url.URL{Scheme: "wss", Host: strings.TrimSuffix(l.Endpoint, ":443"), Path: "/tunnel", RawQuery: "local-proxy-mode=" + role.String()}
	early, _, err := dialer.Upgrade(answer, u)
	switch {
	case refusal != nil:
		return nil, retryAfter, refusal
	case err != nil:
		return nil, 0, fmt.Errorf("the answer of %s is not a tunneling service's: %w", l.Endpoint, noEOF(err))
	}
	result.source = conn
	if early != nil {
		// The service sends its first message at once, and it may have come with the answer.
		ahead, _ := early.Peek(early.Buffered())
		result.source = io.MultiReader(bytes.NewReader(bytes.Clone(ahead)), conn)
		ws.PutReader(early)
	}
	return result, 0, nil
}

// readRefusal makes an error of an HTTP answer that is no upgrade.
func (l *Link) readRefusal(status int, response io.Reader) (*HandshakeError, time.Duration) {
	refusal := &HandshakeError{StatusCode: status}
	answer, err := http.ReadResponse(bufio.NewReader(response), nil)
	if err != nil {
		return refusal, 0
	}
	defer answer.Body.Close()
	refusal.ChannelID = l.cleanText(answer.Header.Get("channel-id"))
	refusal.Reason = l.cleanText(answer.Header.Get("X-Status-Reason"))
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		// A body that breaks off still says what it says.
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
		if text := l.cleanText(string(body)); text != "" {
			refusal.Reason = text
		}
	}
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return refusal, 0
	}
	return refusal, time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
}

// cleanText makes one short printable line of what the service says, without our tokens if it repeats them. A token may
// be broken off where the answer is.
func (l *Link) cleanText(raw string) string {
	text := printable(raw)
	for _, secret := range []string{l.AccessToken.Reveal(), l.ClientToken.Reveal()} {
		if secret == "" {
			continue
		}
		text = strings.ReplaceAll(text, secret, "(token)")
		for n := len(secret) - 1; n >= minSecret; n-- {
			if whole, found := strings.CutSuffix(text, secret[:n]); found {
				text = whole + "(token)"
			}
		}
	}
	return shorten(text)
}

// minSecret is how much of a token is still worth hiding.
const minSecret = 8

// refusalPatience is how long the text of a refusal may take to come.
const refusalPatience = time.Second

// maxRetryAfter bounds how long the service may tell us to stay away.
const maxRetryAfter = 5 * time.Minute

// serviceDialer tries the other family of addresses when the first has not connected within 300 ms (RFC 6555, and what
// net.Dialer does by itself).
func serviceDialer() *net.Dialer {
	return &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 4}}
}

// dialService is the default Link.Dial.
func dialService(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := serviceDialer().DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.SetWriteBuffer(sendBuffer); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}
