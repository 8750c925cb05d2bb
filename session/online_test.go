package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
)

func TestOpenWaitsUntilTheThingIsOnlineAndOpensOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = arrives
		b.service.PutThing("pump-07", client.Presence{State: client.PresenceNotSeen, Since: time.Now().Add(-time.Hour)})
		b.service.FailNext("GetThingConnectivityData", nil, b.service.Failure("GetThingConnectivityData", client.KindOffline))
		req := openRequest(ThenNothing)
		req.Service, req.WhenOnline = b.service, true
		a := b.Start(t.Context(), req)
		time.Sleep(time.Hour)
		if p := a.Progress(); p.Done || p.Stages[0].ID != StageOnline || p.Stages[0].State != StageRunning || !strings.Contains(p.Stages[0].Text, "Nothing is opened") {
			t.Fatalf("after an hour: %+v", p)
		}
		if n := b.service.count("OpenTunnel"); n != 0 {
			t.Fatalf("%d tunnels were opened to a thing that is not there", n)
		}
		if n := b.service.count("GetThingConnectivityData"); n > 245 {
			t.Errorf("%d paid questions in an hour", n)
		}
		b.service.PutThing("pump-07", client.Presence{State: client.PresenceOnline, Since: time.Now()})
		time.Sleep(time.Minute)
		if p := a.Progress(); !p.Done || p.Err != nil || b.service.count("OpenTunnel") != 1 {
			t.Errorf("a minute later: %+v, %d opens", p, b.service.count("OpenTunnel"))
		}
	})
}

func TestWaitForAThingThatNobodyTellsOfFailsAndOpensNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.FailAlways("GetThingConnectivityData", b.service.Failure("GetThingConnectivityData", client.KindDenied))
		req := openRequest(ThenNothing)
		req.WhenOnline = true
		p := b.run(req)
		if p.Err == nil || p.Stages[0].State != StageFailed || b.service.count("OpenTunnel") != 0 {
			t.Errorf("%+v", p)
		}
	})
}

func TestWaitForAThingEndsWhenItIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.PutThing("pump-07", client.Presence{State: client.PresenceNotSeen})
		req := openRequest(ThenNothing)
		req.Service, req.WhenOnline = b.service, true
		a := b.Start(t.Context(), req)
		time.Sleep(time.Minute)
		a.Cancel()
		<-a.ended
		if b.service.count("OpenTunnel") != 0 {
			t.Error("a tunnel was opened for somebody who had left")
		}
	})
}

func TestThingThatIsOnlineIsOpenedToAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = arrives
		b.service.PutThing("pump-07", client.Presence{State: client.PresenceOnline, Since: time.Now().Add(-time.Hour)})
		req := openRequest(ThenNothing)
		req.WhenOnline = true
		started := time.Now()
		if p := b.run(req); p.Err != nil || time.Since(started) > 2*time.Second {
			t.Errorf("after %v: %v", time.Since(started), p.Err)
		}
	})
}

func TestTheFleetIndexTellsOfAThingThatMayNotBeAskedForByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = arrives
		b.service.FailAlways("GetThingConnectivityData", b.service.Failure("GetThingConnectivityData", client.KindDenied))
		b.service.PutThing("pump-07", client.Presence{State: client.PresenceOnline})
		req := openRequest(ThenNothing)
		req.WhenOnline = true
		if p := b.run(req); p.Err != nil || b.service.count("OpenTunnel") != 1 {
			t.Errorf("%+v, %d opens", p, b.service.count("OpenTunnel"))
		}
	})
}
