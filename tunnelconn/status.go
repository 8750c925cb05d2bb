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
	// Err is why it has no link, or why it stopped; nil while it is connected. LastErr is the last failure of the link,
	// which stays when the link is back, and LastErrAt when that was; nil and zero before the first.
	Err, LastErr error
	LastErrAt    time.Time
	// Reconnects counts the WebSockets after the first.
	Reconnects int
	// RoundTrip is the last ping's, zero before the first pong.
	RoundTrip time.Duration
	// Window is how many bytes may be on their way to the service at once, zero without a bound (Link.Greedy) and without
	// a link; InFlight is how many are: written, and not known to have arrived.
	Window, InFlight int
	// Rate is how fast the link was measured to be, in bytes a second; zero before the first measurement, which takes a
	// transfer that saturates it.
	Rate float64
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
	// LastErr is why a connection was last turned away or cut, LastErrAt when; nil and zero before the first.
	LastErr   error
	LastErrAt time.Time
	// Connections are those that are open, the oldest first.
	Connections []ConnectionStatus
}

// ConnectionStatus counts one connection that is open.
type ConnectionStatus struct {
	// ID tells it from every other one of the local proxy's life; they count from one in the order they began.
	ID uint64
	// LocalPeer is the address of the local program: the client of a source, the application of a destination. It is ""
	// for one without an address, such as adit's own ssh.
	LocalPeer string
	Since     time.Time
	// Sent went into the tunnel, Received came out of it, in bytes of the application.
	Sent, Received uint64
	// Outgoing waits to be sent into the tunnel, Incoming waits for the local program to take it, in bytes.
	Outgoing, Incoming int
	// Asked is when a byte was last sent into the tunnel, Heard when one last came out of it or was handed on; zero before the
	// first. The loss of the other side's peer shows in nothing else.
	Asked, Heard time.Time
	// HalfClosed: the local program has ended its side, and the connection goes on for the answer.
	HalfClosed bool
}
