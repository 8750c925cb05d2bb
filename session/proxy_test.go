package session

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

func TestEveryServiceListensWhereItWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) {
			u.Services = []client.Text{"SSH", "HTTP"}
			connected(&u.Destination)
		})
		open := freeAddress(t, "0.0.0.0")
		p := b.run(Request{Key: key, Then: ThenProxy, Bind: map[string]string{"HTTP": open}})
		if p.Err != nil {
			t.Fatal(p.Err)
		}
		cfg := b.proxies.configs[0]
		want := []tunnelconn.Listener{{Service: "SSH", Address: "127.0.0.1:0"}, {Service: "HTTP", Address: open}}
		if len(cfg.Listeners) != 2 || cfg.Listeners[0] != want[0] || cfg.Listeners[1] != want[1] {
			t.Errorf("listeners %v, want %v", cfg.Listeners, want)
		}
		if cfg.Endpoint != "data.example:443" {
			t.Errorf("endpoint %q", cfg.Endpoint)
		}
		if text := b.stage(p, StageProxy).Text; text != "local proxy SSH 127.0.0.1:5555, HTTP "+open+" (open to the network)" {
			t.Errorf("text %q", text)
		}
		proxies := b.Proxies()
		if len(proxies) != 1 || proxies[0].Tunnel != key || proxies[0].Thing != "pump-07" || !b.HasRunning() || !b.Mine(key) || b.Opened(key) {
			t.Errorf("proxies %+v", proxies)
		}
	})
}

func TestStoppedProxyIsPutIntoWords(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"replaced": {tunnelconn.ErrReplaced, "adit will not fight back"},
		"closed":   {tunnelconn.ErrTunnelClosed, "was closed"},
		"refused":  {&tunnelconn.HandshakeError{StatusCode: 403, Reason: "Invalid access-token"}, "Invalid access-token"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.proxies.born = func(s *fakeSource) { s.status.State = tunnelconn.Connecting }
				key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
				a := b.Start(t.Context(), Request{Service: b.service, Key: key, Then: ThenProxy})
				synctest.Wait()
				if text := b.stage(a.Progress(), StageProxy).Text; text != "connecting the local proxy" {
					t.Errorf("meanwhile it says %q", text)
				}
				src := b.proxies.sources[proxyName(key)]
				src.become(func(s *tunnelconn.Status) { s.Err = errors.New("no route") })
				synctest.Wait()
				if text := b.stage(a.Progress(), StageProxy).Text; !strings.Contains(text, "trying again: no route") {
					t.Errorf("while it cannot be reached it says %q", text)
				}
				src.become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, test.err })
				p := b.until(a)
				stage := b.stage(p, StageProxy)
				if !strings.Contains(stage.Text, test.want) || stage.Remedy == "" || !errors.Is(p.Err, test.err) {
					t.Errorf("stage %+v, error %v", stage, p.Err)
				}
				time.Sleep(5 * time.Minute)
				if n := len(b.service.rotations(client.ModeSource)); n != 1 {
					t.Errorf("%d source rotations: it fought back", n)
				}
			})
		})
	}
}

func TestDataPlaneThatIsNotKnownFailsBeforeAnybodyIsThrownOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.planeErr = errors.New("no data endpoint")
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key, Then: ThenProxy})
		if p.Err == nil || len(b.proxies.configs) != 0 || len(b.service.rotations("")) != 0 {
			t.Errorf("error %v, started %d, rotated %v", p.Err, len(b.proxies.configs), b.service.rotations(""))
		}
	})
}

