package session

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

func TestReusesTheTunnelWhoseSourceIsFreeBeforeABusyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.add("busy", "pump-07", func(u *client.Tunnel) {
			connected(&u.Source)
			connected(&u.Destination)
			u.CreatedAt = time.Now()
		})
		free := b.service.add("free", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Thing: "pump-07", Then: ThenProxy})
		if p.Err != nil || p.Key != free {
			t.Fatalf("key %v, error %v; want the free tunnel", p.Key, p.Err)
		}
		if text := b.stage(p, StageTunnel).Text; !strings.Contains(text, "10 h left") || !strings.Contains(text, "opening is billed") {
			t.Errorf("the stage says %q", text)
		}
		if b.service.count("OpenTunnel") != 0 {
			t.Error("it opened a tunnel, which is billed")
		}
	})
}

func TestPrefersItsOwnTunnelThenOneWithItsDeviceThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.add("alone", "pump-07", func(u *client.Tunnel) { u.CreatedAt = time.Now() })
		there := b.service.add("there", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Thing: "pump-07", Then: ThenProxy})
		if p.Key != there {
			t.Fatalf("it took %v, want the tunnel whose device is connected", p.Key.ID)
		}
		mine := b.service.add("mine", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		if err := b.StopProxy(there); err != nil {
			t.Fatal(err)
		}
		b.noteOpened(OpenedTunnel{Key: mine, Thing: "pump-07", At: time.Now()}, intent{})
		if p = b.run(Request{Thing: "pump-07", Then: ThenProxy}); p.Key != mine {
			t.Errorf("it took %v, want the one it opened itself", p.Key.ID)
		}
	})
}

func TestBusySourceIsNotTakenUnlessTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("busy", "pump-07", func(u *client.Tunnel) {
			connected(&u.Source)
			connected(&u.Destination)
			u.Tags = []client.Tag{{Key: "adit:holder", Value: "bob@desk 03:02\x1b[2J"}}
		})
		for _, req := range []Request{{Thing: "pump-07"}, {Key: key}} {
			p := b.run(req)
			var busy *BusyError
			if !errors.As(p.Err, &busy) || !strings.HasPrefix(busy.Holder, "bob@desk 03:02") {
				t.Fatalf("error %v, want a BusyError with its holder", p.Err)
			}
			if strings.ContainsRune(p.Err.Error(), 0x1b) {
				t.Errorf("the sentence carries an escape: %q", p.Err)
			}
		}
		if n := len(b.service.rotations(client.ModeSource)); n != 0 {
			t.Fatalf("it rotated the source %d times and cut its user off", n)
		}
		if p := b.run(Request{Key: key, TakeOver: true, Then: ThenProxy}); p.Err != nil {
			t.Errorf("taking over: %v", p.Err)
		}
	})
}

func TestToolkitTunnelIsNeverTakenSilently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("toolkit", "pump-07", func(u *client.Tunnel) {
			u.Description = "RemoteDebugging+123"
			connected(&u.Destination)
		})
		var nothing *NothingToReuseError
		if p := b.run(Request{Thing: "pump-07"}); !errors.As(p.Err, &nothing) {
			t.Errorf("by thing: %v, want NothingToReuseError", p.Err)
		}
		var busy *BusyError
		if p := b.run(Request{Key: key}); !errors.As(p.Err, &busy) {
			t.Errorf("by key: %v, want BusyError", p.Err)
		}
	})
}

func TestNothingToReuseSaysWhy(t *testing.T) {
	tests := map[string]struct {
		change func(*client.Tunnel)
		want   string
	}{
		"no tunnel":     {nil, "no tunnel of it is open"},
		"closed":        {func(u *client.Tunnel) { u.Status = client.StatusClosed }, "no tunnel of it is open"},
		"ends soon":     {func(u *client.Tunnel) { u.Lifetime = 2*time.Hour + 4*time.Minute }, "the only tunnel has 4 min left"},
		"other service": {func(u *client.Tunnel) { u.Services = []client.Text{"HTTP", "VNC"} }, "it carries HTTP, VNC"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				if test.change != nil {
					b.service.add("one", "pump-07", test.change)
				}
				p := b.run(Request{Thing: "pump-07"})
				var nothing *NothingToReuseError
				if !errors.As(p.Err, &nothing) || !strings.Contains(nothing.Reason, test.want) {
					t.Errorf("error %v, want NothingToReuseError: %s", p.Err, test.want)
				}
				if b.service.count("OpenTunnel") != 0 {
					t.Error("it opened a tunnel")
				}
			})
		})
	}
}

