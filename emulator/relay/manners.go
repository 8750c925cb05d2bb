package relay

import (
	"time"

	"github.com/gobwas/ws"

	"adit/emulator/choices"
	"adit/emulator/tunnels"
)

// manners are the choices that matter to a WebSocket, read once.
type manners struct {
	// lenient lets stream id 0 pass.
	lenient bool
	// dropAbsent: what is started towards nobody is dropped, and silentArrival: nobody is told that a side came.
	dropAbsent, silentArrival bool
	// idsAgain: SERVICE_IDS comes again when the other side comes. noReason: close frames have no text.
	idsAgain, noReason bool
	// passAll passes on what the other side's subprotocol does not know.
	passAll bool
	// bytesPerSecond is how fast a local proxy is written to; 0 is as fast as it reads.
	bytesPerSecond int
	// pingEvery and idle are never when 0.
	pingEvery, idle time.Duration
	// violation and codes, by the reason of a loss, are close codes; 0 drops the TCP connection.
	violation ws.StatusCode
	codes     map[tunnels.Reason]ws.StatusCode
}

func mannersOf(c choices.Set) manners {
	code := func(name choices.Name) ws.StatusCode { return ws.StatusCode(c.Number(name)) } // none is 0
	return manners{
		lenient:        c.Is(choices.StreamIDZero, "ok"),
		dropAbsent:     c.Is(choices.AbsentPeer, "drop"),
		silentArrival:  c.Is(choices.ArrivingPeer, "silent"),
		idsAgain:       c.Is(choices.ServiceIDsAgain, "yes"),
		noReason:       c.Is(choices.CloseReason, "none"),
		passAll:        c.Is(choices.MixedVersions, "pass"),
		bytesPerSecond: c.Number(choices.RateLimit) / 8,
		pingEvery:      c.Time(choices.PingEvery),
		idle:           c.Time(choices.IdleTimeout),
		violation:      code(choices.ViolationCloseCode),
		codes: map[tunnels.Reason]ws.StatusCode{
			tunnels.Replaced:    code(choices.ReplacedCloseCode),
			tunnels.Rotated:     code(choices.RotatedCloseCode),
			tunnels.ClosedByAPI: code(choices.ClosedCloseCode),
			tunnels.Expired:     code(choices.ExpiredCloseCode),
		},
	}
}
