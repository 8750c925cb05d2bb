package tunnelconn

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"adit/tunnelconn/faultproxy"
)

// A network that takes everything and gives nothing, in one direction or both, at any moment of a link's life.
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

// Behind something that acknowledges, on sockets of the kernel: the second connection does not come up, though bytes come
// down all the time.
func TestT04SecondConnectionShowsThatNothingGoesUp(t *testing.T) {
	r := newRelay(t, "SSH")
	nets := r.breakable()
	nets[RoleSource].Set(faultproxy.Down, faultproxy.Faults{Rate: 1 << 20})
	r.destination(Auto, map[string]string{"SSH": application(t, firehose)})
	quick := standardTiming()
	quick.silent, quick.pingEvery, quick.tryPath, quick.path = 400*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond, 200*time.Millisecond
	s := r.sourceOf(Auto, quick, "SSH")
	conn := dial(t, s, "SSH")
	got := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		got <- err
	}()
	eventually(t, "pings are answered during the download", func() bool {
		status := s.Status()
		return status.Services[0].Received > 1<<16 && status.RoundTrip > 0
	})
	nets[RoleSource].Set(faultproxy.Up, faultproxy.Faults{Flow: faultproxy.Swallow})
	if status := stateIs(t, s, "lost", func(s Status) bool { return s.State == Reconnecting }); !errors.Is(status.LastErr, errSilent) {
		t.Errorf("lost by %v", status.LastErr)
	}
	if err := <-got; !isResetError(err) {
		t.Errorf("the download ended with %v, want a reset", err)
	}
	nets[RoleSource].Set(faultproxy.Up, faultproxy.Faults{})
	stateIs(t, s, "back", func(s Status) bool { return s.State == Connected })
}

// swallowAll reads to the end.
func swallowAll(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
