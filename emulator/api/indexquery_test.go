package api

import (
	"slices"
	"strings"
	"testing"
)

func TestIndexQueriesAreReadAsFarAsTheyAreUnderstood(t *testing.T) {
	for text, want := range map[string]indexQuery{
		"*":                    {},
		"thingName:*":          {names: []string{"*"}},
		"thingName:Pump-07":    {names: []string{"pump-07"}},
		`thingName:Tank-A\:4`:  {names: []string{"tank-a:4"}},
		`thingName:"Tank-A:4"`: {names: []string{"tank-a:4"}},
		`thingName:"a\\b\"c"`:  {names: []string{`a\b"c`}},
		`thingName:("a" OR b OR c*) AND connectivity.connected:false`: {names: []string{"a", "b", "c*"}, connected: "false"},
		"* connectivity.connected:true":                               {connected: "true"},
	} {
		if got, err := parseIndexQuery(text); err != nil || !slices.Equal(got.names, want.names) || got.connected != want.connected {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "pump", "thingName", "thingName:", "thingName:(a OR b", "thingName:(a b)", "thingName:()", "thingName:a AND", "AND *", "NOT thingName:a",
		"attributes.site:north", "connectivity.connected:perhaps", "thingName:a thingName:b", `thingName:"a`,
		"thingName:(" + strings.Repeat("a OR ", 12) + "a)",
	} {
		if got, err := parseIndexQuery(text); err == nil {
			t.Errorf("%s was understood as %+v", text, got)
		}
	}
	q, _ := parseIndexQuery("thingName:(pump* OR gate-03)")
	if !q.finds("Pump-07") || !q.finds("gate-03") || q.finds("gate-031") || q.finds("cam") {
		t.Error("names are not found as the query says")
	}
}

// FuzzIndexQuery: a query is understood or refused, and one that is understood finds the names that it gives in full.
func FuzzIndexQuery(f *testing.F) {
	f.Add(`thingName:("a" OR b*) AND connectivity.connected:true`)
	f.Add(`thingName:"\"`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseIndexQuery(text)
		if err != nil {
			return
		}
		for _, name := range q.names {
			if !q.finds(name) {
				t.Errorf("%q has the name %q and does not find it", text, name)
			}
		}
	})
}
