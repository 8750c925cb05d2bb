package tunnelconn

import (
	"context"
	"errors"
	"testing"
)

func TestManagerKeepsOneRunningProxyAKey(t *testing.T) {
	r := newRelay(t, "SSH")
	m := NewManager()
	mark, err := m.Changed(t.Context(), 99)
	if err != nil {
		t.Fatal(err)
	}
	first, err := m.StartSource("a", SourceConfig{Link: r.link(RoleSource), Listeners: []Listener{{"SSH", "127.0.0.1:0"}}, FallBack: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.StartSource("a", SourceConfig{Link: r.link(RoleSource)}); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one of the key: %v", err)
	}
	for first.Status().State != Connected {
		if mark, err = m.Changed(t.Context(), mark); err != nil {
			t.Fatal(err)
		}
	}
	r.side(RoleSource) // The relay has to know the first, before another can take its place.
	// A source of the same tunnel throws the first off, and a stopped one stays listed until it is forgotten.
	link := r.link(RoleSource)
	link.ClientToken = first.uplink.link.ClientToken
	second, err := m.StartSource("b", SourceConfig{Link: link})
	if err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	list := m.Snapshot()
	if len(list) != 2 || list[0].Key != "a" || list[0].State != Stopped || list[1].Key != "b" {
		t.Errorf("snapshot %+v", list)
	}
	if found, ok := m.Source("a"); !ok || found != first {
		t.Error("the stopped proxy cannot be found")
	}
	third, err := m.StartSource("a", SourceConfig{Link: link})
	if err != nil {
		t.Fatalf("a stopped proxy is not replaced: %v", err)
	}
	if list := m.Snapshot(); len(list) != 2 || list[0].Key != "b" || list[1].Key != "a" {
		t.Errorf("snapshot %+v", list)
	}
	if err := m.Stop("b"); err != nil {
		t.Fatal(err)
	}
	<-second.Done()
	if _, ok := m.Source("b"); ok {
		t.Error("a proxy that was stopped is not forgotten")
	}
	if err := m.Stop("unknown"); err != nil {
		t.Errorf("Stop of an unknown key: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	<-third.Done()
	if _, err := m.StartSource("c", SourceConfig{Link: link}); !errors.Is(err, ErrClosed) {
		t.Errorf("StartSource after Close: %v", err)
	}
	if len(m.Snapshot()) != 0 {
		t.Error("a closed manager still lists proxies")
	}
}

func TestManagerForgetsWhatCouldNotStart(t *testing.T) {
	m := NewManager()
	if _, err := m.StartSource("a", SourceConfig{}); err == nil {
		t.Fatal("a source without an endpoint starts")
	}
	if _, ok := m.Source("a"); ok || len(m.Snapshot()) != 0 {
		t.Error("it is listed")
	}
}

func TestStopReachesAProxyThatIsJustBeingStarted(t *testing.T) {
	r := newRelay(t, "SSH")
	m := NewManager()
	added, err := m.reserve("a")
	if err != nil {
		t.Fatal(err)
	}
	source, err := startSource("a", SourceConfig{Link: r.link(RoleSource)}, standardTiming(), m.turn)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Stop("a"); err != nil {
		t.Fatal(err)
	}
	if kept, err := m.keep(added, source, nil); kept != nil || !errors.Is(err, ErrClosed) {
		t.Errorf("it is kept: %v, %v", kept, err)
	}
	<-source.Done()
	if _, ok := m.Source("a"); ok || len(m.Snapshot()) != 0 {
		t.Error("it is listed")
	}
}

func TestWaitingForAChangeEndsWithItsContext(t *testing.T) {
	m := NewManager()
	mark, err := m.Changed(t.Context(), 99)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Changed(ctx, mark); !errors.Is(err, context.Canceled) {
		t.Errorf("Changed = %v", err)
	}
	b := newBoard("", RoleSource, func() {})
	if _, err := b.next(ctx, b.snapshot(nil).Seq); !errors.Is(err, context.Canceled) {
		t.Errorf("Changed of a proxy = %v", err)
	}
}
