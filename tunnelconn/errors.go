package tunnelconn

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

var (
	// ErrRunning: a proxy of that key runs already.
	ErrRunning = errors.New("a local proxy for this tunnel is already running")
	// ErrReplaced: another client took this side of the tunnel (WebSocket close 1008).
	ErrReplaced = errors.New("another local proxy took this side of the tunnel")
	// ErrTunnelClosed: the service closed the WebSocket because the tunnel is over.
	ErrTunnelClosed = errors.New("the tunnel was closed")
	// ErrRotated is an ErrReplaced of which the service says that the token was rotated, ErrExpired an ErrTunnelClosed of
	// which it says that the lifetime is over. The protocol has no code for either, only the service's own words.
	ErrRotated error = &ending{"the access token of this side was rotated, which ends the link of the old one", ErrReplaced}
	ErrExpired error = &ending{"the tunnel's lifetime is over", ErrTunnelClosed}
	// ErrBusyPeer: a V1 or V2 peer carries one connection at a time, and it is in use. A peer that has not yet answered
	// anything counts as such a one, unless V3 was asked for.
	ErrBusyPeer = errors.New("the device speaks an old protocol, or has not answered yet: one connection at a time, and another one has it")
	// ErrClosed: the proxy was closed by its owner.
	ErrClosed = errors.New("the local proxy was stopped")
	// ErrCut: the link to the service was lost, and with it every connection on it. What had arrived is a prefix of what
	// was sent.
	ErrCut = errors.New("the link to the tunneling service was lost, and the connection was cut with it")
	// ErrStalled: the local side took nothing, and other connections of the tunnel waited behind what was meant for it.
	ErrStalled = errors.New("the local program took nothing for too long, and held the tunnel's other connections up")
	// ErrReset: the device or the service reset the stream, as it does when the application refuses.
	ErrReset = errors.New("the device reset the connection: its application refuses, or the device was replaced")
	// ErrUnavailable: no link to the service came up while a local connection was held for it.
	ErrUnavailable = errors.New("the tunnel is not connected, and did not come back in time")
	// ErrTooMany: the limit of connections, or of connections held during an outage, is reached.
	ErrTooMany = errors.New("too many connections at once through this tunnel")
	// ErrNoService: the tunnel does not carry the service that was asked for.
	ErrNoService = errors.New("the tunnel does not carry this service")
)

// HandshakeError is the service's refusal of a WebSocket.
type HandshakeError struct {
	// StatusCode is the HTTP status; 4xx is final, but for 408, 425 and 429.
	StatusCode int
	// Reason is the service's own text, cleaned of control characters.
	Reason string
	// ChannelID is the service's name for the attempt, "" without one.
	ChannelID string
}

// Final tells whether trying again with the same token is pointless.
func (e *HandshakeError) Final() bool {
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return e.StatusCode >= 400 && e.StatusCode < 500
}

// Unwrap is ErrTunnelClosed where the service says that the tunnel is over, for which no rotation helps. The protocol has
// no other sign of it than the service's words.
func (e *HandshakeError) Unwrap() error {
	words := strings.ToLower(e.Reason)
	if e.Final() && strings.Contains(words, "tunnel") && (strings.Contains(words, "closed") || strings.Contains(words, "expired")) {
		return ErrTunnelClosed
	}
	return nil
}

func (e *HandshakeError) Error() string {
	var text strings.Builder
	switch {
	case errors.Is(e, ErrTunnelClosed):
		fmt.Fprintf(&text, "the tunnel is over (HTTP %d), and never opens again", e.StatusCode)
	case e.StatusCode < 400:
		fmt.Fprintf(&text, "something other than the tunneling service answered (HTTP %d): a captive portal or an intercepting web proxy?", e.StatusCode)
	case e.Final():
		fmt.Fprintf(&text, "the tunneling service refused the access token (HTTP %d): check that it is one of this side and that the region is the tunnel's, else rotate it", e.StatusCode)
	case e.StatusCode == http.StatusTooManyRequests:
		text.WriteString("the tunneling service takes no more connections just now (HTTP 429)")
	default:
		fmt.Fprintf(&text, "the tunneling service has trouble of its own (HTTP %d)", e.StatusCode)
	}
	if e.Reason != "" {
		fmt.Fprintf(&text, "; it says %q", e.Reason)
	}
	if e.ChannelID != "" {
		fmt.Fprintf(&text, " (channel id %s)", e.ChannelID)
	}
	return text.String()
}

// ListenError says that a local address could not be bound.
type ListenError struct {
	Service, Address string
	// InUse tells a taken port from other failures.
	InUse bool
	Err   error
}

func (e *ListenError) Error() string {
	if e.InUse {
		return fmt.Sprintf("the local address %s%s is in use by another program: choose another port, or 0 for a free one", e.Address, e.forService())
	}
	return fmt.Sprintf("cannot listen on the local address %s%s: %v", e.Address, e.forService(), e.Err)
}

func (e *ListenError) forService() string {
	if e.Service == "" {
		return ""
	}
	return " for service " + e.Service
}

func (e *ListenError) Unwrap() error { return e.Err }

// ending is a special case of another error.
type ending struct {
	text string
	kind error
}

func (e *ending) Error() string { return e.text }
func (e *ending) Unwrap() error { return e.kind }

// closeError is the service's close frame.
type closeError struct {
	code   int
	reason string
}

func (e *closeError) Error() string {
	if e.reason == "" {
		return fmt.Sprintf("the tunneling service closed the link with code %d", e.code)
	}
	return fmt.Sprintf("the tunneling service closed the link with code %d, saying %q", e.code, e.reason)
}

// protocolError is input that the protocol forbids. The link is closed with code, and built anew.
type protocolError struct {
	code int
	text string
}

func (e *protocolError) Error() string { return "the tunneling service broke the protocol: " + e.text }

func violation(format string, args ...any) error {
	return &protocolError{code: closeProtocolError, text: fmt.Sprintf(format, args...)}
}

// cleanText makes one short printable line of text from the network.
func cleanText(raw string) string { return shorten(printable(raw)) }

// printable makes one line of the printable characters.
func printable(raw string) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r) && r != unicode.ReplacementChar:
			return r
		default:
			return -1
		}
	}, raw)
	return strings.Join(strings.Fields(text), " ")
}

// shorten bounds what is shown of a line.
func shorten(text string) string {
	const limit = 200
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return text
}
