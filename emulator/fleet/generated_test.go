package fleet

import (
	"slices"
	"testing"

	"adit/pattern"
)

func TestAGeneratedFleetFollowsFromItsSeed(t *testing.T) {
	fleet := Generated(500, 7)
	if len(fleet) != 500 {
		t.Fatalf("%d things, want 500", len(fleet))
	}
	if !slices.Equal(fleet[:len(Demo())], Demo()) {
		t.Error("the things of the demo do not come first")
	}
	if !slices.Equal(fleet, Generated(500, 7)) {
		t.Error("the same seed makes another fleet")
	}
	if slices.Equal(fleet, Generated(500, 8)) {
		t.Error("another seed makes the same fleet")
	}
	names := map[string]bool{}
	reachable := 0
	for _, thing := range fleet {
		if names[thing.Name] || !pattern.Name.MatchString(thing.Name) {
			t.Errorf("the name %q is no good, or there twice", thing.Name)
		}
		names[thing.Name] = true
		if !thing.Offline {
			reachable++
		}
	}
	if reachable < 400 || reachable == len(fleet) {
		t.Errorf("%d of 500 things are reachable", reachable)
	}
}

func TestASmallFleetIsTheBeginningOfTheDemo(t *testing.T) {
	if got := Generated(3, 1); !slices.Equal(got, Demo()[:3]) {
		t.Errorf("three things are %v", got)
	}
	// Nil would mean the whole demo to Config.
	if got := Generated(0, 1); got == nil || len(got) != 0 {
		t.Errorf("no things are %#v", got)
	}
}