func TestNamedTunnelIsUsedAlthoughItEndsSoonAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("short", "pump-07", func(u *client.Tunnel) {
			u.Lifetime = 2*time.Hour + 4*time.Minute
			connected(&u.Destination)
		})
		p := b.run(Request{Key: key, Then: ThenProxy})
		if text := b.stage(p, StageTunnel).Text; p.Err != nil || !strings.Contains(text, "in 4 min, and cannot be extended") {
			t.Errorf("error %v, text %q", p.Err, text)
		}
	})
}

func TestClosedTunnelIsRefusedWithTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("closed", "pump-07", func(u *client.Tunnel) { u.Status = client.StatusClosed })
		p := b.run(Request{Key: key})
		stage := b.stage(p, StageTunnel)
		if stage.State != StageFailed || !strings.Contains(stage.Text, "never opens again") || stage.Remedy == "" {
			t.Errorf("stage %+v", stage)
		}
	})
}

func TestRunningProxyIsReusedWithoutANewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		b.service.Change("one", func(u *client.Tunnel) { connected(&u.Source) })
		p := b.run(Request{Thing: "pump-07", Then: ThenProxy})
		if p.Err != nil || len(b.service.rotations(client.ModeSource)) != 1 || len(b.proxies.configs) != 1 {
			t.Errorf("error %v, %d rotations, %d proxies; want one of each", p.Err, len(b.service.rotations(client.ModeSource)), len(b.proxies.configs))
		}
	})
}

func TestSourceGivenBackAMomentAgoIsNotSomebodyElses(t *testing.T) {
	for name, skew := range map[string]time.Duration{"same clock": 0, "service behind": -time.Hour, "service ahead": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
				// takes has somebody connect by the service's clock, and the screen's poller look.
				takes := func(look bool) {
					b.service.Change("one", func(u *client.Tunnel) {
						u.Source = client.Side{Known: true, Connected: true, Since: time.Now().Add(skew)}
						if look {
							b.screen.Record(*u)
						}
					})
				}
				b.run(Request{Key: key, Then: ThenProxy})
				takes(true)
				time.Sleep(time.Minute)
				if err := b.StopProxy(key); err != nil {
					t.Fatal(err)
				}
				if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
					t.Errorf("at once: %v", p.Err)
				}
				takes(true)
				time.Sleep(time.Minute)
				if err := b.StopProxy(key); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				takes(false)
				time.Sleep(2 * time.Second)
				var busy *BusyError
				if p := b.run(Request{Key: key, Then: ThenProxy}); !errors.As(p.Err, &busy) {
					t.Errorf("after somebody connected: %v, want BusyError", p.Err)
				}
			})
		})
	}
}

func TestSourceThatWasNeverShownAsOursIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		b.service.Change("one", func(u *client.Tunnel) { connected(&u.Source) })
		var busy *BusyError
		if p := b.run(Request{Key: key, Then: ThenProxy}); !errors.As(p.Err, &busy) {
			t.Errorf("error %v, want BusyError: whose it is is in doubt", p.Err)
		}
	})
}

func TestServiceOfIsSSHUnlessNamed(t *testing.T) {
	tests := []struct {
		name     string
		services []client.Text
		want     string
		ok       bool
	}{
		{"", []client.Text{"HTTP", "SSH"}, "SSH", true},
		{"", []client.Text{"VNC"}, "", false},
		{"VNC", []client.Text{"VNC"}, "VNC", true},
		{"SSH", nil, "", false},
		{"", nil, "", true},
		{"", []client.Text{"HTTP", "VNC"}, "", false},
		{"HTTP", []client.Text{"SSH", "HTTP"}, "HTTP", true},
		{"ssh", []client.Text{"SSH"}, "", false},
	}
	for _, test := range tests {
		got, ok := serviceOf(test.name, test.services)
		if got != test.want || ok != test.ok {
			t.Errorf("serviceOf(%q, %v) = %q, %v; want %q, %v", test.name, test.services, got, ok, test.want, test.ok)
		}
	}
}

