package faults

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func setOf(t *testing.T, seed uint64, now func() time.Time, rules string) *Set {
	t.Helper()
	parsed, err := ParseAll(rules)
	if err != nil {
		t.Fatal(err)
	}
	return NewSet(seed, now, parsed)
}

func kinds(s *Set, operation string, n int) (kinds []Kind) {
	for range n {
		kinds = append(kinds, s.Of(operation).Kind)
	}
	return kinds
}

func TestARuleIsWrittenAsItIsRead(t *testing.T) {
	for _, text := range []string{
		"OpenTunnel=throttle", "*=error,rate=0.25", "ListTunnels=throttle,per-second=2.5", "Connection=throttle,per-second=1",
		"CloseTunnel=deny,times=3", "OpenTunnel=drop,rate=0.5,times=1", "DescribeTunnel=slow,delay=1.5s",
		"OpenTunnel=limit", "Notification=drop,times=2", "Connection=drop,times=1,bytes=1000", "Connection=split", "Connection=slow,delay=1s",
		"Connection=split,bytes=1", "Connection=fragment,bytes=100", "Connection=coalesce", "Connection=unknown,rate=0.5", "Connection=error,times=1",
		"Connection=throttle", "Connection=replace,delay=1m0s", "Connection=expire", "Connection=session-reset,delay=2s",
		"ListTunnels=stale,delay=5s", "OpenTunnel=deny,tag=team", "TagResource=deny,times=1,tag=!team", "UntagResource=deny,tag=adit:*",
	} {
		rule, err := Parse(text)
		if err != nil || rule.String() != text {
			t.Errorf("%s came back as %s: %v", text, rule, err)
		}
	}
}

func TestARuleThatMakesNoSenseIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "OpenTunnel", "=drop", "OpenTunnel=burn", "OpenTunnel=drop,rate=0", "OpenTunnel=drop,rate=1.1", "OpenTunnel=drop,rate=NaN",
		"OpenTunnel=drop,times=-1", "OpenTunnel=drop,times=0", "OpenTunnel=deny,tag=", "OpenTunnel=deny,tag= ", "OpenTunnel=drop,times=x", "OpenTunnel=drop,what=1", "OpenTunnel=slow", "OpenTunnel=slow,delay=26s",
		"OpenTunnel=slow,delay=-1s", "OpenTunnel=drop,delay=1s", "OpenTunnel=deny,per-second=1", "OpenTunnel=throttle,per-second=NaN",
		"Notification=deny", "Connection=deny", "OpenTunnel=split", "OpenTunnel=drop,bytes=1", "Connection=drop,bytes=-1",
		"OpenTunnel=stale,delay=1s", "ListTunnels=stale", "ListTunnels=stale,delay=1m", "*=stale,delay=1s", "ListTunnels=deny,tag=a", "OpenTunnel=limit,tag=a",
		"Connection=replace,delay=-1s", "Connection=expire,delay=13h", "Connection=coalesce,bytes=9", "OpenTunnel=replace", "Connection=limit",
		"OpenTunnel=throttle,per-second=0", "Notification=slow",
	} {
		if rule, err := Parse(text); err == nil {
			t.Errorf("%q is read as %s", text, rule)
		}
	}
}

func TestLinesAreReadWithoutCommentsAndNamedWhenWrong(t *testing.T) {
	rules, err := ParseAll("# for the drill\n\n  OpenTunnel=drop  \nListTunnels=throttle\n")
	if err != nil || len(rules) != 2 || rules[0].Operation != "OpenTunnel" || rules[1].Kind != Throttle {
		t.Errorf("%v, %v", rules, err)
	}
	if _, err := ParseAll("OpenTunnel=drop\nOpenTunnel=burn"); err == nil || !strings.Contains(err.Error(), "burn") {
		t.Errorf("a wrong line: %v", err)
	}
}

func TestTheSameSeedMakesTheSameRequestsFail(t *testing.T) {
	const rules = "OpenTunnel=error,rate=0.3\nListTunnels=throttle,rate=0.3"
	first, again, other := setOf(t, 1, time.Now, rules), setOf(t, 1, time.Now, rules), setOf(t, 2, time.Now, rules)
	run := kinds(first, "OpenTunnel", 200)
	// What happens to other operations in between has no influence.
	kinds(again, "ListTunnels", 17)
	if !slices.Equal(run, kinds(again, "OpenTunnel", 200)) {
		t.Error("the same seed fails other requests")
	}
	if slices.Equal(run, kinds(other, "OpenTunnel", 200)) {
		t.Error("another seed fails the same requests")
	}
	failed := 0
	for _, kind := range run {
		if kind == Fail {
			failed++
		}
	}
	if failed < 30 || failed > 90 {
		t.Errorf("%d of 200 requests failed at a rate of 0.3", failed)
	}
}

