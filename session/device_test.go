package session

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
)

func TestDeviceThatIsThereIsNotSentAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", func(u *client.Tunnel) { connected(&u.Destination) })
		p := b.run(Request{Key: key, Then: ThenProxy})
		if p.Err != nil || len(b.service.rotations(client.ModeDestination)) != 0 || len(b.service.rotations(client.ModeAll)) != 0 {
			t.Errorf("error %v, calls %v", p.Err, b.service.Calls())
		}
		if !p.ResendAfter.IsZero() {
			t.Error("a device that is connected is offered another token")
		}
	})
}

func TestDeviceOfAReusedTunnelIsCalledBackOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", nil)
		time.AfterFunc(40*time.Second, func() { b.service.Change("one", func(u *client.Tunnel) { connected(&u.Destination) }) })
		p := b.run(Request{Key: key, Then: ThenProxy})
		if p.Err != nil || len(b.service.rotations(client.ModeDestination)) != 1 || len(b.service.rotations(client.ModeSource)) != 1 {
			t.Fatalf("error %v, calls %v", p.Err, b.service.Calls())
		}
		last := b.service.rotations("")[1]
		if last.Mode != client.ModeDestination || last.Thing != "pump-07" || len(last.Services) != 1 || last.Services[0] != "SSH" {
			t.Errorf("the device was sent %+v", last)
		}
		if n := b.service.count("DescribeTunnel"); n > 43 {
			t.Errorf("%d DescribeTunnel in 40 s, want at most one a second", n)
		}
	})
}

func TestDeviceOfANewTunnelIsLeftToItsFirstToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		time.AfterFunc(100*time.Second, func() { b.service.Change("tunnel-1", func(u *client.Tunnel) { connected(&u.Destination) }) })
		p := b.run(openRequest(ThenNothing))
		if p.Err != nil || len(b.service.rotations("")) != 0 {
			t.Errorf("error %v, rotations %+v", p.Err, b.service.rotations(""))
		}
	})
}

func TestResendKeepsThirtySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		req := openRequest(ThenNothing)
		req.Service = b.service
		a := b.Start(t.Context(), req)
		time.Sleep(12 * time.Second)
		synctest.Wait()
		p := a.Progress()
		if got := time.Until(p.ResendAfter); got != 18*time.Second {
			t.Errorf("resend in %v, want 18 s", got)
		}
		if text := b.stage(p, StageDevice).Text; text != "Waiting for pump-07 to pick up the tunnel: 0:12. Sending again now would void the token it may be using." {
			t.Errorf("text %q", text)
		}
		if err := a.Resend(t.Context()); !errors.Is(err, errTooSoon) || !strings.Contains(err.Error(), "0:18") {
			t.Errorf("too early: %v", err)
		}
		time.Sleep(19 * time.Second)
		if err := a.Resend(t.Context()); err != nil {
			t.Errorf("in time: %v", err)
		}
		if err := a.Resend(t.Context()); err == nil {
			t.Error("twice in a row was allowed")
		}
		if n := len(b.service.rotations(client.ModeDestination)); n != 1 {
			t.Errorf("%d tokens sent", n)
		}
		a.Cancel()
		b.until(a)
	})
}

func TestResendKeepsThirtySecondsAcrossAttemptsAndAfterAnOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		req := openRequest(ThenProxy)
		req.Service = b.service
		a := b.Start(t.Context(), req)
		time.Sleep(2 * time.Second)
		a.Cancel()
		key := b.until(a).Key
		sent := func() int { return len(b.service.rotations(client.ModeDestination)) }
		for _, after := range []time.Duration{2 * time.Second, 12 * time.Second} {
			a := b.Start(t.Context(), Request{Service: b.service, Key: key, Then: ThenProxy})
			time.Sleep(10 * time.Second)
			if got := time.Until(a.Progress().ResendAfter); got != resendEvery-after-10*time.Second {
				t.Errorf("%v after the open it may be sent again in %v", after+10*time.Second, got)
			}
			if err := a.Resend(t.Context()); !errors.Is(err, errTooSoon) {
				t.Errorf("%v after the open: %v, want too soon", after+10*time.Second, err)
			}
			a.Cancel()
			b.until(a)
		}
		if sent() != 0 {
			t.Fatalf("the device was sent %d more tokens within 22 s of the open", sent())
		}
		time.Sleep(10 * time.Second)
		a = b.Start(t.Context(), Request{Service: b.service, Key: key, Then: ThenProxy})
		synctest.Wait()
		if sent() != 1 {
			t.Errorf("after 32 s the device that did not come was sent %d tokens, want 1", sent())
		}
		a.Cancel()
		b.until(a)
	})
}

func TestResendThatFailedMayBeRepeatedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		req := openRequest(ThenNothing)
		req.Service = b.service
		a := b.Start(t.Context(), req)
		time.Sleep(time.Minute)
		b.service.FailNext("RotateTunnelAccessToken", b.service.Failure("RotateTunnelAccessToken", client.KindThrottled))
		if err := a.Resend(t.Context()); client.KindOf(err) != client.KindThrottled {
			t.Errorf("error %v", err)
		}
		if err := a.Resend(t.Context()); err != nil {
			t.Error(err)
		}
		a.Cancel()
		b.until(a)
	})
}

func TestWaitingOutlivesThrottlingButNotADenial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.FailAlways("DescribeTunnel", b.service.Failure("DescribeTunnel", client.KindThrottled))
		req := openRequest(ThenNothing)
		req.Service = b.service
		a := b.Start(t.Context(), req)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if p := a.Progress(); p.Done {
			t.Fatalf("it gave up: %v", p.Err)
		}
		b.service.FailAlways("DescribeTunnel", b.service.Failure("DescribeTunnel", client.KindDenied))
		if p := b.until(a); client.KindOf(p.Err) != client.KindDenied {
			t.Errorf("error %v", p.Err)
		}
	})
}

func TestTunnelThatEndsWhileWaitingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "pump-07", nil)
		time.AfterFunc(5*time.Second, func() { b.service.Change("one", func(u *client.Tunnel) { u.Status = client.StatusClosed }) })
		p := b.run(Request{Key: key})
		if stage := b.stage(p, StageDevice); stage.State != StageFailed || !strings.Contains(stage.Text, "was closed meanwhile") {
			t.Errorf("stage %+v", stage)
		}
	})
}

func TestTunnelWithoutAThingIsNotResent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("one", "", nil)
		a := b.Start(t.Context(), Request{Service: b.service, Key: key})
		time.Sleep(40 * time.Second)
		synctest.Wait()
		p := a.Progress()
		if !p.ResendAfter.IsZero() || len(b.service.rotations(client.ModeDestination)) != 0 {
			t.Errorf("resend after %v, calls %v", p.ResendAfter, b.service.Calls())
		}
		if err := a.Resend(t.Context()); err == nil {
			t.Error("a token was sent to nobody")
		}
		a.Cancel()
		b.until(a)
	})
}
