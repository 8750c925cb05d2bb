package tunnelconn

import "time"

// State is where a local proxy stands.
type State uint8

const (
	// Connecting: the first handshake has not succeeded yet.
	Connecting State = iota
	// Connected: the WebSocket is up.
	Connected
	// Reconnecting: the WebSocket was lost and is being redialled; listeners stay open.
	Reconnecting
	// Stopped is final; Status.Err says why, nil after an orderly Close.
	Stopped
)

// String is one word for it.
func (s State) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Connected:
		return "connected"
	case Reconnecting:
		return "reconnecting"
	default:
		return "stopped"
	}
}

// Status is a snapshot of a local proxy. Its counters are sampled without stopping the data.
type Status struct {
	// Key is what the owner called it when it was started: for adit, the tunnel's key.
	Key string
	// Seq grows by one with each change that is not a counter.
	Seq   uint64
	Role  Role
	State State
	// Since is when State was entered.
	Since time.Time
	// Err is the last failure: why it reconnects, or why it stopped.
	Err error
	// Reconnects counts the WebSockets after the first.
	Reconnects int
	// RoundTrip is the last ping's, zero before the first pong.
	RoundTrip time.Duration
	// Peer is the shape of the peer's messages, Auto until one was seen.
	Peer Version
	// ChannelID is the service's name for the WebSocket, to quote to AWS support.
	ChannelID string
	Services  []ServiceStatus
}

// ServiceStatus counts one service of a local proxy.
type ServiceStatus struct {
	Service string
	// Address is where it listens, "" without a listener.
	Address string
	// Live is how many connections are open, Total how many there were, Refused how many were turned away.
	Live, Total, Refused int
	// Overflowed is how many were reset because they took nothing while others waited behind their data.
	Overflowed int
	// Sent goes into the tunnel, Received came out of it, in bytes of the application.
	Sent, Received uint64
}