func TestARuleStrikesItsOperationAsOftenAsItSays(t *testing.T) {
	s := setOf(t, 1, time.Now, "OpenTunnel=deny,times=2\n*=limit,times=1")
	if got := kinds(s, "OpenTunnel", 4); !slices.Equal(got, []Kind{Deny, Deny, Limit, ""}) {
		t.Errorf("OpenTunnel: %q", got)
	}
	if got := kinds(s, "ListTunnels", 1); got[0] != "" {
		t.Errorf("ListTunnels: %q, after the rule for all was used up", got)
	}
	s.Replace(s.Rules())
	if got := kinds(s, Notification, 1); got[0] != "" {
		t.Errorf("a rule for all strikes notifications: %q", got)
	}
	if got := kinds(s, "ListTunnels", 2); !slices.Equal(got, []Kind{Limit, ""}) {
		t.Errorf("after Replace: %q", got)
	}
}

func TestThrottlingLetsSoManyThroughInASecond(t *testing.T) {
	now := time.Unix(0, 0)
	s := setOf(t, 1, func() time.Time { return now }, "*=throttle,per-second=2")
	if got := kinds(s, "ListTunnels", 4); !slices.Equal(got, []Kind{"", "", Throttle, Throttle}) {
		t.Errorf("at once: %q", got)
	}
	now = now.Add(500 * time.Millisecond)
	if got := kinds(s, "ListTunnels", 2); !slices.Equal(got, []Kind{"", Throttle}) {
		t.Errorf("half a second later: %q", got)
	}
}

func TestDelaysAddUpAndGoWithOtherFaults(t *testing.T) {
	s := setOf(t, 1, time.Now, "*=slow,delay=1s\nOpenTunnel=slow,delay=2s\nOpenTunnel=error")
	if got := s.Of("OpenTunnel"); got != (Effect{Kind: Fail, Delay: 3 * time.Second}) {
		t.Errorf("%+v", got)
	}
	s = setOf(t, 1, time.Now, "*=slow,delay=20s\n*=slow,delay=20s")
	if got := s.Of("OpenTunnel"); got.Delay != MaxDelay {
		t.Errorf("the delays add up to %s", got.Delay)
	}
}

func TestADenialMayBeForWhoNamesATag(t *testing.T) {
	for _, c := range []struct {
		tag   string
		keys  []string
		fails bool
	}{
		{"team", nil, false}, {"team", []string{"owner"}, false}, {"team", []string{"owner", "team"}, true}, {"team", []string{"teams"}, false},
		{"adit:*", []string{"adit:holder"}, true}, {"adit:*", []string{"adit"}, false}, {"*", []string{"any"}, true}, {"*", nil, false},
		{"!team", []string{"team"}, false}, {"!team", []string{"team", "owner"}, true}, {"!team", nil, false}, {"!adit:*", []string{"adit:mark"}, false},
	} {
		s := setOf(t, 1, time.Now, "OpenTunnel=deny,tag="+c.tag)
		if got := s.Of("OpenTunnel", c.keys...).Kind == Deny; got != c.fails {
			t.Errorf("tag %s, request with %q: denied %v", c.tag, c.keys, got)
		}
	}
}

func TestTheLongestLagCounts(t *testing.T) {
	s := setOf(t, 1, time.Now, "ListTunnels=stale,delay=1s\nDescribeTunnel=stale,delay=3s\nDescribeTunnel=stale,delay=2s\nDescribeTunnel=error")
	if got := s.Of("DescribeTunnel"); got != (Effect{Kind: Fail, Lag: 3 * time.Second}) || s.MaxLag() != 3*time.Second {
		t.Errorf("%+v, at most %v", got, s.MaxLag())
	}
}

func FuzzParse(f *testing.F) {
	f.Add("OpenTunnel=drop,rate=0.5,times=1")
	f.Add("*=slow,delay=1s")
	f.Add("a=throttle,per-second=1e-9")
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(rule.String()); err != nil || again != rule {
			t.Errorf("%q is read as %+v, and that as %+v: %v", text, rule, again, err)
		}
		NewSet(1, time.Now, []Rule{rule}).Of(rule.Operation)
	})
}