func TestOldProtocolIsLearntAndUsedTheNextTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.proxies.born = func(s *fakeSource) { s.status.Peer = tunnelconn.V1 }
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		b.proxies.born = func(s *fakeSource) { s.status.Peer = tunnelconn.V3 }
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait()
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		b.run(Request{Key: key, Then: ThenProxy, Peer: tunnelconn.V2})
		var versions []tunnelconn.Version
		for _, cfg := range b.proxies.configs {
			versions = append(versions, cfg.Version)
		}
		if len(versions) != 3 || versions[0] != tunnelconn.Auto || versions[1] != tunnelconn.V1 || versions[2] != tunnelconn.V2 {
			t.Errorf("versions %v, want Auto, the learnt V1, the given V2", versions)
		}
		if peers := b.state().Peers; len(peers) != 0 {
			t.Errorf("V3 was seen, and still remembered is %v", peers)
		}
	})
}

func TestScreenIsToldOfTheProxyWithoutACall(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want []bool
	}{
		"stopped":   {tunnelconn.ErrClosed, []bool{true, false, true, false}},
		"displaced": {tunnelconn.ErrReplaced, []bool{true, false, true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
				b.run(Request{Key: key, Then: ThenProxy})
				src := b.proxies.sources[proxyName(key)]
				for _, state := range []tunnelconn.State{tunnelconn.Reconnecting, tunnelconn.Connected} {
					synctest.Wait()
					src.become(func(s *tunnelconn.Status) { s.State = state })
				}
				synctest.Wait()
				src.become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, test.err })
				synctest.Wait()
				close(b.screen.observed)
				var got []bool
				for connected := range b.screen.observed {
					got = append(got, connected)
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("the screen was told %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestCloseTunnelStopsTheProxyAndForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = arrives
		p := b.run(openRequest(ThenProxy))
		if err := b.CloseTunnel(t.Context(), b.service, p.Key, false); err != nil {
			t.Fatal(err)
		}
		if len(b.Proxies()) != 0 || b.HasRunning() || b.Mine(p.Key) || len(b.OpenedHere()) != 0 || len(b.state().Opened) != 0 {
			t.Errorf("proxies %v, opened %v, state %+v", b.Proxies(), b.OpenedHere(), b.state())
		}
		if got := b.screen.recorded[p.Key].Status; got != client.StatusClosed {
			t.Errorf("the screen sees %s", got)
		}
		if err := b.CloseTunnel(t.Context(), b.service, p.Key, true); err != nil {
			t.Fatal(err)
		}
		if err := b.CloseTunnel(t.Context(), b.service, p.Key, true); err != nil {
			t.Errorf("a tunnel that is gone is closed: %v", err)
		}
		if len(b.screen.forgotten) == 0 {
			t.Error("the screen still has the record")
		}
	})
}

func TestCutsNamesWhoLosesWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		held := client.Tunnel{Key: testContext.Key("held"), Source: client.Side{Known: true, Connected: true}, Tags: []client.Tag{{Key: "adit:holder", Value: "bob@desk"}}}
		if got := b.Cuts(held, client.ModeSource); got != "This cuts: bob@desk (by its tag) loses the source." {
			t.Error(got)
		}
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key, Then: ThenProxy})
		all := b.Cuts(b.screen.recorded[p.Key], client.ModeAll)
		if !strings.Contains(all, "your own local proxy") || !strings.Contains(all, "the device is cut off") {
			t.Error(all)
		}
		if got := b.Cuts(client.Tunnel{Key: testContext.Key("idle")}, client.ModeAll); !strings.Contains(got, "cuts nothing") {
			t.Error(got)
		}
		if err := b.Rotate(t.Context(), b.service, b.screen.recorded[p.Key], client.ModeSource); err != nil {
			t.Fatal(err)
		}
		if b.HasRunning() || !b.hasToken(key) {
			t.Error("after a rotation the old proxy must be gone and the new token kept")
		}
	})
}

func TestStartAfterCloseSaysSo(t *testing.T) {
	b := newBench(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	a := b.Start(t.Context(), Request{Service: b.service, Thing: "pump-07"})
	if p := a.Progress(); !p.Done || p.Err == nil {
		t.Errorf("progress %+v", p)
	}
}
