package session

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/tunnelconn"
)

func TestAnswerShowsTheDevicesFirstLineClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.proxies.born = func(s *fakeSource) { s.banner = "SSH-2.0-drop\x1b]0;x\x07bear\r\n" }
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key})
		text := b.stage(p, StageAnswer).Text
		if !strings.HasPrefix(text, "its ssh answered: SSH-2.0-drop") || strings.ContainsAny(text, "\x1b\x07\r\n") {
			t.Errorf("text %q", text)
		}
	})
}

func TestMuteDeviceFailsAfterTenSecondsAndOffersTheTokenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.proxies.born = func(s *fakeSource) { s.silent = true }
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		b.learn(testContext, "pump-07", tunnelconn.V1)
		a := b.Start(t.Context(), Request{Service: b.service, Key: key})
		started := time.Now()
		p := b.until(a)
		stage := b.stage(p, StageAnswer)
		if stage.Text != "pump-07 is in the tunnel, but its ssh has not answered for 10 s: sshd down, wrong port, or the device vanished." {
			t.Errorf("text %q", stage.Text)
		}
		if waited := time.Since(started); waited != answerTimeout {
			t.Errorf("it waited %v", waited)
		}
		if p.ResendAfter.IsZero() || p.Shell != nil {
			t.Errorf("progress %+v", p)
		}
		if err := a.Resend(t.Context()); err != nil {
			t.Errorf("the token cannot be sent again: %v", err)
		}
		if got := b.learnt(testContext, "pump-07"); got != tunnelconn.Auto {
			t.Errorf("the protocol that brought nothing is still remembered: %v", got)
		}
	})
}

func TestDeviceOfUnknownProtocolHasTimeForBoth(t *testing.T) {
	for name, c := range map[string]struct {
		services []client.Text
		peer     tunnelconn.Version
		wait     time.Duration
	}{
		"unknown":                        {[]client.Text{"SSH"}, tunnelconn.Auto, fallBackAfter + answerTimeout},
		"known since it answered before": {[]client.Text{"SSH"}, tunnelconn.V3, answerTimeout},
		"of several services":            {[]client.Text{"SSH", "HTTP"}, tunnelconn.Auto, answerTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.proxies.born = func(s *fakeSource) { s.silent, s.status.Peer = true, c.peer }
				key := b.service.add("one", "pump-07", func(u *client.Tunnel) {
					u.Services = c.services
					connected(&u.Destination)
				})
				a := b.Start(t.Context(), Request{Service: b.service, Key: key, Name: "SSH"})
				started := time.Now()
				text := b.stage(b.until(a), StageAnswer).Text
				if waited := time.Since(started); waited != c.wait || !strings.Contains(text, fmt.Sprintf("for %d s:", c.wait/time.Second)) {
					t.Errorf("after %v: %q; want %v", waited, text, c.wait)
				}
				if cfg := b.proxies.configs[0]; cfg.FallBack != fallBackAfter || cfg.Version != tunnelconn.Auto {
					t.Errorf("config %+v", cfg)
				}
			})
		})
	}
}

func TestBusyOldDeviceAndRefusingDeviceAreToldApart(t *testing.T) {
	for want, refuse := range map[string]error{
		"one connection at a time":       tunnelconn.ErrBusyPeer,
		"its ssh refused the connection": errors.New("reset"),
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.proxies.born = func(s *fakeSource) { s.refuse = refuse }
			key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
			p := b.run(Request{Key: key})
			if stage := b.stage(p, StageAnswer); !strings.Contains(stage.Text, want) || stage.Remedy == "" {
				t.Errorf("stage %+v, want %s", stage, want)
			}
		})
	}
}

func TestOtherServicesAreNeverProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) {
			u.Services = []client.Text{"SHELL"}
			connected(&u.Destination)
		})
		p := b.run(Request{Key: key, Name: "SHELL"})
		for _, stage := range p.Stages {
			if stage.ID == StageAnswer {
				t.Error("a service that is not SSH was asked for an answer")
			}
		}
		if n := b.proxies.sources[proxyName(key)].attachments(); p.Err != nil || n != 0 {
			t.Errorf("error %v, %d connections", p.Err, n)
		}
	})
}

func TestWithoutSSHTheNoteNamesAddressAndCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key})
		if p.Err != nil || p.Shell != nil || !strings.Contains(p.Note, "127.0.0.1:5555") || !strings.Contains(p.Note, "ssh -p 5555 pi@127.0.0.1") {
			t.Errorf("error %v, note %q", p.Err, p.Note)
		}
	})
}

func TestCancelledWhileWaitingForAnAnswerKeepsTheProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.proxies.born = func(s *fakeSource) { s.silent = true }
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		a := b.Start(t.Context(), Request{Service: b.service, Key: key})
		time.Sleep(time.Second)
		a.Cancel()
		if p := b.until(a); b.stage(p, StageAnswer).Text != "Given up." {
			t.Errorf("stages %+v", p.Stages)
		}
		if !b.HasRunning() {
			t.Error("the proxy was stopped")
		}
	})
}

func TestConnectionIsGivenUpWhenNoShellStartsWithinTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.withSSH("exit 0")
		late, started := b.shell("pump-07").probe, b.shell("pump-07").probe
		started.keep()
		time.Sleep(10*time.Second - time.Millisecond)
		select {
		case <-late.ended:
			t.Fatal("the connection was given up before a shell could start")
		default:
		}
		time.Sleep(time.Minute)
		select {
		case <-late.ended:
		default:
			t.Error("a connection that nobody uses is still attached")
		}
		select {
		case <-started.ended:
			t.Error("the connection of a shell that has started was given up")
		default:
		}
		started.close()
	})
}

func TestShellThatStartsKeepsItsConnection(t *testing.T) {
	b := newBench(t)
	b.withSSH("exit 0")
	shell := b.shell("pump-07")
	shell.SetStdout(io.Discard)
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	if shell.probe.life.Stop() {
		t.Error("the connection would have been given up while the shell runs")
	}
}

func TestConnectionThatNoShellUsesIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &fakeSource{banner: "SSH-2.0-x\r\n"}
		var work sync.WaitGroup
		p := openProbe(t.Context(), &work, src, sshService)
		if err := p.read(answerTimeout); err != nil {
			t.Fatal(err)
		}
		p.close()
		select {
		case <-p.ended:
		default:
			t.Error("the connection is still attached")
		}
		if p.claim() != nil {
			t.Error("it was given away after its end")
		}
		p.close()
	})
}
