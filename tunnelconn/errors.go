package tunnelconn

import "errors"

var (
	// ErrRunning: a proxy of that key runs already.
	ErrRunning = errors.New("a local proxy for this tunnel is already running")
	// ErrReplaced: another client took this side of the tunnel (WebSocket close 1008).
	ErrReplaced = errors.New("another local proxy took this side of the tunnel")
	// ErrTunnelClosed: the service closed the WebSocket because the tunnel is over.
	ErrTunnelClosed = errors.New("the tunnel was closed")
	// ErrBusyPeer: a V1 or V2 peer carries one connection at a time, and it is in use.
	ErrBusyPeer = errors.New("the device speaks an old protocol: one connection at a time, and another one has it")
	// ErrClosed: the proxy was closed by its owner.
	ErrClosed = errors.New("the local proxy was stopped")
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

func (e *HandshakeError) Error() string { panic("not built") }

// ListenError says that a local address could not be bound.
type ListenError struct {
	Service, Address string
	// InUse tells a taken port from other failures.
	InUse bool
	Err   error
}

func (e *ListenError) Error() string { panic("not built") }
func (e *ListenError) Unwrap() error { return e.Err }
