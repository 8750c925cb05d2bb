package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"adit/emulator/tunnels"
)

// refusal is the answer to a request that gets no WebSocket. 4xx tells a local proxy not to try again.
type refusal struct {
	status int
	text   string
}

func bad(text string) *refusal { return &refusal{http.StatusBadRequest, text} }

// refusalOf words why there is no seat. The texts of used and mismatching tokens are those that the service was seen to
// send.
func refusalOf(err error) *refusal {
	switch {
	case errors.Is(err, tunnels.ErrTokenUsed):
		return bad("Invalid access token: The access token was previously used and can not be used again.")
	case errors.Is(err, tunnels.ErrClientToken):
		return bad("Invalid client token: The provided client token does not match the client token that was previously set.")
	case errors.Is(err, tunnels.ErrClientTokenTaken):
		return bad("Invalid client token: The provided client token is already set for another access token.")
	case errors.Is(err, tunnels.ErrWrongSide):
		return bad("Invalid access token: The access token is for the other local-proxy-mode.")
	case errors.Is(err, tunnels.ErrTunnelClosed):
		return &refusal{http.StatusForbidden, "Tunnel is closed"}
	}
	return &refusal{http.StatusForbidden, "Invalid access-token"}
}

func (r *refusal) write(conn *tls.Conn, channel string) {
	_ = conn.SetDeadline(time.Now().Add(farewell))
	_, err := fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n"+
		"channel-id: %s\r\nx-status-reason: %s\r\n\r\n%s",
		r.status, http.StatusText(r.status), len(r.text), channel, r.text, r.text)
	if err == nil && conn.CloseWrite() == nil {
		discard(conn)
	}
}
