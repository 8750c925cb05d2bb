package client

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

var (
	home = Context{Account: "1", Region: "eu-west-1"}
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
)

// at is a turn when there is plenty.
func at(now time.Time) turn { return turn{now: now, rate: 8} }

// known is a record described some time before noon.
func known(id string, age time.Duration) *record {
	return &record{Row: &Row{Tunnel: Tunnel{Key: home.Key(id), Status: StatusOpen, Described: true}, DescribedAt: noon.Add(-age)}}
}

func TestScheduleTakesTheMostUrgentOfWhatIsDue(t *testing.T) {
	s := newSchedule(Attention{Watched: []Key{home.Key("watched")}, Selected: home.Key("selected"), Visible: []Key{home.Key("visible"), home.Key("selected")}})
	closed := known("closed", 0)
	closed.Status, closed.DescribedAt = StatusClosed, time.Time{}
	asked := known("asked", 0)
	asked.asked = true
	records := []*record{closed, known("hidden", time.Hour), known("visible", time.Hour), known("selected", 2*time.Second), known("watched", time.Second), asked}
	for _, want := range []string{"asked", "watched", "selected", "visible", "hidden", "closed"} {
		r, _ := s.next(records, home.Key(""), at(noon))
		if r == nil || r.Key.ID != want {
			t.Fatalf("next = %v, want %s", r, want)
		}
		r.describing = true
	}
	if r, wake := s.next(records, home.Key(""), at(noon)); r != nil || !wake.IsZero() {
		t.Errorf("with all under way: next = %v, wake %v", r, wake)
	}
}

func TestScheduleWaitsUntilTheFirstIsTooOld(t *testing.T) {
	for _, c := range []struct {
		name string
		look Attention
		age  time.Duration
	}{
		{"watched", Attention{Watched: []Key{home.Key("t")}}, time.Second},
		{"watched while blurred", Attention{Watched: []Key{home.Key("t")}, Blurred: true}, time.Second},
		{"selected", Attention{Selected: home.Key("t")}, 2 * time.Second},
		{"selected while blurred", Attention{Selected: home.Key("t"), Blurred: true}, 10 * time.Second},
		{"visible", Attention{Visible: []Key{home.Key("t")}}, 8 * time.Second},
		{"hidden", Attention{}, time.Minute},
		{"hidden while blurred", Attention{Blurred: true}, 5 * time.Minute},
	} {
		s := newSchedule(c.look)
		records := []*record{known("t", 0)}
		if r, wake := s.next(records, home.Key(""), at(noon)); r != nil || wake.Sub(noon) != c.age {
			t.Errorf("%s: next = %v, wake in %v, want %v", c.name, r, wake.Sub(noon), c.age)
		}
		if r, _ := s.next(records, home.Key(""), at(noon.Add(c.age))); r == nil {
			t.Errorf("%s: nothing is due after %v", c.name, c.age)
		}
	}
}

func TestScheduleLeavesAloneWhatCannotChange(t *testing.T) {
	final := known("final", time.Hour)
	final.Status, final.final = StatusClosed, true
	hidden := known("hidden", time.Hour)
	hidden.hidden = true
	elsewhere := known("elsewhere", time.Hour)
	elsewhere.Key.Region = "us-east-1"
	failing := known("failing", time.Hour)
	failing.retry = noon.Add(5 * time.Second)
	s := newSchedule(Attention{Visible: []Key{final.Key, hidden.Key, failing.Key}})
	r, wake := s.next([]*record{final, hidden, elsewhere, failing}, home.Key(""), at(noon))
	if r != nil || wake.Sub(noon) != 5*time.Second {
		t.Errorf("next = %v, wake in %v, want the failing one in 5 s", r, wake.Sub(noon))
	}
	final.asked = true
	if r, _ = s.next([]*record{final}, home.Key(""), at(noon)); r == nil {
		t.Error("a closed tunnel was not described though it was asked for")
	}
}

func TestScheduleHurriesAfterAnActionOfOurOwn(t *testing.T) {
	r := known("t", time.Second)
	r.hot = noon.Add(-29 * time.Second)
	s := newSchedule(Attention{Blurred: true})
	if got, _ := s.next([]*record{r}, home.Key(""), at(noon)); got == nil {
		t.Error("nothing is due a second after the last look")
	}
	r.hot = noon.Add(-30 * time.Second)
	if got, _ := s.next([]*record{r}, home.Key(""), at(noon)); got != nil {
		t.Error("it is still watched after 30 s")
	}
}