func TestShellOverATunnelWithoutSSHIsRefusedBeforeAnythingIsTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("web", "pump-12", func(u *client.Tunnel) {
			u.Services = []client.Text{"HTTP"}
			connected(&u.Destination)
		})
		p := b.run(Request{Key: key})
		if stage := b.stage(p, StageTunnel); stage.Text != "The tunnel to pump-12 carries HTTP, and ssh needs the service SSH." || stage.Remedy == "" {
			t.Errorf("stage %+v", stage)
		}
		p = b.run(Request{Open: &client.OpenInput{Thing: "pump-12", Services: []string{"HTTP"}, Lifetime: time.Hour}})
		if stage := b.stage(p, StageTunnel); !strings.Contains(stage.Text, "would carry HTTP, and ssh needs the service SSH. Nothing was opened") {
			t.Errorf("stage %+v", stage)
		}
		if calls := b.service.Calls("OpenTunnel", "RotateTunnelAccessToken"); len(calls) != 0 || len(b.state().Intents) != 0 {
			t.Errorf("calls %v, intents %v", calls, b.state().Intents)
		}
		if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
			t.Errorf("its ports alone: %v", p.Err)
		}
	})
}

func TestTunnelWithoutServicesTakesAShell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("plain", "pump-12", func(u *client.Tunnel) {
			u.Services = nil
			connected(&u.Destination)
		})
		if p := b.run(Request{Key: key}); p.Err != nil {
			t.Error(p.Err)
		}
	})
}

func TestDisplacedSourceIsTakenBackOnlyWhenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.run(Request{Key: key, Then: ThenProxy})
		synctest.Wait() // our holder tag is written before anybody else's
		b.proxies.sources[proxyName(key)].become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, tunnelconn.ErrReplaced })
		refused := func() *BusyError {
			t.Helper()
			var busy *BusyError
			if p := b.run(Request{Thing: "pump-07", Then: ThenProxy}); !errors.As(p.Err, &busy) || !busy.Displaced {
				t.Fatalf("error %v, want BusyError of a displaced source", p.Err)
			}
			return busy
		}
		b.service.Change("one", func(u *client.Tunnel) {
			connected(&u.Source)
			u.Tags = []client.Tag{{Key: tagHolder, Value: "bob@desk"}}
		})
		if busy := refused(); busy.Holder != "bob@desk" || !busy.Connected {
			t.Errorf("while they are connected: %+v", busy)
		}
		b.service.Change("one", func(u *client.Tunnel) { u.Source.Connected = false })
		if busy := refused(); busy.Holder != "" || busy.Connected || !strings.Contains(busy.Error(), "does not take it back by itself") {
			t.Errorf("once they are gone: %+v, %v", busy, busy)
		}
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		refused()
		if n := len(b.service.rotations(client.ModeSource)); n != 1 {
			t.Fatalf("%d rotations of the source: it fought back", n)
		}
		if p := b.run(Request{Key: key, Then: ThenProxy, TakeOver: true}); p.Err != nil {
			t.Fatal(p.Err)
		}
		if err := b.StopProxy(key); err != nil {
			t.Fatal(err)
		}
		if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil {
			t.Errorf("after it was taken back and given up: %v", p.Err)
		}
	})
}

func TestTokenAskedForByHandEndsTheDisplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key, Then: ThenProxy})
		b.proxies.sources[proxyName(key)].become(func(s *tunnelconn.Status) { s.State, s.Err = tunnelconn.Stopped, tunnelconn.ErrReplaced })
		if err := b.Rotate(t.Context(), b.service, b.screen.recorded[p.Key], client.ModeSource); err != nil {
			t.Fatal(err)
		}
		if p := b.run(Request{Key: key, Then: ThenProxy}); p.Err != nil || len(b.service.rotations(client.ModeSource)) != 2 {
			t.Errorf("error %v, calls %v", p.Err, b.service.Calls("RotateTunnelAccessToken"))
		}
	})
}
