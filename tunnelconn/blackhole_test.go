package tunnelconn

import (
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
)

// A network that takes everything and gives nothing, in one direction or both, at any moment of a link's life.
// docs/test-matrix.md says what is not found.
func TestT04BlackHoleIsFoundWithinFifteenSeconds(t *testing.T) {
	// A tunnel at the service's quota, at a round trip of 40 ms.
	slow := faultproxy.Faults{Latency: 20 * time.Millisecond, Rate: 100e3}
	swallow := slow
	swallow.Flow = faultproxy.Swallow
	for hole, dig := range map[string]func(*faultproxy.Proxy){
		"up":   func(p *faultproxy.Proxy) { p.Set(faultproxy.Up, swallow) },
		"down": func(p *faultproxy.Proxy) { p.Set(faultproxy.Down, swallow) },
		"both": func(p *faultproxy.Proxy) { p.SetBoth(swallow) },
	} {
		for _, service := range []string{"IDLE", "UPLOAD", "DOWNLOAD"} {
			if hole == "up" && service == "DOWNLOAD" {
				continue
			}
			t.Run(fmt.Sprintf("%s, %s", hole, service), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := newMemoryRelay(t, "IDLE", "UPLOAD", "DOWNLOAD")
					m.destination(Auto, standardTiming(), map[string]string{
						"IDLE": m.application(echo), "UPLOAD": m.application(swallowAll), "DOWNLOAD": m.application(pourPaced),
					})
					// What nobody takes is sent on without a pause, and a clock that moves in pauses alone would stand still.
					m.net[RoleDestination].SetBoth(slow)
					m.net[RoleSource].SetBoth(slow)
					s := m.sourceOf(Auto, standardTiming())
					conn := attach(s, service)
					over := make(chan struct{})
					go func() {
						defer close(over)
						switch service {
						case "UPLOAD":
							pourPaced(conn)
						default:
							_, _ = io.Copy(io.Discard, conn)
						}
					}()
					time.Sleep(7 * time.Second)
					dig(m.net[RoleSource])
					dug := time.Now()
					status := stateIs(t, s, "lost", func(s Status) bool { return s.State == Reconnecting })
					if took := status.Since.Sub(dug); took > 15*time.Second || took < 0 {
						t.Errorf("found after %v", took)
					}
					<-over
					if _, end := conn.Waiting(); !isResetError(end) {
						t.Errorf("the connection ended with %v, want a reset", end)
					}
					_ = conn.finish()
					m.net[RoleSource].SetBoth(slow)
					roundTrip(t, attach(s, "IDLE"), 1, 1000)
				})
			})
		}
	}
}

// swallowAll reads to the end.
func swallowAll(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
