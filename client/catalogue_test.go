package client

import (
	"strings"
	"testing"
	"time"
)

func listedTunnel(id string, age time.Duration) Tunnel {
	return Tunnel{Key: home.Key(id), Context: home, Status: StatusOpen, CreatedAt: noon.Add(-age), UpdatedAt: noon.Add(-age)}
}

func (c *catalogue) ids() string {
	var ids []string
	for _, r := range c.order {
		if !r.hidden {
			ids = append(ids, r.Key.ID)
		}
	}
	return strings.Join(ids, " ")
}

func TestCatalogueKeepsTheNewestFirst(t *testing.T) {
	c := newCatalogue()
	c.listed([]Tunnel{listedTunnel("b", 2*time.Hour), listedTunnel("c", 3*time.Hour)}, noon, noon)
	c.listed([]Tunnel{listedTunnel("a", time.Hour), listedTunnel("b", 2*time.Hour)}, noon, noon)
	c.record(Tunnel{Key: home.Key("new")}, noon)
	if got := c.ids(); got != "new a b c" {
		t.Errorf("order = %s", got)
	}
	// The service's own time of creation comes later than ours.
	c.described(home.Key("new"), listedTunnel("new", 150*time.Minute), nil, noon.Add(time.Second), noon.Add(time.Second))
	if got := c.ids(); got != "a b new c" {
		t.Errorf("order = %s", got)
	}
}

func TestCompleteSweepDropsWhatItDoesNotShow(t *testing.T) {
	c := newCatalogue()
	c.listed([]Tunnel{listedTunnel("a", time.Hour), listedTunnel("b", 2*time.Hour), listedTunnel("c", 3*time.Hour)}, noon, noon)
	later := noon.Add(time.Minute)
	c.listed([]Tunnel{listedTunnel("a", time.Hour)}, later, later)
	other := home
	other.Region = "us-east-1"
	c.swept(other.Key(""), later, later, time.Time{}, true)
	if got := c.ids(); got != "a b c" {
		t.Errorf("another region's sweep left %s", got)
	}
	c.swept(home.Key(""), later, later, time.Time{}, true)
	if got := c.ids(); got != "a" {
		t.Errorf("after the sweep: %s", got)
	}
}

func TestPartialSweepSpeaksForWhatIsNewerThanItsEnd(t *testing.T) {
	c := newCatalogue()
	c.listed([]Tunnel{listedTunnel("a", time.Hour), listedTunnel("b", 2*time.Hour), listedTunnel("c", 3*time.Hour), listedTunnel("d", 4*time.Hour)}, noon, noon)
	later := noon.Add(time.Minute)
	c.listed([]Tunnel{listedTunnel("a", time.Hour), listedTunnel("c", 3*time.Hour)}, later, later)
	c.swept(home.Key(""), later, later, noon.Add(-3*time.Hour), false)
	if got := c.ids(); got != "a c d" {
		t.Errorf("after the sweep: %s, want b gone and d kept", got)
	}
	c.swept(home.Key(""), later.Add(time.Minute), later.Add(time.Minute), time.Time{}, false)
	if got := c.ids(); got != "a c d" {
		t.Errorf("a sweep that saw nothing dropped something: %s", got)
	}
}

func TestRecordedTunnelOutlivesAListThatLagsBehind(t *testing.T) {
	c := newCatalogue()
	c.record(Tunnel{Key: home.Key("new")}, noon)
	soon, late := noon.Add(29*time.Second), noon.Add(31*time.Second)
	c.swept(home.Key(""), soon, soon, time.Time{}, true)
	c.described(home.Key("new"), Tunnel{}, &Error{Kind: KindNotFound}, soon, soon)
	if got := c.ids(); got != "new" {
		t.Errorf("after 29 s: %q", got)
	}
	c.swept(home.Key(""), late, late, time.Time{}, true)
	if got := c.ids(); got != "" {
		t.Errorf("after 31 s: %q", got)
	}
}

func TestForgottenTunnelDoesNotComeBackByAnOldList(t *testing.T) {
	c := newCatalogue()
	page := []Tunnel{listedTunnel("a", time.Hour)}
	c.listed(page, noon, noon)
	c.forget(home.Key("a"), noon)
	c.listed(page, noon, noon.Add(5*time.Second))
	c.described(home.Key("a"), page[0], nil, noon, noon)
	if got := c.ids(); got != "" {
		t.Errorf("it came back: %q", got)
	}
	// Where it was not deleted after all, the list is believed in the end.
	c.listed(page, noon.Add(time.Minute), noon.Add(time.Minute))
	if got := c.ids(); got != "a" {
		t.Errorf("after a minute: %q", got)
	}
}

