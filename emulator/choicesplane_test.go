package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"adit/emulator/choices"
	"adit/tunnelconn/wire"
)

// status sees what a local proxy is answered: 101, or the status of its refusal.
func (b *bench) status(d dial) string {
	b.t.Helper()
	_, response, err := b.try(d)
	if response == nil {
		b.t.Fatal(err)
	}
	return fmt.Sprint(response.StatusCode)
}

func sourceOf(t tunnel) dial { return dial{mode: "source", access: t.SourceAccessToken} }

func destinationOf(t tunnel) dial { return dial{mode: "destination", access: t.DestinationAccessToken} }

func tokenProbes() map[choices.Name]probe {
	return map[choices.Name]probe{
		choices.TokenLength: {func(b *bench) string {
			t := b.opened()
			b.connect(sourceOf(t))
			return fmt.Sprint(len(t.SourceAccessToken), len(t.DestinationAccessToken))
		}, map[string]string{"600": "600 600", "64": "64 64", "3500": "3500 3500"}},
		choices.UnknownTokenStatus: {func(b *bench) string { return b.status(dial{mode: "source", access: "nonsense"}) }, same("403", "400", "401")},
		choices.UsedTokenStatus: {func(b *bench) string {
			t := b.opened()
			b.connect(sourceOf(t))
			return b.status(sourceOf(t))
		}, same("400", "403")},
		choices.WrongSideStatus: {func(b *bench) string {
			return b.status(dial{mode: "destination", access: b.opened().SourceAccessToken})
		}, same("400", "403")},
		choices.ClientTokenStatus: {func(b *bench) string {
			source, destination := sourceOf(b.opened()), destinationOf(b.opened())
			source.client, destination.client = clientTokenA, clientTokenA
			b.connect(source)
			taken := b.status(destination)
			source.client = clientTokenB
			if other := b.status(source); other != taken {
				return other + " and " + taken
			}
			return taken
		}, same("400", "403")},
		choices.ClosedTunnelStatus: {func(b *bench) string { return b.status(sourceOf(b.closed())) }, same("403", "400", "404")},
		choices.BadRequestStatus:   {func(b *bench) string { return b.status(dial{access: "without a mode"}) }, same("400", "403")},
		choices.ThrottledConnectionStatus: {func(b *bench) string {
			if err := b.SetFaults("Connection=throttle"); err != nil {
				b.t.Fatal(err)
			}
			return b.status(sourceOf(b.opened()))
		}, same("429", "400", "503")},
		choices.StatusReason: {func(b *bench) string {
			_, response, _ := b.try(dial{mode: "source", access: "nonsense"})
			return response.Header.Get("X-Status-Reason")
		}, map[string]string{"header": "Invalid access-token", "none": ""}},
		choices.OtherParameters: {func(b *bench) string {
			line := strings.Replace(sourceLine, "source", "source&x=1", 1)
			response, _ := b.raw(upgrade(line, b.opened().SourceAccessToken, ""))
			return http.StatusText(response.StatusCode)
		}, map[string]string{"ok": "Switching Protocols", "refused": "Bad Request"}},
		choices.SeveralSubprotocols: {func(b *bench) string {
			d := sourceOf(b.opened())
			d.protocols = []string{v2, v1, v3}
			return b.connect(d).Subprotocol()
		}, map[string]string{"highest": v3, "first": v2}},
		choices.RotatedClientToken: {func(b *bench) string {
			t := b.opened()
			d := sourceOf(t)
			d.client = clientTokenA
			b.connect(d)
			d.access = b.rotated(t, "SOURCE", "").SourceAccessToken
			return b.status(d)
		}, map[string]string{"bound": "400", "free": "101"}},
	}
}

// closing sees the close code of a source to which something happens.
func closing(happen func(*bench, tunnel, *peer)) func(*bench) string {
	return func(b *bench) string {
		t := b.opened()
		source := b.connect(dial{mode: "source", access: t.SourceAccessToken, client: clientTokenA})
		happen(b, t, source)
		return source.closeCode()
	}
}

// closeCode reads until the WebSocket is over.
func (p *peer) closeCode() string {
	for {
		if _, err := p.message(); err != nil {
			if code := websocket.CloseStatus(err); code != -1 {
				return fmt.Sprint(int(code))
			}
			return "none"
		}
	}
}

