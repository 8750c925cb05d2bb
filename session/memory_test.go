package session

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
)

func (b *bench) memory() Memory {
	b.t.Helper()
	m, err := b.Memory(testContext)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func TestThingsThatWereReachedAreRememberedWithTheLastOneFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		there := func(u *client.Tunnel) { connected(&u.Destination) }
		pump, gate := b.service.add("t-1", "pump-07", there), b.service.add("t-2", "gate-03", there)
		bare := b.service.add("t-3", "", there)
		for _, key := range []client.Key{pump, gate, bare, pump} {
			if p := b.run(Request{Key: key, Then: ThenNothing}); p.Err != nil {
				t.Fatal(p.Err)
			}
			time.Sleep(time.Minute)
		}
		var names []string
		for _, r := range b.memory().Recents {
			names = append(names, r.Thing)
		}
		if !slices.Equal(names, []string{"pump-07", "gate-03"}) {
			t.Errorf("remembered are %v", names)
		}
		elsewhere, err := b.Memory(client.Context{Account: "999999999999", Region: "eu-west-1"})
		if err != nil || len(elsewhere.Recents) != 0 {
			t.Errorf("of another account: %+v, %v", elsewhere, err)
		}
	})
}

func TestOpensAreCountedByDayAndAccountAlsoWhenTheTunnelIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = arrives
		for range 2 {
			p := b.run(openRequest(ThenNothing))
			if p.Err != nil {
				t.Fatal(p.Err)
			}
			if err := b.CloseTunnel(t.Context(), b.service, p.Key, true); err != nil {
				t.Fatal(err)
			}
		}
		if n := b.memory().OpensToday; n != 2 {
			t.Errorf("%d opens today, want 2", n)
		}
		west := testContext
		west.Region = "us-west-2"
		if m, _ := b.Memory(west); m.OpensToday != 2 {
			t.Errorf("%d opens of the account as another region counts them", m.OpensToday)
		}
		time.Sleep(25 * time.Hour)
		if n := b.memory().OpensToday; n != 0 {
			t.Errorf("%d opens on the next day", n)
		}
	})
}

func TestMemoryOnDiskStaysWithinBounds(t *testing.T) {
	var s state
	now := time.Now()
	for i := range mostUsed + 10 {
		s.use(visit{Thing: string(rune('a' + i)), At: now})
	}
	s.Used = append(s.Used, visit{Thing: "old", At: now.Add(-forgetUsed - time.Hour)})
	s.Billed = []visit{{At: now.Add(-forgetBilled - time.Hour)}, {At: now}}
	s.prune(now)
	if len(s.Used) != mostUsed || len(s.Billed) != 1 {
		t.Errorf("%d used, %d billed", len(s.Used), len(s.Billed))
	}
}
