package session

import (
	"reflect"
	"testing"
)

func TestArrangementsAreKeptByProfile(t *testing.T) {
	store, err := OpenStore(testPaths(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := store.Arrangement("prod"); err != nil || !reflect.DeepEqual(got, Arrangement{}) {
		t.Errorf("before anything: %+v, %v", got, err)
	}
	want := Arrangement{Sort: "left", Descending: true, Columns: []ColumnChoice{{ID: "age", Width: 9}, {ID: "bar", Hidden: true}}}
	if err := store.Arrange("prod", func(a *Arrangement) { *a = want }); err != nil {
		t.Fatal(err)
	}
	if err := store.Arrange("prod", func(a *Arrangement) {
		a.SaveFilter("soon", "left<1h")
		a.SaveFilter("night", "mine")
		a.SaveFilter("soon", "left<30m")
	}); err != nil {
		t.Fatal(err)
	}
	if err := store.Arrange("lab", func(a *Arrangement) { a.SaveFilter("x", "y"); a.ForgetFilter("x"); a.ForgetFilter("z") }); err != nil {
		t.Fatal(err)
	}
	again, err := OpenStore(store.Paths())
	if err != nil {
		t.Fatal(err)
	}
	want.Filters = []SavedFilter{{"night", "mine"}, {"soon", "left<30m"}}
	if got, err := again.Arrangement("prod"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("prod is left as %+v, %v; want %+v", got, err, want)
	}
	if got, err := again.Arrangement("lab"); err != nil || len(got.Filters) != 0 {
		t.Errorf("lab is left as %+v, %v", got, err)
	}
}
