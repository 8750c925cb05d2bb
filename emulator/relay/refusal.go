package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"adit/emulator/choices"
	"adit/emulator/tunnels"
)

// refusal is the answer to a request that gets no WebSocket. 4xx tells a local proxy not to try again.
type refusal struct {
	text string
	// choice has the status, unless status is known.
	choice choices.Name
	status int
}

// unfit is a request that is none for a WebSocket at /tunnel, bad is one that breaks the service's own rules.
func unfit(text string) *refusal { return &refusal{text: text, status: http.StatusBadRequest} }
func bad(text string) *refusal   { return &refusal{text: text, choice: choices.BadRequestStatus} }

func (r *refusal) statusCode(c choices.Set) int {
	if r.status != 0 {
		return r.status
	}
	return c.Number(r.choice)
}

// refusalOf words why there is no seat. The texts of used and mismatching tokens are those that the service was seen to
// send.
func refusalOf(err error) *refusal {
	switch {
	case errors.Is(err, tunnels.ErrTokenUsed):
		return &refusal{choice: choices.UsedTokenStatus, text: "Invalid access token: The access token was previously used and can not be used again."}
	case errors.Is(err, tunnels.ErrClientToken):
		return &refusal{choice: choices.ClientTokenStatus, text: "Invalid client token: The provided client token does not match the client token that was previously set."}
	case errors.Is(err, tunnels.ErrClientTokenTaken):
		return &refusal{choice: choices.ClientTokenStatus, text: "Invalid client token: The provided client token is already set for another access token."}
	case errors.Is(err, tunnels.ErrWrongSide):
		return &refusal{choice: choices.WrongSideStatus, text: "Invalid access token: The access token is for the other local-proxy-mode."}
	case errors.Is(err, tunnels.ErrTunnelClosed):
		return &refusal{choice: choices.ClosedTunnelStatus, text: "Tunnel is closed"}
	}
	return &refusal{choice: choices.UnknownTokenStatus, text: "Invalid access-token"}
}

// write sends the refusal. reason repeats its text in a header.
func (r *refusal) write(conn *tls.Conn, channel string, status int, reason bool) {
	header := ""
	if reason {
		header = "x-status-reason: " + r.text + "\r\n"
	}
	_ = conn.SetDeadline(time.Now().Add(farewell))
	_, err := fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n"+
		"channel-id: %s\r\n%s\r\n%s",
		status, http.StatusText(status), len(r.text), channel, header, r.text)
	if err == nil && conn.CloseWrite() == nil {
		discard(conn)
	}
}
