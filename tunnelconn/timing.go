package tunnelconn

import "time"

// timing is every duration of a local proxy, and the clock on the wall; a test that waits for one gives its own.
type timing struct {
	// handshake bounds TCP, TLS and the WebSocket upgrade together.
	handshake time.Duration
	// serviceIDs is how long SERVICE_IDS is waited for before the tunnel counts as one without services.
	serviceIDs time.Duration
	// pingEvery is the interval of pings. A link that has answered a ping once and then gives no byte for silent after
	// another is dead, or doubted when it has data of ours in front of the ping: then a second connection is tried every
	// tryPath, for path at most, and after backedUp the link counts as dead whatever that shows.
	pingEvery, silent, backedUp, tryPath, path time.Duration
	// woken is how long the service may take to answer when the machine has slept for a moment.
	woken time.Duration
	// write bounds one message's way into the kernel. It is long, because a device that reads slowly holds the whole path
	// up without anything being broken; a link that is dead shows before in pings and acknowledgements.
	write time.Duration
	// healthy is how long a link must last before the back-off begins anew.
	healthy time.Duration
	// hold is how long a new local connection waits for the tunnel to come back.
	hold time.Duration
	// learn is how long a second connection waits for the first to show which protocol the peer speaks, before it is
	// refused.
	learn time.Duration
	// lingerIdle and lingerMax bound how long a connection whose local side has ended stays open for the answer: without
	// any byte, and with bytes waiting that do not move.
	lingerIdle, lingerMax time.Duration
	// yield is lingerIdle for a connection that keeps another one from a peer that carries only one. It is short, because
	// most programs that end their side have closed it altogether, which looks the same.
	yield time.Duration
	// notice is how long the end of a local connection may take to be noticed, before the next one is told that the peer
	// is busy with it.
	notice time.Duration
	// stalled bounds how long a local side that reads nothing may hold up the last bytes of a connection that has ended.
	stalled time.Duration
	// grace is how long a local side that takes nothing may hold up the other connections of its tunnel.
	grace time.Duration
	// pause is how long a local side has sent nothing before a transfer of its counts as over.
	pause time.Duration
	// drain, hangUp and flush share the three seconds of an orderly Close: queued messages go out, the service answers
	// the close frame, local sides take their last bytes.
	drain, hangUp, flush time.Duration
	// awake is how often the clock is looked at while there is no link.
	awake time.Duration
	// wall is the time on the wall, without the monotonic one.
	wall func() time.Time
}

func standardTiming() timing {
	return timing{
		handshake:  10 * time.Second,
		serviceIDs: 5 * time.Second,
		pingEvery:  5 * time.Second,
		silent:     8 * time.Second,
		backedUp:   5 * time.Minute,
		tryPath:    10 * time.Second,
		path:       4 * time.Second,
		woken:      2 * time.Second,
		write:      5 * time.Minute,
		healthy:    10 * time.Second,
		hold:       10 * time.Second,
		learn:      2 * time.Second,
		lingerIdle: 10 * time.Second,
		lingerMax:  5 * time.Minute,
		yield:      2 * time.Second,
		notice:     50 * time.Millisecond,
		stalled:    5 * time.Minute,
		grace:      500 * time.Millisecond,
		pause:      2 * time.Second,
		drain:      1500 * time.Millisecond,
		hangUp:     500 * time.Millisecond,
		flush:      500 * time.Millisecond,
		awake:      time.Second,
		wall:       func() time.Time { return time.Now().Round(0) },
	}
}