func webSocketProbes() map[choices.Name]probe {
	return map[choices.Name]probe{
		choices.ClosedCloseCode:  {closing(func(b *bench, t tunnel, _ *peer) { b.shut(t) }), same("1000", "1001", "1008", "1011", "none")},
		choices.ExpiredCloseCode: {closing(func(b *bench, t tunnel, _ *peer) { b.Expire(t.TunnelID) }), same("1000", "1001", "1008", "1011", "none")},
		choices.ReplacedCloseCode: {closing(func(b *bench, t tunnel, _ *peer) {
			b.connect(dial{mode: "source", access: t.SourceAccessToken, client: clientTokenA})
		}), same("1008", "1000", "1001", "1002", "1011", "none")},
		choices.RotatedCloseCode: {closing(func(b *bench, t tunnel, _ *peer) { b.rotated(t, "SOURCE", "") }), same("1008", "1000", "1001", "1011", "none")},
		choices.ViolationCloseCode: {
			closing(func(_ *bench, _ tunnel, source *peer) { source.send(data(1, 1, "never started")) }),
			same("1002", "1003", "1008", "1011", "none"),
		},
		choices.CloseReason: {func(b *bench) string {
			t := b.opened()
			source := b.connect(sourceOf(t))
			b.shut(t)
			_, err := source.message()
			var closed websocket.CloseError
			if !errors.As(err, &closed) {
				b.t.Fatal(err)
			}
			return closed.Reason
		}, map[string]string{"text": "The tunnel was closed.", "none": ""}},
		choices.ServiceIDsAgain: {func(b *bench) string {
			t := b.opened()
			source := b.connect(sourceOf(t))
			b.connect(destinationOf(t))
			return fmt.Sprint(source.pingPong())
		}, map[string]string{"no": "0", "yes": "1"}},
		choices.RotatedSide: {func(b *bench) string {
			t := b.opened()
			source, destination := b.connect(sourceOf(t)), b.connect(destinationOf(t))
			b.rotated(t, "SOURCE", "")
			state := b.described(t).Tunnel.SourceConnectionState.Status
			if state == "CONNECTED" {
				source.send(streamStart(1, 1))
				destination.expect(streamStart(1, 1))
			}
			return state
		}, map[string]string{"cut": "DISCONNECTED", "stays": "CONNECTED"}},
		choices.AbsentPeer: {func(b *bench) string {
			source := b.connect(sourceOf(b.opened()))
			source.send(streamStart(5, 1))
			return fmt.Sprint(source.pingPong())
		}, map[string]string{"reset": "1", "drop": "0"}},
		choices.ArrivingPeer: {func(b *bench) string {
			t := b.opened()
			source := b.connect(sourceOf(t))
			source.send(streamStart(5, 1))
			source.expect(message(wire.ConnectionReset, 5, 1))
			b.connect(destinationOf(t))
			return fmt.Sprint(source.pingPong())
		}, map[string]string{"reset": "1", "silent": "0"}},
		choices.MixedVersions: {func(b *bench) string {
			t := b.opened()
			old := destinationOf(t)
			old.protocols = []string{v2}
			source, destination := b.connect(sourceOf(t)), b.connect(old)
			source.send(streamStart(5, 1), message(wire.ConnectionStart, 5, 2))
			source.pingPong() // so that all before it was carried
			return fmt.Sprint(destination.pingPong())
		}, map[string]string{"translate": "1", "pass": "2"}},
		choices.StreamIDZero: {func(b *bench) string {
			t := b.opened()
			source, destination := b.connect(sourceOf(t)), b.connect(destinationOf(t))
			source.send(streamStart(0, 1))
			ctx, cancel := context.WithTimeout(b.t.Context(), patience)
			defer cancel()
			if source.Ping(source.CloseRead(ctx)) != nil {
				return "closed"
			}
			return destination.read().Type.String()
		}, map[string]string{"refused": "closed", "ok": "STREAM_START"}},
		choices.PingEvery: {func(b *bench) string {
			conn, in := b.rawWebSocket(upgrade(sourceLine, b.opened().SourceAccessToken, ""))
			_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
			var seen []string
			for len(seen) < 3 {
				head := make([]byte, 2)
				if _, err := io.ReadFull(in, head); err != nil {
					break
				}
				body := make([]byte, head[1])
				_, _ = io.ReadFull(in, body)
				if seen = append(seen, fmt.Sprintf("%x", head[0])); head[0] == 0x89 {
					seen = append(seen, string(body))
				}
			}
			return strings.Join(seen, " ") // SERVICE_IDS, then pings
		}, map[string]string{"0s": "82", "100ms": "82 89 1"}},
		choices.IdleTimeout: {func(b *bench) string {
			source := b.connect(sourceOf(b.opened()))
			ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Second)
			defer cancel()
			if _, _, err := source.Read(ctx); ctx.Err() == nil {
				return fmt.Sprint("dropped with ", int(websocket.CloseStatus(err)))
			}
			return "stays"
		}, map[string]string{"0s": "stays", "500ms": "dropped with -1"}},
		choices.RateLimit: {func(b *bench) string {
			t := b.opened()
			source, destination := b.connect(sourceOf(t)), b.connect(destinationOf(t))
			begin := time.Now()
			source.send(streamStart(1, 1), data(1, 1, strings.Repeat("x", 5000)))
			destination.read()
			destination.read()
			if time.Since(begin) > 2500*time.Millisecond {
				return "slow"
			}
			return "fast"
		}, map[string]string{"0": "fast", "8000": "slow"}},
	}
}

func notificationProbes() map[choices.Name]probe {
	return map[choices.Name]probe{
		choices.BareRotation: {func(b *bench) string {
			pump := b.agent("pump", nil, pumpTopic)
			var t tunnel
			b.ask("OpenTunnel", `{"destinationConfig":{"thingName":"pump","services":["SSH"]}}`, &t)
			pump.next()
			t = b.rotated(t, "DESTINATION", "")
			b.openFor("pump", "SSH")
			if tokenIn(b.t, pump.next()) == t.DestinationAccessToken {
				return "notify"
			}
			return "quiet"
		}, same("notify", "quiet")},
		choices.NotifyQoS: {func(b *bench) string {
			pump := b.agent("pump", nil, pumpTopic)
			b.openFor("pump", "SSH")
			return fmt.Sprint(pump.next().QoS)
		}, same("1", "0")},
		choices.NotifyRetained: {func(b *bench) string {
			early := *b.openFor("pump", "SSH").DestinationAccessToken
			late := b.agent("pump", nil, pumpTopic)
			b.openFor("pump", "SSH")
			if tokenIn(b.t, late.next()) == early {
				return "yes"
			}
			return "no"
		}, same("yes", "no")},
	}
}
