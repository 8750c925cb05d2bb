package tunnels

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// manual is a clock whose timers go off by hand, late if the test likes.
type manual struct {
	now    time.Time
	alarms []func()
	stops  int
}

func (m *manual) config() Config {
	return Config{
		Now: func() time.Time { return m.now },
		After: func(_ time.Duration, f func()) func() bool {
			m.alarms = append(m.alarms, f)
			return func() bool { m.stops++; return true }
		},
		Notify: func(Notification) {},
	}
}

func open(t *testing.T, s *Store, in OpenInput) Opened {
	t.Helper()
	out, err := s.Open(Scope{"1", "r"}, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnswersAreRightWhenTheTimerIsLate(t *testing.T) {
	m := &manual{now: time.Unix(1_700_000_000, 0)}
	s := New(m.config())
	out := open(t, s, OpenInput{Lifetime: time.Minute})
	seat, err := s.Take(Source, out.SourceToken, "")
	if err != nil {
		t.Fatal(err)
	}
	m.now = m.now.Add(time.Hour) // and no timer went off
	got, err := s.Describe(out.Tunnel.Scope, out.Tunnel.ID)
	if err != nil || got.Status != Closed || !got.UpdatedAt.Equal(got.Ends()) {
		t.Errorf("%+v, %v", got, err)
	}
	<-seat.Done()
	if seat.Reason() != Expired {
		t.Errorf("the seat was lost by reason %d", seat.Reason())
	}
	m.now = m.now.Add(3 * time.Hour)
	if page, _, _ := s.List(out.Tunnel.Scope, "", 10, ""); len(page) > 0 {
		t.Error("a closed tunnel stayed beyond its time")
	}
}

func TestATimerThatGoesOffEarlyIsSetAgain(t *testing.T) {
	m := &manual{now: time.Unix(1_700_000_000, 0)}
	s := New(m.config())
	out := open(t, s, OpenInput{Lifetime: time.Minute})
	m.alarms[0]()
	if len(m.alarms) != 2 {
		t.Fatalf("%d timers were set, want a second", len(m.alarms))
	}
	m.now = m.now.Add(time.Minute)
	m.alarms[1]()
	if got, _ := s.Describe(out.Tunnel.Scope, out.Tunnel.ID); got.Status != Closed {
		t.Error("the tunnel outlived its time")
	}
}

func TestTheTimerIsForTheNextEndAlone(t *testing.T) {
	m := &manual{now: time.Unix(1_700_000_000, 0)}
	s := New(m.config())
	for range 100 {
		open(t, s, OpenInput{})
	}
	if len(m.alarms) != 1 {
		t.Errorf("%d timers for tunnels that end later", len(m.alarms))
	}
	open(t, s, OpenInput{Lifetime: time.Minute})
	if len(m.alarms) != 2 || m.stops != 1 {
		t.Errorf("%d timers, %d stopped, for one that ends sooner", len(m.alarms), m.stops)
	}
	s.Stop()
	if m.stops != 2 {
		t.Error("Stop left the timer")
	}
}

func TestNothingIsLeftOfRemovedTunnels(t *testing.T) {
	m := &manual{now: time.Unix(1_700_000_000, 0)}
	s := New(m.config())
	for range 10 {
		out := open(t, s, OpenInput{})
		if _, err := s.Take(Source, out.SourceToken, "client"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Rotate(out.Tunnel.Scope, out.Tunnel.ID, RotateAll, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(out.Tunnel.Scope, out.Tunnel.ID, true); err != nil {
			t.Fatal(err)
		}
	}
	m.now = m.now.Add(DefaultLifetime + 3*time.Hour)
	_, _, _ = s.List(Scope{"1", "r"}, "", 1, "")
	if n := len(s.byID) + len(s.grants) + len(s.clients) + len(s.scopes) + len(s.agenda.entries); n > 0 {
		t.Errorf("%d things are left", n)
	}
}

func TestLeavingALostSeatChangesNothing(t *testing.T) {
	m := &manual{now: time.Unix(1_700_000_000, 0)}
	s := New(m.config())
	out := open(t, s, OpenInput{})
	first, err := s.Take(Source, out.SourceToken, "client")
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Take(Source, out.SourceToken, "client")
	if err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	s.Connected(first)
	if got, _ := s.Describe(out.Tunnel.Scope, out.Tunnel.ID); got.Connections[Source].Connected {
		t.Error("who was replaced is connected")
	}
	s.Connected(second)
	s.Leave(first)
	if got, _ := s.Describe(out.Tunnel.Scope, out.Tunnel.ID); !got.Connections[Source].Connected {
		t.Error("who was replaced took the newcomer's seat along")
	}
	s.Leave(second)
	if got, _ := s.Describe(out.Tunnel.Scope, out.Tunnel.ID); got.Connections[Source].Connected {
		t.Error("the side is still connected")
	}
}

// FuzzPosition: a next token is either one of ours or refused.
func FuzzPosition(f *testing.F) {
	f.Add("MTcwMDAwMDAwMDAwMC4xLjE3MDAwMDAwMDAwMDA=")
	f.Add("")
	f.Fuzz(func(t *testing.T, next string) {
		r, given, ok := parsePosition(next)
		if !ok {
			return
		}
		again, when, ok := parsePosition(position(r, given))
		if !ok || byAge(again, r) != 0 || !when.Equal(given) {
			t.Errorf("%q does not survive", next)
		}
	})
}

func TestNoTokenIsKept(t *testing.T) {
	s := New((&manual{now: time.Unix(0, 0)}).config())
	out := open(t, s, OpenInput{})
	const client = "11111111-1111-4111-8111-111111111111"
	seat, err := s.Take(Source, out.SourceToken, client)
	if err != nil {
		t.Fatal(err)
	}
	kept := fmt.Sprintf("%+v %+v %+v", *seat, *seat.record, s.clients)
	for _, g := range s.grants {
		kept += fmt.Sprintf("%+v", *g)
	}
	for _, secret := range []string{strings.TrimPrefix(out.SourceToken, TokenPrefix)[:20], strings.TrimPrefix(out.DestinationToken, TokenPrefix)[:20], client} {
		if strings.Contains(kept, secret) {
			t.Errorf("%s… is kept", secret[:8])
		}
	}
}
