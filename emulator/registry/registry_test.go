package registry

import (
	"errors"
	"testing"

	"adit/emulator/tunnels"
)

func TestAThingOfTheFleetHasTheSameIDEachTime(t *testing.T) {
	here, there := tunnels.Scope{Account: "1", Region: "a"}, tunnels.Scope{Account: "2", Region: "a"}
	r := New([]string{"pump"})
	first, err := r.Describe(here, "pump")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Create(here, Thing{Name: "gate"}); err != nil {
		t.Fatal(err)
	}
	if again, err := r.Describe(here, "pump"); err != nil || again.ID != first.ID {
		t.Errorf("the id went from %s to %s: %v", first.ID, again.ID, err)
	}
	if other, err := r.Describe(there, "pump"); err != nil || other.ID == first.ID {
		t.Errorf("another account's thing has the same id: %v", err)
	}
	if _, err := r.Describe(there, "gate"); !errors.Is(err, ErrNotFound) {
		t.Errorf("another account's thing can be seen: %v", err)
	}
}

func TestAPageGoesOnWhereTheOneBeforeEndedWhateverWasDeleted(t *testing.T) {
	scope := tunnels.Scope{}
	r := New([]string{"a", "b", "c", "d"})
	all := func(Thing) bool { return true }
	page, next, err := r.List(scope, all, 2, "")
	if err != nil || len(page) != 2 || next == "" {
		t.Fatalf("%v %q %v", page, next, err)
	}
	for _, name := range []string{"a", "b"} {
		if err := r.Delete(scope, name, 0); err != nil {
			t.Fatal(err)
		}
	}
	page, next, err = r.List(scope, all, 2, next)
	if err != nil || len(page) != 2 || page[0].Name != "c" || next != "" {
		t.Errorf("the second page: %v %q %v", page, next, err)
	}
}