func TestSelectedRowTakesNoMoreThanItsShare(t *testing.T) {
	s := newSchedule(Attention{Selected: home.Key("t"), Visible: []Key{home.Key("v")}})
	for _, c := range []struct {
		rate float64
		age  time.Duration
	}{{8, 2 * time.Second}, {4, 2 * time.Second}, {2, 3500 * time.Millisecond}, {1, 7 * time.Second}} {
		r, wake := s.next([]*record{known("t", 0)}, home.Key(""), turn{now: noon, rate: c.rate})
		if r != nil || wake.Sub(noon) != c.age {
			t.Errorf("at %v calls a second: due in %v, want %v", c.rate, wake.Sub(noon), c.age)
		}
	}
	if r, _ := s.next([]*record{known("t", 4*time.Second), known("v", 8*time.Second)}, home.Key(""), turn{now: noon, rate: 1}); r.Key.ID != "v" {
		t.Errorf("next = %s though the selected row had its share", r.Key.ID)
	}
}

func TestWhatIsOutOfSightHasATurnNowAndThen(t *testing.T) {
	s := newSchedule(Attention{Selected: home.Key("selected"), Visible: []Key{home.Key("visible")}})
	closed := known("closed", 0)
	closed.Status, closed.DescribedAt = StatusClosed, time.Time{}
	final := known("final", time.Hour)
	final.Status, final.final = StatusClosed, true
	records := []*record{known("selected", time.Hour), known("visible", time.Hour), known("hidden", 2*time.Minute), known("fresh", 59*time.Second), closed, final}
	for _, want := range []string{"closed", "hidden", "selected", "visible"} {
		r, _ := s.next(records, home.Key(""), turn{now: noon, rate: 4, spare: true})
		if r == nil || r.Key.ID != want {
			t.Fatalf("next = %v, want %s", r, want)
		}
		r.describing = true
	}
}

func TestScheduleComesRoundToEveryTunnelOfALargeFleet(t *testing.T) {
	s := newSchedule(Attention{})
	var records []*record
	for i := range 1000 {
		records = append(records, &record{Row: &Row{Tunnel: Tunnel{Key: home.Key(fmt.Sprint(i)), Status: StatusOpen}}})
	}
	seen := map[Key]bool{}
	now := noon
	for range 1000 {
		r, _ := s.next(records, home.Key(""), at(now))
		seen[r.Key] = true
		r.DescribedAt, now = now, now.Add(200*time.Millisecond)
	}
	// At five a second the first are too old again before the last are seen, yet the longest overdue go first.
	if len(seen) != 1000 {
		t.Errorf("%d of 1000 were described", len(seen))
	}
}

func TestScheduleTakesWhatIsSoughtAfterTheVisibleAndBeforeTheRest(t *testing.T) {
	unknown := func(id string) *record {
		r := known(id, 0)
		r.Described, r.DescribedAt = false, time.Time{}
		return r
	}
	closed := unknown("closed")
	closed.Status = StatusClosed
	s := newSchedule(Attention{Visible: []Key{home.Key("visible")}, Sought: map[Key]bool{home.Key("closed"): true, home.Key("known"): true}})
	records := func() []*record {
		return []*record{known("known", time.Hour), unknown("hidden"), closed, known("visible", 8*time.Second)}
	}
	var order []string
	for all := records(); ; {
		r, _ := s.next(all, home.Key(""), at(noon))
		if r == nil {
			break
		}
		order = append(order, r.Key.ID)
		r.describing = true
	}
	closed.describing = false
	if want := []string{"visible", "closed", "hidden", "known"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v, want %v", order, want)
	}
	// Where the rows on the screen take all there is, what is sought has a turn of its own.
	for name, t1 := range map[string]turn{"sought": {now: noon, rate: 8, sought: true}, "spare": {now: noon, rate: 8, spare: true}} {
		if r, _ := s.next(records(), home.Key(""), t1); r == nil || r.Key.ID != "closed" {
			t.Errorf("a turn that is %s goes to %v", name, r)
		}
	}
}