func TestOlderAnswersDoNotUndoWhatWeDid(t *testing.T) {
	c := newCatalogue()
	c.listed([]Tunnel{listedTunnel("a", time.Hour)}, noon, noon)
	before := listedTunnel("a", time.Hour)
	before.Described, before.Tags = true, []Tag{{"old", ""}}
	c.record(Tunnel{Key: home.Key("a"), Described: true, Tags: []Tag{{"new", ""}}}, noon.Add(2*time.Second))
	c.described(home.Key("a"), before, nil, noon.Add(time.Second), noon.Add(3*time.Second))
	r := c.records[home.Key("a")]
	if r.Tags[0].Key != "new" || !r.moved {
		t.Errorf("tags = %v, asked again %v", r.Tags, r.moved)
	}
	after := before
	after.Tags = []Tag{{"newer", ""}}
	c.described(home.Key("a"), after, nil, noon.Add(4*time.Second), noon.Add(5*time.Second))
	if r.Tags[0].Key != "newer" || r.moved {
		t.Errorf("tags = %v, asked again %v", r.Tags, r.moved)
	}
}

func TestClosedIsFinal(t *testing.T) {
	c := newCatalogue()
	open := listedTunnel("a", time.Hour)
	c.listed([]Tunnel{open}, noon, noon)
	c.record(Tunnel{Key: home.Key("a"), Status: StatusClosed}, noon.Add(time.Second))
	c.listed([]Tunnel{open}, noon.Add(2*time.Second), noon.Add(2*time.Second))
	c.described(home.Key("a"), open, nil, noon.Add(2*time.Second), noon.Add(2*time.Second))
	c.record(Tunnel{Key: home.Key("a"), Status: StatusOpen}, noon.Add(3*time.Second))
	if r := c.records[home.Key("a")]; r.Open() || r.final {
		t.Errorf("status %s, final %v", r.Status, r.final)
	}
	closed := open
	closed.Status, closed.Described = StatusClosed, true
	c.described(home.Key("a"), closed, nil, noon.Add(4*time.Second), noon.Add(4*time.Second))
	if r := c.records[home.Key("a")]; r.Open() || !r.final {
		t.Errorf("status %s, final %v", r.Status, r.final)
	}
}

func TestRecordKeepsWhatItDoesNotTell(t *testing.T) {
	c := newCatalogue()
	full := listedTunnel("a", time.Hour)
	full.ARN, full.Description, full.Described, full.Thing, full.Lifetime = "arn", "why", true, "pump-07", time.Hour
	full.Source = Side{Known: true, Connected: true}
	c.listed([]Tunnel{full}, noon, noon)
	c.described(full.Key, full, nil, noon, noon)
	c.record(Tunnel{Key: full.Key, Status: StatusClosed}, noon.Add(time.Second))
	got := c.records[full.Key].Tunnel
	if got.ARN != "arn" || got.Description != "why" || got.Thing != "pump-07" || !got.Source.Connected || !got.CreatedAt.Equal(full.CreatedAt) || got.Context != home || got.Open() {
		t.Errorf("after a close: %+v", got)
	}
}

func TestFailedDescribeKeepsTheDataAndWaitsLongerEachTime(t *testing.T) {
	c := newCatalogue()
	full := listedTunnel("a", time.Hour)
	full.Described, full.Thing = true, "pump-07"
	c.listed([]Tunnel{full}, noon, noon)
	c.described(full.Key, full, nil, noon, noon)
	r := c.records[full.Key]
	for _, want := range []time.Duration{5, 10, 20, 40, 80, 80} {
		c.described(full.Key, Tunnel{}, &Error{Kind: KindDenied}, noon, noon)
		if got := r.retry.Sub(noon); got != want*time.Second || KindOf(r.Err) != KindDenied || r.Thing != "pump-07" {
			t.Errorf("retry after %v, want %v s; %+v", got, want, r.Row)
		}
	}
	c.described(full.Key, full, nil, noon, noon)
	if r.Err != nil || r.failures != 0 || !r.retry.IsZero() {
		t.Errorf("after a good answer: %+v", r)
	}
}

func TestListThatMovedATunnelHasItDescribedAgain(t *testing.T) {
	c := newCatalogue()
	full := listedTunnel("a", time.Hour)
	full.Described = true
	c.listed([]Tunnel{full}, noon, noon)
	c.described(full.Key, full, nil, noon, noon)
	c.listed([]Tunnel{full}, noon, noon)
	if c.records[full.Key].moved {
		t.Error("an unchanged list moved it")
	}
	moved := full
	moved.UpdatedAt = noon
	c.listed([]Tunnel{moved}, noon.Add(time.Second), noon.Add(time.Second))
	if !c.records[full.Key].moved {
		t.Error("a changed update time did not move it")
	}
}
